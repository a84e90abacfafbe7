import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { CancelPaymentRequest, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  createPayment,
  objectsOf,
  onHostedPage,
  type PaymentWorld,
  paidPayment,
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

const cancel = async (paymentId: string) => {
  const request = CancelPaymentRequest.fromPartial({ requestId: newId(), paymentId })
  return (await world.backend.cancelPayment(request)).payment!
}

test("an open intent is cancelled at Stripe before we say so; cancelling again answers the same", async () => {
  const payment = await createPayment(world)
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
  expect((await objectsOf(world, payment.id)).intents[0]!.status).toBe("canceled")
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
})

test("an open session expires", async () => {
  const payment = await createPayment(world)
  const { redirectUrl } = await world.person(payment.userId).processPayment(onHostedPage(payment.id))
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
  expect((await payOnPage(redirectUrl)).status).toBe(410)
})

test("a payment that waits for 3-D Secure is cancelled", async () => {
  const payment = await createPayment(world)
  const request = byMethod(payment.id, "pm_card_authenticationRequired", "http://shop.test/return")
  await world.person(payment.userId).processPayment(request)
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
  expect((await objectsOf(world, payment.id)).open).toEqual([])
})

test("money that came before: succeeded, recorded, and not cancelled", async () => {
  const paid = await paidPayment(world)
  expect((await cancel(paid.id)).status).toBe(PaymentStatus.SUCCEEDED)

  const onPage = await createPayment(world)
  const { redirectUrl } = await world.person(onPage.userId).processPayment(onHostedPage(onPage.id))
  await payOnPage(redirectUrl)
  expect((await cancel(onPage.id)).status).toBe(PaymentStatus.SUCCEEDED)
  expect(await world.sql`select 1 from ledger_entries where payment_id = ${onPage.id}`).toHaveLength(2)
})

test("an unknown payment leaves a tombstone, also when asked twice at once", async () => {
  const paymentId = newId()
  const [first, second] = await Promise.all([cancel(paymentId), cancel(paymentId)])
  expect([first.status, second.status]).toEqual([PaymentStatus.CANCELLED, PaymentStatus.CANCELLED])
  expect(await reasonOf(world.backend.createPayment(paymentRequest({ paymentId })))).toBe("PAYMENT_CANCELLED")
})

test("a create and a cancel at once: whatever the order, nothing stays open", async () => {
  for (let round = 0; round < 6; round++) {
    const request = paymentRequest()
    const [created, cancelled] = await Promise.all([
      reasonOf(world.backend.createPayment(request)),
      cancel(request.paymentId),
    ])
    expect(["none", "PAYMENT_CANCELLED"]).toContain(created)
    expect(cancelled.status).toBe(PaymentStatus.CANCELLED)
    expect((await objectsOf(world, request.paymentId)).open).toEqual([])
  }
})

test("a create whose answer was lost is learnt by its key, then closed", async () => {
  const request = paymentRequest()
  world.wire.loseAnswer(/POST \/v1\/payment_intents$/)
  expect(await reasonOf(world.backend.createPayment(request))).toBe("STRIPE_UNAVAILABLE")
  expect((await cancel(request.paymentId)).status).toBe(PaymentStatus.CANCELLED)
  const { intents } = await objectsOf(world, request.paymentId)
  expect(intents.map((intent) => intent.status)).toEqual(["canceled"])
})

test("a create that still is on its way when its payment is cancelled opens nothing", async () => {
  const request = paymentRequest()
  const held = world.wire.hold(/POST \/v1\/payment_intents$/)
  const created = reasonOf(world.backend.createPayment(request))
  await held.reached
  expect((await cancel(request.paymentId)).status).toBe(PaymentStatus.CANCELLED)
  held.release()
  await created
  const { intents } = await objectsOf(world, request.paymentId)
  expect(intents.map((intent) => intent.status)).toEqual(["canceled"])
})

test("a create that never arrived and is refused now leaves nothing to close", async () => {
  const request = paymentRequest({ amount: { currency: "USD", minorUnits: 10n } })
  world.wire.cut(/POST \/v1\/payment_intents$/)
  expect(await reasonOf(world.backend.createPayment(request))).toBe("STRIPE_UNAVAILABLE")
  world.wire.mend()
  expect((await cancel(request.paymentId)).status).toBe(PaymentStatus.CANCELLED)
})

test("a page that opens between the closing and its recording is closed too", async () => {
  const payment = await createPayment(world)
  const held = world.wire.hold(/cancel$/)
  const cancelled = cancel(payment.id)
  await held.reached
  await world.person(payment.userId).processPayment(onHostedPage(payment.id))
  held.release()
  expect((await cancelled).status).toBe(PaymentStatus.CANCELLED)
  expect((await objectsOf(world, payment.id)).open).toEqual([])
})

test("a create that Stripe refused leaves nothing to close", async () => {
  const request = paymentRequest({ amount: { currency: "USD", minorUnits: 10n } })
  expect(await reasonOf(world.backend.createPayment(request))).toBe("AMOUNT_TOO_SMALL")
  expect((await cancel(request.paymentId)).status).toBe(PaymentStatus.CANCELLED)
})

test("while Stripe cannot be reached nothing is called cancelled; the next call finishes", async () => {
  const payment = await createPayment(world)
  world.wire.cut(/./)
  expect(await reasonOf(cancel(payment.id))).toBe("STRIPE_UNAVAILABLE")
  const seen = await world.backend.getPayment({ paymentId: payment.id, refresh: false })
  expect(seen.payment!.status).toBe(PaymentStatus.OPEN)
  world.wire.mend()
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
})

test("a lost answer to the closing itself: the next call sees that it is closed", async () => {
  const payment = await createPayment(world)
  world.wire.loseAnswer(/cancel$/)
  expect(await reasonOf(cancel(payment.id))).toBe("STRIPE_UNAVAILABLE")
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
})

test("while the bank is deciding nothing is called cancelled: PAYMENT_PROCESSING", async () => {
  const payment = await createPayment(world)
  const [intent] = (await objectsOf(world, payment.id)).intents
  const refusal = { error: { type: "invalid_request_error", code: "payment_intent_unexpected_state", message: "no" } }
  world.wire.answerWith(/cancel$/, () => Response.json(refusal, { status: 400 }))
  world.wire.answerWith(/GET .*payment_intents\/pi_/, () => Response.json({ ...intent, status: "processing" }))
  expect(await reasonOf(cancel(payment.id))).toBe("PAYMENT_PROCESSING")
  const seen = await world.backend.getPayment({ paymentId: payment.id, refresh: false })
  expect(seen.payment!.status).toBe(PaymentStatus.PROCESSING)
  world.wire.mend()
  expect((await cancel(payment.id)).status).toBe(PaymentStatus.CANCELLED)
})

test("nobody but backend cancels", async () => {
  const payment = await createPayment(world)
  const request = { requestId: newId(), paymentId: payment.id }
  for (const caller of [world.ui, world.person(payment.userId, true), world.guest(payment.bookingId)]) {
    expect(await reasonOf(caller.cancelPayment(request))).toBe("NOT_ALLOWED")
  }
})
