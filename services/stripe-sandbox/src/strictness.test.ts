import { afterAll, expect, test } from "bun:test"
import { refusal, testSandbox } from "./testing.ts"

/** What Stripe refuses, the sandbox refuses: with the same status, code and parameter, and without any effect. */
const { stripe, stop } = testSandbox()
afterAll(stop)

const fare = { amount: 5000, currency: "usd", allowed_payment_method_types: ["card"] }
const pay = (more: object = {}) =>
  stripe.paymentIntents.create({ ...fare, confirm: true, payment_method: "pm_card_visa", ...more })

test("more than was paid is not refunded, at once or bit by bit", async () => {
  const { id } = await pay()
  expect(await refusal(stripe.refunds.create({ payment_intent: id, amount: 5001 }))).toMatchObject({
    statusCode: 400,
    param: "amount",
  })
  await stripe.refunds.create({ payment_intent: id, amount: 4000 })
  expect(await refusal(stripe.refunds.create({ payment_intent: id, amount: 1001 }))).toMatchObject({ param: "amount" })
  await stripe.refunds.create({ payment_intent: id, amount: 1000 })
  expect(await refusal(stripe.refunds.create({ payment_intent: id, amount: 1 }))).toMatchObject({
    code: "charge_already_refunded",
  })
  const refunds = await stripe.refunds.list({ payment_intent: id })
  expect(refunds.data.map(({ amount }) => amount)).toEqual([1000, 4000])
})

test("what was set aside is captured once, and never more of it", async () => {
  const held = await pay({ capture_method: "manual" })
  expect(held).toMatchObject({ status: "requires_capture", amount_capturable: 5000, amount_received: 0 })
  expect(await refusal(stripe.refunds.create({ payment_intent: held.id }))).toMatchObject({ statusCode: 400 })
  expect(await refusal(stripe.paymentIntents.capture(held.id, { amount_to_capture: 5001 }))).toMatchObject({
    code: "amount_too_large",
  })
  const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 3000, expand: ["latest_charge"] })
  expect(captured).toMatchObject({ status: "succeeded", amount_received: 3000, amount_capturable: 0 })
  expect(captured.latest_charge).toMatchObject({ captured: true, amount_captured: 3000 })
  for (const id of [held.id, (await pay()).id]) {
    expect(await refusal(stripe.paymentIntents.capture(id))).toMatchObject({
      statusCode: 400,
      code: "payment_intent_unexpected_state",
    })
  }
})

test("what was set aside and cancelled is neither captured nor confirmed", async () => {
  const held = await pay({ capture_method: "manual" })
  const ended = await stripe.paymentIntents.cancel(held.id, { expand: ["latest_charge"] })
  expect(ended).toMatchObject({ status: "canceled", amount_capturable: 0, latest_charge: { captured: false } })
  expect(await refusal(stripe.paymentIntents.capture(held.id))).toMatchObject({
    code: "payment_intent_unexpected_state",
  })
  expect(await refusal(stripe.paymentIntents.confirm(held.id, { payment_method: "pm_card_visa" }))).toMatchObject({
    code: "payment_intent_unexpected_state",
  })
})

test("a card of another customer's pays nothing, and is attached to nobody else", async () => {
  const [ada, grace] = await Promise.all([stripe.customers.create(), stripe.customers.create()])
  const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: ada.id })
  expect(await refusal(pay({ customer: grace.id, payment_method: method.id }))).toMatchObject({
    statusCode: 400,
    code: "resource_missing",
    param: "payment_method",
  })
  expect(await refusal(pay({ payment_method: method.id }))).toMatchObject({ statusCode: 400, param: "payment_method" })
  expect(await refusal(stripe.paymentMethods.attach(method.id, { customer: grace.id }))).toMatchObject({
    code: "payment_method_unexpected_state",
  })
  expect((await stripe.paymentIntents.list({ customer: grace.id })).data).toEqual([])
})

test("a currency that is none, and a page with two currencies", async () => {
  expect(await refusal(pay({ currency: "zzz" }))).toMatchObject({ statusCode: 400, param: "currency" })
  const item = (currency: string) => ({
    price_data: { currency, unit_amount: 5000, product_data: { name: "A seat" } },
    quantity: 1,
  })
  const page = { mode: "payment" as const, success_url: "https://shop.example" }
  expect(
    await refusal(stripe.checkout.sessions.create({ ...page, line_items: [item("usd"), item("eur")] })),
  ).toMatchObject({ statusCode: 400, param: "line_items" })
})

test("less than Stripe's least is neither charged nor put on a page", async () => {
  const least: [string, number][] = [
    ["usd", 50],
    ["gbp", 30],
    ["jpy", 50],
    ["huf", 17_500],
  ]
  for (const [currency, amount] of least) {
    expect(await refusal(pay({ currency, amount: amount - 1 }))).toMatchObject({
      code: "amount_too_small",
      param: "amount",
    })
    expect((await pay({ currency, amount })).status).toBe("succeeded")
  }
})
