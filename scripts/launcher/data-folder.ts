import { Database } from "bun:sqlite"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export type DataFolder = { announce: (owner: Owner) => void; release: () => void }
type Owner = { process: number; url?: string }

/**
 * Takes the data folder for this process alone, or throws an error that says who has it. The lock is SQLite's on an
 * empty file: the operating system drops it with the process, so a crash leaves nothing to clean up, and a process
 * number that is used again confuses nobody.
 */
export function takeDataFolder(dataDir: string): DataFolder {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = new Database(join(dataDir, "lock"), { create: true })
  const ownerFile = join(dataDir, "running.json")
  try {
    lock.run("begin exclusive")
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error
    throw new DataFolderTaken(dataDir, readOwner(ownerFile))
  }
  const announce = (owner: Owner) => writeFileSync(ownerFile, JSON.stringify(owner))
  announce({ process: process.pid })
  return { announce, release: () => lock.close() }
}

export class DataFolderTaken extends Error {
  constructor(dataDir: string, { process, url }: Partial<Owner>) {
    const who = process ? ` as process ${process}${url ? `, ${url}` : ""}` : ""
    super(
      `Airside runs already on the data folder ${dataDir}${who}: stop it first, or set DATA_DIR and the ports to others`,
    )
  }
}

function readOwner(path: string): Partial<Owner> {
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Owner) : {}
  } catch {
    return {} // it is being written
  }
}
