/**
 * `bun run doctor [--json]`: what stands between this machine and a running Airside. One line for each check: ok,
 * warn (it works, but) or fail; exit code 1 when any failed. Changes nothing.
 */

import { existsSync, readFileSync, statfsSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

type Finding = { check: string; result: "ok" | "warn" | "fail"; detail: string }

const ROOT = resolve(import.meta.dir, "..")
const findings: Finding[] = []
const note = (check: string, result: Finding["result"], detail: string) => findings.push({ check, result, detail })

checkBun()
if (existsSync(join(ROOT, "node_modules/postgres"))) {
  note("dependencies", "ok", "installed")
  await checkInstallation()
} else {
  note("dependencies", "fail", "not installed: run bun install (bun run start does it by itself)")
}

if (process.argv.includes("--json")) console.log(JSON.stringify(findings, null, 2))
else for (const { check, result, detail } of findings) console.log(`${result.padEnd(4)}  ${check}: ${detail}`)
process.exit(findings.some(({ result }) => result === "fail") ? 1 : 0)

function checkBun() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { engines: { bun: string } }
  if (Bun.version === engines.bun) note("bun", "ok", Bun.version)
  else note("bun", "warn", `${Bun.version}, made for ${engines.bun}: npx -y bun@${engines.bun} run start uses that one`)
}

async function checkInstallation() {
  const { readInstallation } = await import("./launcher/settings.ts")
  checkBrowser(await import("./launcher/browser.ts"))
  let installation: ReturnType<typeof readInstallation>
  try {
    installation = readInstallation()
    note("settings", "ok", "valid")
  } catch (error) {
    for (const problem of (error as Error).message.split("\n")) note("settings", "fail", problem)
    return
  }
  checkDisk(installation.dataDir)
  checkKeys(installation.dataDir)
  const running = await checkRunning(installation)
  await checkDatabase(installation, running)
}

function checkBrowser({ findBrowser }: typeof import("./launcher/browser.ts")) {
  const browser = findBrowser()
  if ("program" in browser) note("browser", "ok", `${browser.version}, ${browser.program}`)
  else note("browser", "warn", `${browser.missing}; without one bun run test skips the journeys`)
}

function checkDisk(dataDir: string) {
  let folder = dataDir
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = statfsSync(folder)
  const megabytes = Math.floor((bavail * bsize) / 2 ** 20)
  const result = megabytes < 200 ? "fail" : megabytes < 2000 ? "warn" : "ok"
  note("disk", result, `${megabytes} MiB free for ${dataDir}`)
}

function checkKeys(dataDir: string) {
  const path = join(dataDir, "keys.json")
  if (!existsSync(path)) return note("keys", "ok", "not made yet: the first start makes them")
  const mode = statSync(path).mode & 0o777
  if (mode === 0o600) note("keys", "ok", `${path} is its owner's alone`)
  else note("keys", "fail", `others may read ${path} (mode ${mode.toString(8)}): chmod 600 it`)
}

type Installation = import("./launcher/settings.ts").Installation

async function checkRunning(installation: Installation): Promise<boolean> {
  const { DataFolderTaken, takeDataFolder } = await import("./launcher/data-folder.ts")
  const { portProblems, portsOf } = await import("./launcher/ports.ts")
  if (existsSync(installation.dataDir)) {
    try {
      takeDataFolder(installation.dataDir).release()
    } catch (error) {
      if (!(error instanceof DataFolderTaken)) throw error
      note("ports", "ok", "in use by Airside, which is running")
      return true
    }
  }
  const problems = await portProblems(portsOf(installation))
  for (const problem of problems) note("ports", "fail", problem)
  if (problems.length === 0) note("ports", "ok", "all free")
  return false
}

async function checkDatabase(installation: Installation, running: boolean) {
  const { embedded } = installation
  if (embedded && !running) return note("database", "ok", "embedded, not running: bun run start starts it")
  const { administratorUrl } = await import("./launcher/settings.ts")
  const { pendingMigrations } = await import("./launcher/prepare-database.ts")
  try {
    const pending = await pendingMigrations(administratorUrl(installation))
    note("database", "ok", embedded ? "embedded, running" : "reachable")
    if (pending.length === 0) note("migrations", "ok", "all have run")
    else note("migrations", "warn", `still to run: ${pending.join(", ")}; bun run start or db:migrate runs them`)
  } catch (error) {
    note("database", "fail", `cannot be used: ${(error as Error).message}`)
  }
}
