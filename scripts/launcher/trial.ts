/**
 * An installation of its own, in a temporary folder and on free ports, beside whatever runs on this machine: for scripts
 * that try the product out and leave nothing of it.
 */

import { mkdirSync, mkdtempSync, openSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { migrate, SERVICES } from "@airside/kernel/migrate"
import { grpcIsServing, httpIsHealthy } from "./health.ts"
import { freePort } from "./ports.ts"
import { type AirsideProcess, PROCESSES } from "./processes.ts"
import { completeEnvironment, ROOT, readInstallation } from "./settings.ts"

export interface Trial {
  /** Of the database, the sandbox's file and, in `logs`, what each process says. */
  folder: string
  /** Every setting of the installation. */
  environment: Record<string, string>
}

const START_SECONDS = 20
const PORTS = [
  "UI",
  "SANDBOX",
  "DATABASE",
  ...["BACKEND", "PAYMENT", "LOYALTY"].flatMap((name) => [name, `${name}_WEB`]),
]

/** Makes the folder and the settings; nothing runs yet. `name` is part of the folder's name. */
export async function prepareTrial(name: string, settings: Record<string, string> = {}): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), `airside-${name}-`))
  mkdirSync(join(folder, "logs"))
  const ports: Record<string, string> = {}
  for (const port of PORTS) ports[`${port}_PORT`] = String(await freePort())
  const given = { ...ports, DATA_DIR: folder, ...settings }
  return { folder, environment: await completeEnvironment(readInstallation(given), given) }
}

/** Brings the schema of every service up to date in the trial's database. */
export async function migrateTrial({ environment }: Trial): Promise<void> {
  for (const service of SERVICES) {
    const password = new URL(environment[`${service.toUpperCase()}_DATABASE_URL`]!).password
    await migrate({ url: environment.DATABASE_URL!, service, password: decodeURIComponent(password) })
  }
}

export const processOf = (name: string): AirsideProcess => PROCESSES.find((process) => process.name === name)!

export interface SpawnOptions {
  /** Beside the usual ones. */
  settings?: Record<string, string>
  /** A file that Bun loads before the process's own code. */
  preload?: string
  /** Further options of Bun. */
  flags?: string[]
  /** Name of the log. */
  log?: string
}

/** Starts one of Airside's processes by its main.ts, with the settings that it reads and nothing else. */
export function spawnProcess(
  { folder, environment }: Trial,
  { name, script, settings, runtime }: AirsideProcess,
  { settings: further = {}, preload, flags = [], log = name }: SpawnOptions = {},
): Bun.Subprocess {
  const output = openSync(join(folder, "logs", `${log}.log`), "a")
  const known = settings.flatMap((each) => (environment[each] === undefined ? [] : [[each, environment[each]!]]))
  const { PATH, HOME, TMPDIR } = process.env
  return Bun.spawn(
    [process.execPath, "--no-env-file", ...flags, ...(preload ? ["--preload", preload] : []), join(ROOT, script)],
    {
      cwd: ROOT,
      env: { PATH, HOME, TMPDIR, ...runtime, ...Object.fromEntries(known), ...further },
      stdin: "ignore",
      stdout: output,
      stderr: output,
      // The channel is how a process learns that the script is gone.
      ipc() {},
    },
  )
}

/** Asks until the process serves at `address`. Throws after 20 s; `whileWaiting` may throw before. */
export async function untilServing(
  { name, health }: AirsideProcess,
  address: string,
  whileWaiting: () => void = () => {},
): Promise<void> {
  const giveUpTime = Date.now() + START_SECONDS * 1000
  const isServing = () => (health === "grpc" ? grpcIsServing(address) : httpIsHealthy(`http://${address}${health}`))
  while (!(await isServing())) {
    whileWaiting()
    if (Date.now() > giveUpTime) throw new Error(`${name} does not serve after ${START_SECONDS} s: see its log`)
    await Bun.sleep(50)
  }
}

const INTERRUPTED = 130

/** Resolves with the exit code when somebody wants the script to end; what is under way then fails unheard. */
export function interrupted(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(INTERRUPTED))
  })
}
