import { afterAll, expect, test } from "bun:test"
import type Stripe from "stripe"
import { refusal, submit, testSandbox } from "./testing.ts"

const { stripe, stop } = testSandbox()
afterAll(stop)

const fare = { amount: 12_345, currency: "usd", allowed_payment_method_types: ["card"] }

async function kinds(object: string): Promise<string[]> {
  const events = await stripe.events.list({ limit: 100 })
  return events.data
    .filter((event) => (event.data.object as { id: string }).id === object)
    .map((event) => event.type)
    .reverse()
}

test("a confirmed intent is paid, with a charge and its events", async () => {
  const intent = await stripe.paymentIntents.create({
    ...fare,
    confirm: true,
    payment_method: "pm_card_visa",
    metadata: { payment_id: "p-1" },
    expand: ["latest_charge", "payment_method"],
  })
  expect(intent).toMatchObject({ status: "succeeded", amount_received: 12_345, metadata: { payment_id: "p-1" } })
  expect(intent.latest_charge).toMatchObject({ object: "charge", paid: true, amount_captured: 12_345 })
  expect(intent.payment_method).toMatchObject({ card: { brand: "visa", last4: "4242" } })
  expect(await kinds(intent.id)).toEqual(["payment_intent.created", "payment_intent.succeeded"])
  expect(await kinds((intent.latest_charge as Stripe.Charge).id)).toEqual(["charge.succeeded"])
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: "succeeded" })
})

const DECLINES: [method: string, code: string, declineCode: string][] = [
  ["pm_card_visa_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_visa_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_visa_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_visa_chargeDeclinedProcessingError", "processing_error", "processing_error"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
  ["pm_card_chargeCustomerFail", "card_declined", "generic_decline"],
]
test.each(DECLINES)("%s is declined with %s, and the attempt is kept", async (payment_method, code, decline_code) => {
  const error = await refusal(stripe.paymentIntents.create({ ...fare, confirm: true, payment_method }))
  expect(error).toMatchObject({ type: "StripeCardError", statusCode: 402, code, decline_code })
  const id = error.payment_intent?.id ?? ""
  const intent = await stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] })
  expect(intent).toMatchObject({
    status: "requires_payment_method",
    payment_method: null,
    last_payment_error: { code, decline_code },
    latest_charge: { status: "failed", failure_code: code },
  })
  expect(await kinds(id)).toEqual(["payment_intent.created", "payment_intent.payment_failed"])
})

test("a declined intent is paid with another card", async () => {
  const error = await refusal(
    stripe.paymentIntents.create({ ...fare, confirm: true, payment_method: "pm_card_chargeDeclined" }),
  )
  const paid = await stripe.paymentIntents.confirm(error.payment_intent?.id ?? "", {
    payment_method: "pm_card_mastercard",
  })
  expect(paid).toMatchObject({ status: "succeeded", last_payment_error: null })
  expect((await stripe.charges.list({ payment_intent: paid.id })).data.map((charge) => charge.status)).toEqual([
    "succeeded",
    "failed",
  ])
})

test("3-D Secure: the traveller completes it and returns to the shop", async () => {
  const intent = await challenged()
  const { status, location } = await submit(challengeUrl(intent), { outcome: "complete" })
  expect(status).toBe(303)
  expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject({
    booking: "ABC234",
    payment_intent: intent.id,
    redirect_status: "succeeded",
  })
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: "succeeded", next_action: null })
})

test("3-D Secure: the traveller fails it, and may pay with another card", async () => {
  const intent = await challenged()
  const { location } = await submit(challengeUrl(intent), { outcome: "fail" })
  expect(new URL(location).searchParams.get("redirect_status")).toBe("failed")
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
    status: "requires_payment_method",
    last_payment_error: { code: "payment_intent_authentication_failure" },
  })
  expect(await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa" })).toMatchObject({
    status: "succeeded",
  })
})

test("a challenge that is answered after the intent was cancelled takes no money", async () => {
  const intent = await challenged()
  await stripe.paymentIntents.cancel(intent.id)
  expect((await submit(challengeUrl(intent), { outcome: "complete" })).status).toBe(200)
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: "canceled", latest_charge: null })
})

test("the challenge opens only with the intent's secret", async () => {
  const intent = await challenged()
  const { origin, pathname } = new URL(challengeUrl(intent))
  expect((await submit(`${origin}${pathname}?client_secret=guessed`, { outcome: "complete" })).status).toBe(404)
})

test("off-session, a card that was not set up is declined for want of authentication", async () => {
  const customer = await stripe.customers.create()
  const method = await stripe.paymentMethods.attach("pm_card_authenticationRequired", { customer: customer.id })
  const error = await refusal(
    stripe.paymentIntents.create({
      ...fare,
      customer: customer.id,
      payment_method: method.id,
      confirm: true,
      off_session: true,
    }),
  )
  expect(error).toMatchObject({ statusCode: 402, code: "authentication_required" })
})

test("who will not wait for 3-D Secure is told so, and the intent may be paid with another card", async () => {
  const payment_method = "pm_card_authenticationRequired"
  const error = await refusal(
    stripe.paymentIntents.create({ ...fare, confirm: true, payment_method, error_on_requires_action: true }),
  )
  expect(error).toMatchObject({ statusCode: 402, code: "authentication_required" })
  const id = error.payment_intent?.id ?? ""
  expect(await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" })).toMatchObject({
    status: "succeeded",
  })
})

test("cancelling: once, and not what was paid", async () => {
  const intent = await stripe.paymentIntents.create(fare)
  expect(await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: "abandoned" })).toMatchObject({
    status: "canceled",
    cancellation_reason: "abandoned",
  })
  const paid = await stripe.paymentIntents.create({ ...fare, confirm: true, payment_method: "pm_card_visa" })
  for (const id of [intent.id, paid.id]) {
    const error = await refusal(stripe.paymentIntents.cancel(id))
    expect(error).toMatchObject({ statusCode: 400, code: "payment_intent_unexpected_state" })
    expect(error.payment_intent?.id).toBe(id)
  }
})

test("confirming: not what was paid, cancelled or has no method", async () => {
  const empty = await stripe.paymentIntents.create(fare)
  const paid = await stripe.paymentIntents.create({ ...fare, confirm: true, payment_method: "pm_card_visa" })
  const ended = await stripe.paymentIntents.cancel((await stripe.paymentIntents.create(fare)).id)
  for (const [id, method] of [[empty.id], [paid.id, "pm_card_visa"], [ended.id, "pm_card_visa"]] as const) {
    const error = await refusal(stripe.paymentIntents.confirm(id, method ? { payment_method: method } : {}))
    expect(error).toMatchObject({ statusCode: 400, code: "payment_intent_unexpected_state" })
  }
})

test("amounts that Stripe does not charge are refused", async () => {
  const create = (amount: number, currency = "usd") => refusal(stripe.paymentIntents.create({ amount, currency }))
  expect(await create(49)).toMatchObject({ statusCode: 400, code: "amount_too_small", param: "amount" })
  expect(await create(49, "jpy")).toMatchObject({ code: "amount_too_small" })
  expect(await create(100_000_000)).toMatchObject({ code: "amount_too_large" })
  expect(await create(0)).toMatchObject({ code: "parameter_invalid_integer" })
  expect(await create(10.99)).toMatchObject({ code: "parameter_invalid_integer" })
  expect(await create(5000, "zzz")).toMatchObject({ statusCode: 400, param: "currency" })
})

test("an intent that takes redirects needs a return_url to be confirmed", async () => {
  const redirecting = { amount: 5000, currency: "usd", confirm: true, payment_method: "pm_card_visa" }
  expect((await refusal(stripe.paymentIntents.create(redirecting))).message).toContain("return_url")
  const automatic_payment_methods = { enabled: true, allow_redirects: "never" as const }
  expect(await stripe.paymentIntents.create({ ...redirecting, automatic_payment_methods })).toMatchObject({
    status: "succeeded",
  })
})

test("an intent is changed until it is paid", async () => {
  const intent = await stripe.paymentIntents.create({ ...fare, metadata: { a: "1", b: "2" } })
  expect(await stripe.paymentIntents.update(intent.id, { amount: 999, metadata: { a: "", c: "3" } })).toMatchObject({
    amount: 999,
    metadata: { b: "2", c: "3" },
  })
  await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa" })
  expect(await refusal(stripe.paymentIntents.update(intent.id, { amount: 1000 }))).toMatchObject({
    code: "payment_intent_unexpected_state",
  })
})

async function challenged(): Promise<Stripe.PaymentIntent> {
  const method = await stripe.paymentMethods.create({
    type: "card",
    card: { number: "4000002500003155", exp_month: 12, exp_year: 2034, cvc: "123" },
  })
  const intent = await stripe.paymentIntents.create({
    ...fare,
    confirm: true,
    payment_method: method.id,
    return_url: "https://shop.example/return?booking=ABC234",
  })
  expect(intent).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } })
  expect(await kinds(intent.id)).toEqual(["payment_intent.created", "payment_intent.requires_action"])
  return intent
}

function challengeUrl(intent: Stripe.PaymentIntent): string {
  return intent.next_action?.redirect_to_url?.url ?? ""
}
