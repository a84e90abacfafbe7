import { afterAll, expect, test } from "bun:test"
import { refusal, testSandbox } from "./testing.ts"

const { stripe, stop } = testSandbox()
afterAll(stop)

const paid = (amount = 10_000) =>
  stripe.paymentIntents.create({
    amount,
    currency: "usd",
    allowed_payment_method_types: ["card"],
    payment_method: "pm_card_visa",
    confirm: true,
  })

test("a refund in parts, up to what was paid and no further", async () => {
  const intent = await paid()
  const first = await stripe.refunds.create({
    payment_intent: intent.id,
    amount: 4000,
    metadata: { cancellation: "c-1" },
  })
  expect(first).toMatchObject({ status: "succeeded", amount: 4000, metadata: { cancellation: "c-1" } })
  const over = await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 6001 }))
  expect(over).toMatchObject({ statusCode: 400, param: "amount" })
  expect(over.message).toBe("Refund amount ($60.01) is greater than unrefunded amount on charge ($60.00)")

  const rest = await stripe.refunds.create({ charge: intent.latest_charge as string })
  expect(rest).toMatchObject({ amount: 6000, payment_intent: intent.id })
  const more = await refusal(stripe.refunds.create({ payment_intent: intent.id }))
  expect(more).toMatchObject({ statusCode: 400, code: "charge_already_refunded" })

  expect(await stripe.charges.retrieve(intent.latest_charge as string)).toMatchObject({
    amount_refunded: 10_000,
    refunded: true,
  })
  const listed = await stripe.refunds.list({ payment_intent: intent.id })
  expect(listed.data.map((refund) => refund.id)).toEqual([rest.id, first.id])
  expect((await stripe.refunds.list({ charge: intent.latest_charge as string })).data).toHaveLength(2)
  expect(await stripe.refunds.retrieve(first.id)).toEqual(first)
})

test("a refund tells its story in events", async () => {
  const intent = await paid()
  const refund = await stripe.refunds.create({ payment_intent: intent.id })
  const events = await stripe.events.list({ limit: 2 })
  expect(events.data.map((event) => event.type)).toEqual(["charge.refunded", "refund.created"])
  expect(events.data[1]?.data.object).toMatchObject({ id: refund.id })
})

test("what was not paid is not refunded", async () => {
  const { id } = await stripe.paymentIntents.create({ amount: 5000, currency: "usd" })
  expect((await refusal(stripe.refunds.create({ payment_intent: id }))).message).toContain(
    "does not have a successful charge",
  )
  expect(await refusal(stripe.refunds.create({}))).toMatchObject({ statusCode: 400, code: "parameter_missing" })
})
