import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { BenchProduct } from "./product.ts"

/** Resident megabytes (2^20 bytes) of a process. */
async function residentMegabytes(pid: number): Promise<number> {
  const file = `/proc/${pid}/status`
  if (existsSync(file)) return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0) / 1024
  return Number(await Bun.$`ps -o rss= -p ${pid}`.quiet().text()) / 1024
}

/** Of every process of the product by name; PostgreSQL's many are one, with what they share counted once, on Linux. */
export async function residentMegabytesOf(product: BenchProduct): Promise<Record<string, number>> {
  const megabytes: Record<string, number> = {}
  for (const [name, { pid }] of product.processes) megabytes[name] = await residentMegabytes(pid)
  const server = Number(readFileSync(join(product.trial.folder, "postgres/postmaster.pid"), "utf8").split("\n")[0])
  if (existsSync("/proc/self/smaps_rollup")) megabytes.postgres = sharedFairly([server, ...childrenOf(server)])
  return megabytes
}

/** PSS: what several processes share counts for each by its part. */
function sharedFairly(pids: number[]): number {
  const kilobytes = pids.map((pid) => {
    try {
      return Number(/^Pss:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0)
    } catch {
      return 0 // it has just ended
    }
  })
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      // "pid (name) state parent …"; a name may have spaces and brackets.
      const [, after = ""] = /^.*\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? []
      return Number(after) === parent
    } catch {
      return false
    }
  })
}
