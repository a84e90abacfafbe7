import { afterEach, expect, test } from "bun:test"
import { join } from "node:path"
import { freePorts, until } from "@airside/kernel/testing"

const MAIN = join(import.meta.dir, "../../src/main.ts")
const started: Bun.Subprocess<"ignore", "pipe", "pipe">[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill("SIGKILL")
    await child.exited
  }
})

test("names every bad setting at once and does not start", async () => {
  const child = start({ UI_PORT: "0", PUBLIC_URL: "fly.example" })
  expect(await child.exited).toBe(1)
  const said = await new Response(child.stderr).text()
  for (const name of ["UI_PORT", "PUBLIC_URL", "UI_PRIVATE_KEY"]) expect(said).toContain(name)
})

test("says which port is busy and which setting moves it; SIGTERM ends it in good order", async () => {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair
  const [port] = freePorts(1)
  const settings = {
    UI_PORT: String(port),
    UI_PRIVATE_KEY: JSON.stringify(await crypto.subtle.exportKey("jwk", pair.privateKey)),
    // The services are not there: that makes it not ready, and keeps it up.
    BACKEND_ADDRESS: "127.0.0.1:1",
    PAYMENT_ADDRESS: "127.0.0.1:1",
    LOYALTY_ADDRESS: "127.0.0.1:1",
  }
  const first = start(settings)
  const health = () => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
  await until(async () => (await health())?.ok, 10, "ui being up")

  const second = start(settings)
  expect(await second.exited).toBe(1)
  expect((await new Response(second.stderr).text()).trim()).toBe(
    `port ${port} is busy: another program listens there; set UI_PORT to another one`,
  )

  first.kill("SIGTERM")
  expect(await first.exited).toBe(0)
})

function start(settings: Record<string, string>) {
  const child = Bun.spawn([process.execPath, MAIN], {
    env: { PATH: process.env.PATH, NODE_ENV: "test", LOG_LEVEL: "error", ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  })
  started.push(child)
  return child
}
