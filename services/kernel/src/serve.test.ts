import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { identities } from "../test/probe.ts"
import { createTestDatabase, freePorts, type TestDatabase, until } from "./testing.ts"

let home: TestDatabase
let environment: Record<string, string>
beforeAll(async () => {
  home = await createTestDatabase()
  const { kty, crv, x } = identities.privateKeys.backend
  environment = {
    PATH: process.env.PATH!,
    LOYALTY_PORT: String(freePorts(1)[0]),
    LOYALTY_DATABASE_URL: home.urlOf("loyalty"),
    IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ kty, crv, x, kid: "backend", alg: "EdDSA" }] }),
  }
})
afterAll(() => home.drop())

const start = (settings: Record<string, string>) =>
  Bun.spawn([process.execPath, join(import.meta.dir, "../test/serve-nothing.ts")], {
    env: settings,
    stdout: "pipe",
    stderr: "pipe",
  })

test("a process serves, sweeps, and ends in good order on SIGTERM", async () => {
  const child = start(environment)
  const lines: string[] = []
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of child.stdout) lines.push(...decoder.decode(chunk).trim().split("\n"))
  })()
  const said = (text: string) => async () => lines.some((line) => line.includes(text))
  await until(said("loyalty serves"), 10, "the process serving")
  await until(said("swept"), 5, "a sweep")
  child.kill("SIGTERM")
  expect(await child.exited).toBe(0)
  await reading
  expect(lines.at(-1)).toContain("closed")
})

test("a busy port is one line that says which setting moves it", async () => {
  const holder = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } })
  const child = start({ ...environment, LOYALTY_PORT: String(holder.port) })
  expect(await child.exited).toBe(1)
  expect((await new Response(child.stderr).text()).trim()).toBe(
    `port ${holder.port} is busy: another program listens there; set LOYALTY_PORT to another one`,
  )
  holder.stop(true)
})

test("bad settings, half of TLS included, are told without a stack", async () => {
  const bad = start({ ...environment, LOYALTY_PORT: "x", LOYALTY_DATABASE_URL: "" })
  expect(await bad.exited).toBe(1)
  const lines = (await new Response(bad.stderr).text()).trim().split("\n")
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["LOYALTY_PORT", "LOYALTY_DATABASE_URL"])
  const half = start({ ...environment, TLS_KEY_FILE: "key.pem" })
  expect(await half.exited).toBe(1)
  expect((await new Response(half.stderr).text()).trim().split("\n")).toHaveLength(1)
})
