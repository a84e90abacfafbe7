import { afterAll, beforeAll, expect, test } from "bun:test"
import type Stripe from "stripe"
import { deviations } from "../test/stripe-shapes.ts"
import { card, submit, testSandbox } from "./testing.ts"

/** Every kind of object that the sandbox answers, as it is on the wire, against the package's declarations of it. */
const { stripe, stop } = testSandbox()
afterAll(stop)

const seen: [object: string, file: string, name: string, value: unknown][] = []
const keep = (file: string, name: string, value: object) => {
  const { lastResponse: _, ...object } = value as { lastResponse?: unknown; object: string }
  seen.push([object.object, file, name, object])
}

beforeAll(async () => {
  const fare = { amount: 5000, currency: "usd", allowed_payment_method_types: ["card"] }
  const customer = await stripe.customers.create({ email: "ada@example.com" })
  keep("Customers", "Customer", customer)
  keep("PaymentMethods", "PaymentMethod", await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id }))
  const paid = await stripe.paymentIntents.create({ ...fare, confirm: true, payment_method: "pm_card_visa" })
  keep("PaymentIntents", "PaymentIntent", paid)
  keep("Charges", "Charge", await stripe.charges.retrieve(paid.latest_charge as string))
  keep("Refunds", "Refund", await stripe.refunds.create({ payment_intent: paid.id, amount: 100 }))
  keep("SetupIntents", "SetupIntent", await stripe.setupIntents.create({ customer: customer.id }))
  await stripe.paymentIntents
    .create({ ...fare, confirm: true, payment_method: "pm_card_chargeDeclined" })
    .catch(() => {})
  for (const intent of (await stripe.paymentIntents.list({ limit: 1 })).data) {
    keep("PaymentIntents", "PaymentIntent", intent)
    keep("Charges", "Charge", await stripe.charges.retrieve(intent.latest_charge as string))
  }
  await stripe.paymentIntents.create({ ...fare, confirm: true, payment_method: "pm_card_createDispute" })
  const [dispute] = (await stripe.disputes.list()).data as [Stripe.Dispute]
  keep("Disputes", "Dispute", dispute)
  keep("BalanceTransactions", "BalanceTransaction", dispute.balance_transactions[0]!)
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    success_url: "https://shop.example/done",
    line_items: [{ price_data: { currency: "usd", unit_amount: 5000, product_data: { name: "A seat" } }, quantity: 1 }],
  })
  keep("Checkout/Sessions", "Session", session)
  await submit(session.url!, card("4242 4242 4242 4242"))
  keep("Checkout/Sessions", "Session", await stripe.checkout.sessions.retrieve(session.id))
  const { data } = await stripe.events.list({ limit: 100 })
  for (const event of data) keep("Events", "EventBase", event)
})

test("every object has Stripe's fields, of Stripe's types, and no others", () => {
  const kinds = new Set(seen.map(([object]) => object))
  expect([...kinds].toSorted()).toEqual([
    "balance_transaction",
    "charge",
    "checkout.session",
    "customer",
    "dispute",
    "event",
    "payment_intent",
    "payment_method",
    "refund",
    "setup_intent",
  ])
  expect(seen.flatMap(([, file, name, value]) => deviations(value, file, name))).toEqual([])
})

test("a field that is missing, null, of another type, or Stripe's no more is found, at any depth", () => {
  const charge = seen.find(([object]) => object === "charge")![3] as Stripe.Charge
  const { outcome, ...withoutOutcome } = charge
  const { type: _, ...withoutType } = outcome!
  expect(deviations(withoutOutcome, "Charges", "Charge")).toEqual(["Charge.outcome: missing"])
  expect(deviations({ ...charge, outcome: withoutType }, "Charges", "Charge")).toEqual(["Charge.outcome.type: missing"])
  expect(deviations({ ...charge, amount: "5000" }, "Charges", "Charge")).toEqual(['Charge.amount: "5000" is no number'])
  expect(deviations({ ...charge, id: null }, "Charges", "Charge")).toEqual(["Charge.id: null is no string"])
  expect(deviations({ ...charge, colour: "red" }, "Charges", "Charge")).toEqual(["Charge.colour: not declared"])
})
