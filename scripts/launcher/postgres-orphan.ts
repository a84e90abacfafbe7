import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { join } from "node:path"

/**
 * Ends a server that an earlier run left behind on this cluster, and removes the pid file of one that is gone. The caller
 * holds the data folder's lock, so it is nobody else's server. PostgreSQL recovers by itself from what it did not
 * finish; only a pid that by now belongs to another program would keep it from starting.
 */
export async function endOrphan(cluster: string): Promise<void> {
  const pidFile = join(cluster, "postmaster.pid")
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0])
  if (runsOn(cluster, pid)) process.kill(pid, "SIGINT")
  const deadline = Date.now() + 5000
  while (runsOn(cluster, pid)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL of an earlier run (process ${pid}) does not end`)
    await Bun.sleep(50)
  }
  rmSync(pidFile, { force: true })
}

/** A server's working folder is its cluster. */
function runsOn(cluster: string, pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false
  try {
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === cluster
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes(cluster)
  } catch {
    return false
  }
}
