import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { RefundPaymentRequest } from "@airside/protos/airside/payments/v1/payments"
import { createPayment, type PaymentWorld, paidPayment, reasonOf, startPaymentWorld } from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())
afterEach(() => world.wire.mend())

const refundOf = (paymentId: string, minorUnits: bigint, refundId = newId()) =>
  RefundPaymentRequest.fromPartial({ requestId: newId(), refundId, paymentId, amount: { currency: "USD", minorUnits } })

async function refundsAtStripe(paymentId: string) {
  const { data } = await world.stripe.refunds.list({ limit: 100 })
  return data.filter(({ metadata }) => metadata?.payment_id === paymentId).map(({ amount }) => amount)
}

test("a refund gives the money back once, with one posting of its own", async () => {
  const payment = await paidPayment(world)
  const { refund, payment: after } = await world.backend.refundPayment(refundOf(payment.id, 2345n))
  expect(refund).toMatchObject({ paymentId: payment.id, amount: { currency: "USD", minorUnits: 2345n } })
  expect(after!.refunded).toEqual({ currency: "USD", minorUnits: 2345n })
  expect(await refundsAtStripe(payment.id)).toEqual([2345])
  const entries = await world.sql`
    select side, account, amount_minor_units as amount
    from ledger_entries
    where posting_id = ${refund!.id}
    order by side desc`
  expect([...entries]).toEqual([
    { side: "debit", account: "customer_funds", amount: 2345n },
    { side: "credit", account: "stripe_balance", amount: 2345n },
  ])
})

test("the same refund asked for many times, at once and later, is one refund", async () => {
  const payment = await paidPayment(world)
  const refundId = newId()
  const ask = () => world.backend.refundPayment(refundOf(payment.id, 5000n, refundId))
  await Promise.all([ask(), ask(), ask()])
  const { payment: after } = await ask()
  expect(after!.refunded!.minorUnits).toBe(5000n)
  expect(await refundsAtStripe(payment.id)).toEqual([5000])
  expect(await world.sql`select 1 from ledger_entries where posting_id = ${refundId}`).toHaveLength(2)
})

test("a refund that was overtaken by its own repetition posts nothing more", async () => {
  const payment = await paidPayment(world)
  const refundId = newId()
  const held = world.wire.hold(/POST \/v1\/refunds$/)
  const overtaken = world.backend.refundPayment(refundOf(payment.id, 5000n, refundId))
  await held.reached
  await world.backend.refundPayment(refundOf(payment.id, 5000n, refundId))
  held.release()
  expect((await overtaken).refund!.id).toBe(refundId)
  expect(await refundsAtStripe(payment.id)).toEqual([5000])
})

test("two refunds that together are too large: one goes through, the other is REFUND_TOO_LARGE", async () => {
  const payment = await paidPayment(world)
  const reasons = await Promise.all([
    reasonOf(world.backend.refundPayment(refundOf(payment.id, 7000n))),
    reasonOf(world.backend.refundPayment(refundOf(payment.id, 7000n))),
  ])
  expect(reasons.toSorted()).toEqual(["REFUND_TOO_LARGE", "none"])
  expect(await refundsAtStripe(payment.id)).toEqual([7000])
  await world.backend.refundPayment(refundOf(payment.id, 5345n))
  expect(await reasonOf(world.backend.refundPayment(refundOf(payment.id, 1n)))).toBe("REFUND_TOO_LARGE")
})

test("a lost answer: the next call finishes the refund", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 100n)
  world.wire.loseAnswer(/POST \/v1\/refunds$/)
  expect(await reasonOf(world.backend.refundPayment(request))).toBe("STRIPE_UNAVAILABLE")
  expect(await world.sql`select 1 from ledger_entries where posting_id = ${request.refundId}`).toHaveLength(0)
  await world.backend.refundPayment({ ...request, requestId: newId() })
  expect(await refundsAtStripe(payment.id)).toEqual([100])
  expect(await world.sql`select 1 from ledger_entries where posting_id = ${request.refundId}`).toHaveLength(2)
})

test("an unfinished refund older than Stripe's keys is looked up, not repeated", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 100n)
  world.wire.loseAnswer(/POST \/v1\/refunds$/)
  await reasonOf(world.backend.refundPayment(request))
  await world.sql`update refunds set attempt_time = now() - interval '25 hours' where id = ${request.refundId}`
  world.wire.cut(/POST \/v1\/refunds$/)
  await world.backend.refundPayment(request)
  expect(await refundsAtStripe(payment.id)).toEqual([100])
})

test("Stripe crashes and repeats its crash for the key: the refund is looked up", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 100n)
  world.wire.loseAnswer(/POST \/v1\/refunds$/)
  await reasonOf(world.backend.refundPayment(request))
  const error = { error: { type: "api_error", message: "crash" } }
  const headers = { "idempotent-replayed": "true" }
  world.wire.answerWith(/POST \/v1\/refunds$/, () => Response.json(error, { status: 500, headers }))
  await world.backend.refundPayment(request)
  expect(await refundsAtStripe(payment.id)).toEqual([100])
})

test("another amount under a known refund id: REFUND_DIFFERS", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 100n)
  await world.backend.refundPayment(request)
  expect(await reasonOf(world.backend.refundPayment(refundOf(payment.id, 200n, request.refundId)))).toBe(
    "REFUND_DIFFERS",
  )
})

test("only what was paid is refunded", async () => {
  const open = await createPayment(world)
  expect(await reasonOf(world.backend.refundPayment(refundOf(open.id, 100n)))).toBe("PAYMENT_STATE")
  expect(await reasonOf(world.backend.refundPayment(refundOf(newId(), 100n)))).toBe("PAYMENT_NOT_FOUND")
  expect(await reasonOf(world.backend.refundPayment(refundOf(open.id, 0n)))).toBe("INVALID_REQUEST")
})

test("nobody but backend refunds", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 100n)
  for (const caller of [world.ui, world.person(payment.userId, true), world.guest(payment.bookingId)]) {
    expect(await reasonOf(caller.refundPayment(request))).toBe("NOT_ALLOWED")
  }
})
