import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { MoneyEventKind } from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  createPayment,
  deliverEvents,
  onHostedPage,
  type Payments,
  type PaymentWorld,
  payOnPage,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())

let references = 0
const newReference = () => `MONEY${++references}`
const eventsOf = async (caller: Payments, bookingReference: string, pageSize = 100, pageToken = "") =>
  caller.listMoneyEvents({ bookingReference, pageSize, pageToken })

async function eventfulBooking() {
  const bookingReference = newReference()
  const payment = await createPayment(world, { bookingReference })
  const payer = world.person(payment.userId)
  await reasonOf(payer.processPayment(byMethod(payment.id, "pm_card_chargeDeclinedInsufficientFunds")))
  await payer.processPayment(byMethod(payment.id, "pm_card_visa"))
  const amount = { currency: "USD", minorUnits: 345n }
  await world.backend.refundPayment({ requestId: newId(), refundId: newId(), paymentId: payment.id, amount })
  await deliverEvents(world, payment.id)
  return { bookingReference, payment, payer }
}

test("a booking's money is told in plain words, oldest first, a decline with its reason", async () => {
  const { bookingReference, payer } = await eventfulBooking()
  const { events } = await eventsOf(payer, bookingReference.toLowerCase())
  expect(events.map(({ description, amount }) => [description, amount!.minorUnits])).toEqual([
    ["A payment was asked for.", 12_345n],
    [
      "Visa ending in 9995 was declined, and nothing was charged. There is not enough money on this card. Try another card.",
      12_345n,
    ],
    ["Paid: Visa ending in 4242 was authorised and charged.", 12_345n],
    ["A refund was asked for.", 345n],
    ["Refunded to Visa ending in 4242. Banks show it within 5 to 10 working days.", 345n],
  ])
  const times = events.map(({ eventTime }) => eventTime!.getTime())
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  for (const { stripeId, paymentId, debitAccount } of events)
    expect([stripeId, paymentId, debitAccount]).toEqual(["", "", ""])
})

test("staff also sees Stripe's ids, what the ledger moved, Stripe's words and the events", async () => {
  const { bookingReference, payment } = await eventfulBooking()
  const { events } = await eventsOf(world.person(newId(), true), bookingReference)
  const paid = events.find(({ kind }) => kind === MoneyEventKind.PAID)!
  expect(paid).toMatchObject({ paymentId: payment.id, debitAccount: "stripe_balance", creditAccount: "customer_funds" })
  expect(paid.stripeId).toMatch(/^pi_/)
  const declined = events.find(({ kind }) => kind === MoneyEventKind.DECLINED)!
  expect(declined.description).toEndWith("(card_declined, insufficient_funds)")
  expect(declined.stripeId).toMatch(/^ch_/)
  const webhooks = events.filter(({ kind }) => kind === MoneyEventKind.WEBHOOK)
  expect(webhooks.map(({ description }) => description)).toContain("Stripe sent the event payment_intent.succeeded.")
  for (const webhook of webhooks)
    expect(webhook).toMatchObject({ stripeId: expect.stringMatching(/^evt_/), amount: undefined })
})

test("an attempt that was declined on the hosted page, and a closed request, are told too", async () => {
  const bookingReference = newReference()
  const payment = await createPayment(world, { bookingReference, userId: "" })
  const guest = world.guest(payment.bookingId)
  const { redirectUrl } = await guest.processPayment(onHostedPage(payment.id))
  await payOnPage(redirectUrl, "4000000000000002")
  await world.backend.getPayment({ paymentId: payment.id, refresh: true })
  await world.backend.cancelPayment({ requestId: newId(), paymentId: payment.id })
  const { events } = await eventsOf(guest, bookingReference)
  expect(events.map(({ kind }) => kind)).toEqual([
    MoneyEventKind.REQUESTED,
    MoneyEventKind.DECLINED,
    MoneyEventKind.CLOSED,
  ])
})

test("pages follow one another without a gap, and are the same for the same question", async () => {
  const { bookingReference, payer } = await eventfulBooking()
  const all = (await eventsOf(payer, bookingReference)).events
  const seen = []
  for (let token = ""; ; ) {
    const page = await eventsOf(payer, bookingReference, 2, token)
    seen.push(...page.events)
    if (!page.nextPageToken) break
    token = page.nextPageToken
  }
  expect(seen).toEqual(all)
  const beyond = Buffer.from(JSON.stringify(["2026-11-22 21:00:00+00", "9".repeat(18), "x"])).toString("base64url")
  expect(await reasonOf(eventsOf(payer, bookingReference, 2, beyond))).toBe("none")
})

test("somebody else's money, and nobody's, does not exist", async () => {
  const { bookingReference } = await eventfulBooking()
  for (const stranger of [world.person(newId()), world.guest(newId())]) {
    expect(await reasonOf(eventsOf(stranger, bookingReference))).toBe("PAYMENT_NOT_FOUND")
  }
  for (const reference of ["NOBODY", "", "A\0B", "x".repeat(10_000), "' or true --"]) {
    expect(await reasonOf(eventsOf(world.person(newId(), true), reference))).toBe("PAYMENT_NOT_FOUND")
  }
  expect(await reasonOf(eventsOf(world.anonymous, bookingReference))).toBe("LOG_IN_REQUIRED")
})
