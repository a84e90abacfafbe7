import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { card, client, header, submit, until } from "./testing.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stripe-sandbox-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

test("a killed sandbox loses nothing: objects, open sessions and answered keys", async () => {
  const port = freePort()
  const stripe = client(port)
  const fare = {
    amount: 5000,
    currency: "usd",
    allowed_payment_method_types: ["card"],
    payment_method: "pm_card_visa",
    confirm: true,
  }
  const first = await started(port)
  const intent = await stripe.paymentIntents.create(fare, { idempotencyKey: "pay-1" })
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    success_url: "https://shop.example/done",
    line_items: [{ quantity: 1, price_data: { currency: "usd", unit_amount: 900, product_data: { name: "Seat" } } }],
  })
  first.kill("SIGKILL")
  await first.exited

  const second = await started(port)
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: "succeeded" })
  const replayed = await stripe.paymentIntents.create(fare, { idempotencyKey: "pay-1" })
  expect([replayed.id, header(replayed, "idempotent-replayed")]).toEqual([intent.id, "true"])
  expect((await submit(session.url ?? "", card("4242424242424242"))).status).toBe(303)

  const told = Date.now()
  second.kill("SIGTERM")
  expect(await second.exited).toBe(0)
  expect(Date.now() - told).toBeLessThan(2000)
})

test("a busy port is one line that says which and how to choose another", async () => {
  const port = freePort()
  const holder = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response() })
  const process = start(port, { DATA_DIR: join(folder, "busy") })
  expect(await process.exited).toBe(1)
  expect(await new Response(process.stderr).text()).toBe(
    `stripe-sandbox: port ${port} is in use: another one is chosen with SANDBOX_PORT\n`,
  )
  await holder.stop(true)
})

test("it refuses to stand in for Stripe in production", async () => {
  const process = start(freePort(), { NODE_ENV: "production" })
  expect(await process.exited).toBe(1)
  expect(await new Response(process.stderr).text()).toContain("NODE_ENV is production")
})

function start(port: number, environment: Record<string, string> = {}) {
  return Bun.spawn([process.execPath, join(import.meta.dir, "main.ts")], {
    env: { PATH: process.env.PATH ?? "", SANDBOX_PORT: String(port), DATA_DIR: folder, ...environment },
    stdout: "ignore",
    stderr: "pipe",
  })
}

async function started(port: number) {
  const process = start(port)
  await until(() =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.ok,
      () => false,
    ),
  )
  return process
}

function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() })
  const port = server.port ?? 0
  server.stop(true)
  return port
}
