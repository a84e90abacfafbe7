import { afterAll, expect, test } from "bun:test"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePorts } from "@airside/kernel/testing"

const dataDir = mkdtempSync(join(tmpdir(), "airside-doctor-"))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const GRPC = ["BACKEND", "PAYMENT", "LOYALTY"].flatMap((name) => [`${name}_PORT`, `${name}_WEB_PORT`])
const PORTS = ["UI_PORT", ...GRPC, "SANDBOX_PORT", "DATABASE_PORT"]
const ports = Object.fromEntries(freePorts(PORTS.length).map((port, index) => [PORTS[index], String(port)]))

test("a healthy machine: no finding fails, and the exit code is 0", async () => {
  const { code, findings } = await doctor({})
  expect(findings.filter(({ result }) => result === "fail")).toEqual([])
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(["bun", "dependencies", "browser", "settings", "disk", "keys", "ports", "database"]),
  )
  expect(code).toBe(0)
})

test("a busy port, keys that others may read and a database that is away: each fails, and the exit code is 1", async () => {
  writeFileSync(join(dataDir, "keys.json"), "{}")
  chmodSync(join(dataDir, "keys.json"), 0o644)
  const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
  const settings = { UI_PORT: String(other.port), DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:9/nowhere" }
  const { code, findings } = await doctor(settings)
  await other.stop(true)
  const failed = findings.filter(({ result }) => result === "fail").map(({ check }) => check)
  expect(failed).toEqual(["keys", "ports", "database"])
  expect(code).toBe(1)
})

test("bad settings are each a finding", async () => {
  const { findings } = await doctor({ UI_PORT: "eighty", RESTART: "maybe" })
  const details = findings.filter(({ check }) => check === "settings").map(({ detail }) => detail)
  expect(details).toEqual([expect.stringContaining("UI_PORT"), expect.stringContaining("RESTART")])
})

test("db:reset drops nothing in production, nor on another's server, nor without being asked to", async () => {
  const refused = async (settings: Record<string, string>, ...args: string[]) => {
    const run = script("db-reset.ts", args, settings)
    const [code, text] = await Promise.all([run.exited, new Response(run.stderr).text()])
    expect(code).toBe(1)
    return text
  }
  expect(await refused({ NODE_ENV: "production" }, "--yes")).toContain("NODE_ENV is production")
  expect(await refused({ DATABASE_URL: "postgres://a:b@127.0.0.1:9/c" })).toContain("--yes drops")
  expect(await refused({})).toContain("say --yes")
})

type Finding = { check: string; result: string; detail: string }

async function doctor(settings: Record<string, string>) {
  const run = script("doctor.ts", ["--json"], settings)
  const [code, text] = await Promise.all([run.exited, new Response(run.stdout).text()])
  return { code, findings: JSON.parse(text) as Finding[] }
}

function script(name: string, args: string[], settings: Record<string, string>) {
  return Bun.spawn([process.execPath, join(import.meta.dir, name), ...args], {
    env: { ...process.env, ...ports, DATA_DIR: dataDir, NODE_ENV: "development", ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  })
}
