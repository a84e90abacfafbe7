import { afterAll, beforeAll, expect, test } from "bun:test"
import { Failure } from "@airside/kernel/errors"
import { ANSWER_LOST, askStripe, StripeRefusal } from "./ask-stripe.ts"
import { createStripe } from "./client.ts"

/** A Stripe that answers each request with what the test has laid ready. */
let answers: (() => Response)[] = []
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => answers.shift()?.() ?? error(500, {}) })
const stripe = createStripe("sk_test_secret", `http://127.0.0.1:${server.port}`)
beforeAll(() => server.unref())
afterAll(() => server.stop(true))

const error = (status: number, body: object, headers: Record<string, string> = {}) =>
  Response.json({ error: { type: "invalid_request_error", message: "no", ...body } }, { status, headers })

const ask = async (...laidReady: (() => Response)[]) => {
  answers = laidReady
  return askStripe(() => stripe.customers.create({}, { idempotencyKey: "k" })).catch((thrown) => thrown)
}

test("what may pass by itself is STRIPE_UNAVAILABLE, after one request", async () => {
  for (const status of [429, 500, 502, 503]) {
    const thrown = await ask(
      () => error(status, {}),
      () => Response.json({ id: "cus_1" }),
    )
    expect(thrown).toBeInstanceOf(Failure)
    expect(thrown.reason).toBe("STRIPE_UNAVAILABLE")
    expect(answers).toHaveLength(1)
  }
  const nowhere = createStripe("sk_test_secret", "http://127.0.0.1:1")
  const thrown = await askStripe(() => nowhere.customers.create({})).catch((thrown) => thrown)
  expect(thrown.reason).toBe("STRIPE_UNAVAILABLE")
})

test("a gateway's own page in Stripe's place says nothing of what Stripe did: STRIPE_UNAVAILABLE", async () => {
  for (const status of [200, 502]) {
    const thrown = await ask(() => new Response("<h1>Bad Gateway</h1>", { status }))
    expect(thrown.reason).toBe("STRIPE_UNAVAILABLE")
  }
})

test("a twin under way is waited for", async () => {
  const busy = () => error(409, { type: "idempotency_error", code: "idempotency_key_in_use" })
  const locked = () => error(429, { code: "lock_timeout" })
  expect(await ask(busy, locked, () => Response.json({ id: "cus_1" }))).toMatchObject({ id: "cus_1" })
})

test("a crash that Stripe repeats for the key says that the answer is lost", async () => {
  const thrown = await ask(() => error(500, { type: "api_error" }, { "Idempotent-Replayed": "true" }))
  expect(thrown).toBeInstanceOf(StripeRefusal)
  expect(thrown.code).toBe(ANSWER_LOST)
})

test("a refusal keeps code and parameter, and neither key nor objects", async () => {
  const intent = { id: "pi_1", client_secret: "pi_1_secret_2" }
  const thrown = await ask(() => error(400, { code: "resource_missing", param: "customer", payment_intent: intent }))
  expect(thrown).toBeInstanceOf(StripeRefusal)
  expect(thrown).toMatchObject({ code: "resource_missing", param: "customer" })
  const shown = JSON.stringify([thrown, thrown.message, thrown.stack])
  for (const secret of ["sk_test_secret", "pi_1_secret_2"]) expect(shown).not.toContain(secret)
})

test("a decline keeps the bank's codes", async () => {
  const decline = { type: "card_error", code: "card_declined", decline_code: "lost_card" }
  const thrown = await ask(() => error(402, decline))
  expect(thrown).toMatchObject({
    reason: "CARD_DECLINED",
    metadata: { code: "card_declined", decline_code: "lost_card" },
  })
  expect(thrown.message).not.toMatch(/lost/)
})
