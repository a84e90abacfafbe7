import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  createPayment,
  objectsOf,
  onHostedPage,
  type PaymentWorld,
  paymentRequest,
  payOnPage,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())
afterEach(() => world.wire.mend())

const see = async (paymentId: string, refresh = false) =>
  (await world.backend.getPayment({ paymentId, refresh })).payment!

test("the owner and backend see a payment, staff all but its keys; to everybody else it does not exist", async () => {
  const payment = await createPayment(world)
  for (const owner of [world.person(payment.userId), world.guest(payment.bookingId)]) {
    const { payment: seen } = await owner.getPayment({ paymentId: payment.id, refresh: false })
    expect(seen).toEqual(payment)
  }
  const { payment: forStaff } = await world.person(newId(), true).getPayment({ paymentId: payment.id, refresh: false })
  expect(forStaff).toEqual({ ...payment, clientSecret: "", checkoutKey: "" })
  for (const stranger of [world.person(newId()), world.guest(newId())]) {
    expect(await reasonOf(stranger.getPayment({ paymentId: payment.id, refresh: true }))).toBe("PAYMENT_NOT_FOUND")
  }
  for (const paymentId of [newId(), "", "x' or true"]) {
    expect(await reasonOf(world.backend.getPayment({ paymentId, refresh: false }))).toBe("PAYMENT_NOT_FOUND")
  }
})

test("only a refresh asks Stripe, and several at once record a success once", async () => {
  const payment = await createPayment(world)
  const { redirectUrl } = await world.person(payment.userId).processPayment(onHostedPage(payment.id))
  await payOnPage(redirectUrl)
  expect((await see(payment.id)).status).toBe(PaymentStatus.OPEN)
  const seen = await Promise.all(Array.from({ length: 5 }, () => see(payment.id, true)))
  expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([PaymentStatus.SUCCEEDED]))
  expect(await world.sql`select 1 from ledger_entries where payment_id = ${payment.id}`).toHaveLength(2)
})

test("a client that confirms by itself, with the client secret, is seen as paid", async () => {
  const payment = await createPayment(world)
  const { intents } = await objectsOf(world, payment.id)
  await world.stripe.paymentIntents.confirm(intents[0]!.id, { payment_method: "pm_card_visa" })
  expect(await see(payment.id, true)).toMatchObject({ status: PaymentStatus.SUCCEEDED, clientSecret: "" })
})

test("another amount than ours never counts as paid", async () => {
  const payment = await createPayment(world)
  const { intents } = await objectsOf(world, payment.id)
  await world.stripe.paymentIntents.update(intents[0]!.id, { amount: 100 })
  const request = byMethod(payment.id, "pm_card_visa")
  expect(await reasonOf(world.person(payment.userId).processPayment(request))).toBe("PAYMENT_MISMATCH")
  expect(await reasonOf(see(payment.id, true))).toBe("PAYMENT_MISMATCH")
  expect((await see(payment.id)).status).toBe(PaymentStatus.OPEN)
  expect(await world.sql`select 1 from ledger_entries where payment_id = ${payment.id}`).toHaveLength(0)
})

test("another payment's money never counts either", async () => {
  const payment = await createPayment(world)
  const { intents } = await objectsOf(world, payment.id)
  await world.stripe.paymentIntents.update(intents[0]!.id, { metadata: { payment_id: newId() } })
  await world.stripe.paymentIntents.confirm(intents[0]!.id, { payment_method: "pm_card_visa" })
  expect(await reasonOf(see(payment.id, true))).toBe("PAYMENT_MISMATCH")
})

test("a refresh finishes an opening whose answer was lost", async () => {
  const request = paymentRequest()
  world.wire.loseAnswer(/POST \/v1\/payment_intents$/)
  await reasonOf(world.backend.createPayment(request))
  expect((await see(request.paymentId, true)).clientSecret).toStartWith("pi_")
})

test("an intent that was cancelled at Stripe's dashboard leaves the payment open, and paying makes a new one", async () => {
  const payment = await createPayment(world)
  await world.stripe.paymentIntents.cancel((await objectsOf(world, payment.id)).intents[0]!.id)
  expect((await see(payment.id, true)).status).toBe(PaymentStatus.OPEN)
  const request = byMethod(payment.id, "pm_card_visa")
  const { payment: paid } = await world.person(payment.userId).processPayment(request)
  expect(paid!.status).toBe(PaymentStatus.SUCCEEDED)
})

test("Stripe out of reach: STRIPE_UNAVAILABLE for a refresh, what we know otherwise", async () => {
  const payment = await createPayment(world)
  world.wire.cut(/./)
  expect(await reasonOf(see(payment.id, true))).toBe("STRIPE_UNAVAILABLE")
  expect((await see(payment.id)).status).toBe(PaymentStatus.OPEN)
})
