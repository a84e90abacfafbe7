import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import { type MinimalStripe, startMinimalStripe } from "../../test/minimal-stripe.ts"
import {
  byMethod,
  createPayment,
  onHostedPage,
  type PaymentWorld,
  startPaymentWorld,
} from "../../test/payment-world.ts"

/** The happy path against a server that is not Stripe's, and whose objects have only what cannot be done without. */
let world: PaymentWorld
let other: MinimalStripe
beforeAll(async () => {
  world = await startPaymentWorld()
  other = startMinimalStripe()
  world.wire.connectTo(other.url)
})
afterAll(async () => {
  await world?.stop()
  other?.stop()
})

test("a card pays and is refunded, in the books as well, without a word about the card", async () => {
  const payment = await createPayment(world, { bookingReference: "OTHER1" })
  const payer = world.person(payment.userId)
  const { payment: paid } = await payer.processPayment(byMethod(payment.id, "pm_card_visa"))
  expect(paid).toMatchObject({ status: PaymentStatus.SUCCEEDED, cardBrand: "", cardLast4: "" })
  const amount = { currency: "USD", minorUnits: 345n }
  const refund = { requestId: newId(), refundId: newId(), paymentId: payment.id, amount }
  expect((await world.backend.refundPayment(refund)).payment!.refunded).toEqual(amount)
  const { events } = await payer.listMoneyEvents({ bookingReference: "OTHER1", pageSize: 0, pageToken: "" })
  expect(events.map(({ description }) => description)).toContain("Paid: the card was authorised and charged.")
})

test("the hosted page is opened and paid", async () => {
  const payment = await createPayment(world)
  const { redirectUrl } = await world.person(payment.userId).processPayment(onHostedPage(payment.id))
  expect(redirectUrl).toStartWith("http://page.test/cs_")
  other.paySession(redirectUrl.slice("http://page.test/".length))
  const seen = await world.backend.getPayment({ paymentId: payment.id, refresh: true })
  expect(seen.payment!.status).toBe(PaymentStatus.SUCCEEDED)
})

test("what is not paid is closed, an intent and a page", async () => {
  const [byCard, byPage] = [await createPayment(world), await createPayment(world)]
  await world.person(byPage.userId).processPayment(onHostedPage(byPage.id))
  for (const { id } of [byCard, byPage]) {
    const { payment } = await world.backend.cancelPayment({ requestId: newId(), paymentId: id })
    expect(payment!.status).toBe(PaymentStatus.CANCELLED)
  }
})

test("a card is saved, chosen and forgotten", async () => {
  const person = world.person(newId())
  const { card } = await person.addBankCard({ requestId: newId(), paymentMethod: "pm_card_visa" })
  expect(card).toMatchObject({ brand: "visa", last4: "4242", isDefault: true })
  await person.setDefaultBankCard({ requestId: newId(), bankCardId: card!.id })
  await person.removeBankCard({ requestId: newId(), bankCardId: card!.id })
  expect((await person.listBankCards({ pageSize: 0, pageToken: "" })).cards).toEqual([])
})
