import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { SETTINGS } from "@airside/kernel/config"
import { migrate, SERVICES } from "@airside/kernel/migrate"
import { connectDatabase } from "@airside/kernel/sql"
import { TEST_ROLE_PASSWORD } from "@airside/kernel/testing"
import { findBrowser } from "./browser.ts"
import { whenLauncherIsGone } from "./launchers.ts"
import { type Postgres, startPostgres } from "./postgres.ts"
import { ROOT } from "./settings.ts"

export type TestResult = { passed: number; failed: number; skipped: number; problems: string[] }

const TEMPLATE = "airside_template"

/**
 * Runs `bun test` with a throw-away PostgreSQL, whose migrated template every test file clones, and with the browser
 * that the journeys use. `args` go to `bun test`. Nothing is left behind, neither after Ctrl-C.
 */
export async function runTests(args: string[]): Promise<TestResult> {
  const problems: string[] = []
  const browser = findBrowser({ install: true })
  if ("missing" in browser) {
    problems.push(`THE BROWSER JOURNEYS ARE SKIPPED: ${browser.missing}`)
    console.error(`\n${problems[0]}\n`)
  }
  const interruption = interrupted()
  let server: Postgres | undefined
  try {
    server = await startPostgres({ port: 0, ephemeral: true })
    await createTemplate(server.url)
    const environment = {
      ...withoutSettings(),
      NODE_ENV: "test",
      TEST_DATABASE_URL: server.url,
      TEST_TEMPLATE: TEMPLATE,
      ...("program" in browser && { CHROMIUM: browser.program }),
    }
    const result = await bunTest(args, environment, interruption)
    return { ...result, problems: [...problems, ...result.problems] }
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, problems: [...problems, `no test ran: ${(error as Error).message}`] }
  } finally {
    await server?.stop()
  }
}

/** The operator's settings, such as a Stripe key, are not for tests. */
function withoutSettings() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in SETTINGS) && name !== "CHROMIUM"))
}

async function createTemplate(serverUrl: string) {
  const { sql, close } = connectDatabase({ url: serverUrl, connections: 1 })
  await sql`create database ${sql(TEMPLATE)}`
  await close()
  const url = new URL(serverUrl)
  url.pathname = `/${TEMPLATE}`
  for (const service of SERVICES) await migrate({ url: url.toString(), service, password: TEST_ROLE_PASSWORD })
}

/** The tests' processes are one group of their own: whatever a test leaves behind ends with it. */
async function bunTest(
  args: string[],
  environment: Record<string, string | undefined>,
  interruption: Promise<string>,
): Promise<TestResult> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}
  const tests = spawn(process.execPath, ["test", "--no-env-file", "--timeout=30000", ...args], {
    cwd: ROOT,
    env: { ...environment, ...colour },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  })
  const counts: Record<string, number> = {}
  tests.stdout.pipe(process.stdout, { end: false })
  createInterface({ input: tests.stderr }).on("line", (line) => {
    const summary = /^\s*(\d+) (pass|fail|skip|todo)$/.exec(Bun.stripANSI(line))
    if (summary) counts[summary[2]!] = Number(summary[1])
    console.error(line)
  })
  const ended = new Promise<number | null>((resolve) => tests.once("close", resolve))
  const exited = new Promise<void>((resolve) => tests.once("exit", () => resolve()))
  const why = await Promise.race([interruption, exited])
  endGroup(tests.pid!)
  const code = await ended
  const { pass = 0, fail = 0, skip = 0, todo = 0 } = counts
  const problems = why
    ? [`the tests were interrupted (${why})`]
    : code !== 0 && fail === 0
      ? [`bun test ended with ${code === null ? "a signal" : `exit code ${code}`}`]
      : []
  return { passed: pass, failed: Math.max(fail, problems.length), skipped: skip + todo, problems }
}

function endGroup(leader: number) {
  try {
    process.kill(-leader, "SIGKILL")
  } catch {
    // all of it has left by itself
  }
}

function interrupted(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal))
    whenLauncherIsGone(() => resolve("its launcher is gone"))
  })
}

/** Ends a run: what went wrong besides tests, then the one plain line. Answers the exit code. */
export function report({ passed, failed, skipped, problems }: TestResult): number {
  for (const problem of problems) console.log(problem)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  const journeysMissing = process.env.CI === "true" && problems.length > 0
  return failed > 0 || journeysMissing ? 1 : 0
}
