import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import {
  createPayment,
  objectsOf,
  type PaymentWorld,
  paidPayment,
  reasonOf,
  signed,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())

const event = (object: object, type = "payment_intent.succeeded") => ({
  id: `evt_${newId()}`,
  object: "event",
  type,
  data: { object: { id: "pi_1", ...object } },
})

test("an event that comes ten times is stored once, and always leads to its payment", async () => {
  const payment = await createPayment(world)
  const request = signed(event({ metadata: { payment_id: payment.id } }))
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.ui.recordWebhook(request)))
  expect(answers.filter(({ first }) => first)).toHaveLength(1)
  expect(new Set(answers.map(({ paymentId }) => paymentId))).toEqual(new Set([payment.id]))
  expect(await world.sql`select 1 from webhook_events where id = ${answers[0]!.eventId}`).toHaveLength(1)
})

test("it changes nothing else: an event that says paid is only a hint", async () => {
  const payment = await createPayment(world)
  await world.ui.recordWebhook(signed(event({ metadata: { payment_id: payment.id }, status: "succeeded" })))
  const seen = await world.backend.getPayment({ paymentId: payment.id, refresh: true })
  expect(seen.payment!.status).toBe(PaymentStatus.OPEN)
})

test("the events that Stripe itself makes of a payment and its refund lead back to it", async () => {
  const payment = await paidPayment(world)
  const amount = { currency: "USD", minorUnits: 100n }
  await world.backend.refundPayment({ requestId: newId(), refundId: newId(), paymentId: payment.id, amount })
  const { intents } = await objectsOf(world, payment.id)
  const { data } = await world.stripe.events.list({ limit: 100 })
  const ours = data.filter(({ data: { object } }) => {
    const { id, payment_intent } = object as { id?: string; payment_intent?: string }
    return id === intents[0]!.id || payment_intent === intents[0]!.id
  })
  const types = ours.map(({ type }) => type)
  for (const type of ["payment_intent.succeeded", "charge.succeeded", "charge.refunded", "refund.created"] as const) {
    expect(types).toContain(type)
  }
  for (const each of ours) {
    expect((await world.ui.recordWebhook(signed(each))).paymentId).toBe(payment.id)
  }
})

test("an event of another installation's payment, or of none, is stored and leads nowhere", async () => {
  for (const object of [{ metadata: { payment_id: newId() } }, { metadata: { payment_id: "x" } }, {}]) {
    expect(await world.ui.recordWebhook(signed(event(object)))).toMatchObject({ paymentId: "", first: true })
  }
})

test("a wrong, missing or stale signature, or an altered body: WEBHOOK_SIGNATURE, nothing stored", async () => {
  const sent = event({})
  const good = signed(sent)
  const altered = { ...good, payload: Buffer.from(`${good.payload} `) }
  const wrong = signed(sent, { secret: "whsec_other" })
  const stale = signed(sent, { ageSeconds: 301 })
  for (const request of [altered, wrong, stale, { ...good, signature: "" }, { ...good, signature: "t=1,v1=x" }]) {
    expect(await reasonOf(world.ui.recordWebhook(request))).toBe("WEBHOOK_SIGNATURE")
  }
  expect(await reasonOf(world.ui.recordWebhook(signed("not JSON")))).toBe("WEBHOOK_SIGNATURE")
  expect(await world.sql`select 1 from webhook_events where id = ${sent.id}`).toHaveLength(0)
  expect((await world.ui.recordWebhook(signed(sent, { ageSeconds: 290 }))).first).toBe(true)
})

test("only ui passes events on", async () => {
  const request = signed(event({}))
  expect(await reasonOf(world.anonymous.recordWebhook(request))).toBe("LOG_IN_REQUIRED")
  expect(await reasonOf(world.backend.recordWebhook(request))).toBe("NOT_ALLOWED")
  expect(await reasonOf(world.person(newId(), true).recordWebhook(request))).toBe("NOT_ALLOWED")
})
