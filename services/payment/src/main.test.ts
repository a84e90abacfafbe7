import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { newId } from "@airside/kernel/ids"
import { byMethod, createPayment, onHostedPage, type PaymentWorld, startPaymentWorld } from "../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())

const spawn = (settings: Record<string, string>) =>
  Bun.spawn([process.execPath, "--no-env-file", join(import.meta.dir, "main.ts")], {
    env: { PATH: process.env.PATH, ...world.world.environment, ...settings },
    stdout: "pipe",
    stderr: "pipe",
  })

async function ending(settings: Record<string, string>) {
  const child = spawn(settings)
  const errors = await new Response(child.stderr).text()
  return { code: await child.exited, lines: errors.trim().split("\n") }
}

test("a busy port is one line that says which setting moves it", async () => {
  const port = world.world.environment.PAYMENT_PORT!
  expect(await ending({})).toEqual({
    code: 1,
    lines: [`port ${port} is busy: another program listens there; set PAYMENT_PORT to another one`],
  })
})

test("every missing or malformed setting is named at once, without secrets", async () => {
  const { code, lines } = await ending({
    PAYMENT_DATABASE_URL: "",
    STRIPE_SECRET_KEY: "sk_test_your_key_here",
    SELLING_CURRENCY: "dollars",
  })
  expect(code).toBe(1)
  const named = lines.map((line) => line.split(" ")[0])
  expect(named.toSorted()).toEqual(["PAYMENT_DATABASE_URL", "SELLING_CURRENCY", "STRIPE_SECRET_KEY"])
})

test("the log knows payments, and neither keys, secrets, cards nor addresses of travellers", async () => {
  await world.world.kill("payment")
  const child = spawn({ LOG_LEVEL: "debug" })
  const [forTest, forReading] = child.stdout.tee()
  await firstLine(forTest)
  const payment = await createPayment(world)
  const payer = world.person(payment.userId)
  const attempts = [
    byMethod(payment.id, "pm_card_chargeDeclined"),
    byMethod(payment.id, "pm_unknown"),
    onHostedPage(payment.id),
    byMethod(payment.id, "pm_card_visa"),
    byMethod(payment.id, "4242424242424242"),
  ]
  for (const attempt of attempts) await payer.processPayment(attempt).catch(() => {})
  await world.ui.recordWebhook({ payload: Buffer.from("{}"), signature: newId() }).catch(() => {})
  child.kill()
  const log = await new Response(forReading).text()
  expect(log).toContain("ProcessPayment")
  expect(log).toContain("payment method refused")
  const secrets = ["sk_test_", "whsec_", payment.clientSecret, payment.checkoutKey, "4242424242424242", "ada@example"]
  for (const secret of secrets) expect(log).not.toContain(secret)
  expect(await child.exited).toBe(0)
})

async function firstLine(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader()
  await reader.read()
  reader.cancel()
}
