import { expect, test } from "bun:test"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { chmod } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "@airside/kernel/testing"

const FILE = "scripts/launcher/ports.test.ts"

test("ends with one plain line; a missing browser is loud, and a failure in CI", async () => {
  const run = launch([FILE], { CI: "true", CHROMIUM: "/nowhere/chromium" })
  const lines = (await new Response(run.stdout).text()).trimEnd().split("\n")
  expect(lines.at(-1)).toMatch(/^2 passed, 0 failed, 0 skipped$/)
  expect(lines.at(-2)).toMatch(/^THE BROWSER JOURNEYS ARE SKIPPED: CHROMIUM names \/nowhere\/chromium/)
  expect(await run.exited).toBe(1)
})

test("nothing to run is a failure", async () => {
  const run = launch(["no/such/file.test.ts"], {})
  const text = await new Response(run.stdout).text()
  expect(text).toEndWith("0 passed, 1 failed, 0 skipped\n")
  expect(await run.exited).toBe(1)
})

test("interrupted, it leaves neither processes nor folders", async () => {
  const folder = mkdtempSync(join(tmpdir(), "airside-tests-"))
  await chmod(folder, 0o1777)
  const run = launch([FILE], { TMPDIR: folder })
  await until(async () => readdirSync(folder).some((name) => name.startsWith("airside-postgres-")), 10, "the server")
  run.kill("SIGINT")
  expect(await run.exited).toBe(1)
  await until(async () => readdirSync(folder).length === 0, 5, "the folder's removal")
  rmSync(folder, { recursive: true })
})

function launch(args: string[], settings: Record<string, string>) {
  const { CI: _ci, ...environment } = process.env
  return Bun.spawn([process.execPath, join(import.meta.dir, "test.ts"), ...args], {
    env: { ...environment, ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  })
}
