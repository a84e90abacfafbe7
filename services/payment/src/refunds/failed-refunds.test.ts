import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import { MoneyAlertKind, RefundPaymentRequest } from "@airside/protos/airside/payments/v1/payments"
import {
  byMethod,
  createPayment,
  deliverEvents,
  type PaymentWorld,
  paidPayment,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())
afterEach(() => world.wire.mend())

const refundOf = (paymentId: string, minorUnits: bigint, refundId = newId()) =>
  RefundPaymentRequest.fromPartial({ requestId: newId(), refundId, paymentId, amount: { currency: "USD", minorUnits } })
const refundedOf = async (paymentId: string) =>
  (await world.backend.getPayment({ paymentId, refresh: false })).payment!.refunded!.minorUnits
const staff = () => world.person(newId(), true)
const alertsOf = async (paymentId: string) => {
  const { alerts } = await staff().listMoneyAlerts({ pageSize: 100, pageToken: "" })
  return alerts.filter((alert) => alert.paymentId === paymentId)
}
const balanceOf = async (paymentId: string) => {
  const [row] = await world.sql<{ balance: bigint }[]>`
    select sum(case side when 'debit' then amount_minor_units else -amount_minor_units end)::bigint as balance
    from ledger_entries
    where payment_id = ${paymentId} and account = 'stripe_balance'`
  return row!.balance
}
const refuseRefunds = () =>
  world.wire.answerWith(/POST \/v1\/refunds$/, () =>
    Response.json(
      { error: { type: "invalid_request_error", code: "charge_not_refundable", message: "no" } },
      { status: 400 },
    ),
  )

test("a refund that Stripe refuses for good is failed: nothing stays reserved, and staff sees it", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 5000n)
  refuseRefunds()
  expect(await reasonOf(world.backend.refundPayment(request))).toBe("REFUND_FAILED")
  expect(await refundedOf(payment.id)).toBe(0n)
  expect(await alertsOf(payment.id)).toMatchObject([
    { kind: MoneyAlertKind.REFUND_FAILED, id: request.refundId, amount: { minorUnits: 5000n } },
  ])
  world.wire.mend()
  const before = world.wire.requests.length
  expect(await reasonOf(world.backend.refundPayment(request))).toBe("REFUND_FAILED")
  expect(world.wire.requests).toHaveLength(before)
})

test("staff tries it again: it succeeds, and then backend's own request does too", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 5000n)
  refuseRefunds()
  await reasonOf(world.backend.refundPayment(request))
  const retry = () => ({ requestId: newId(), paymentId: payment.id, refundId: request.refundId })
  const refused = retry()
  expect(await reasonOf(staff().retryRefund(refused))).toBe("REFUND_FAILED_AGAIN")
  world.wire.mend()
  const again = staff()
  const one = retry()
  expect((await again.retryRefund(one)).refund!.amount!.minorUnits).toBe(5000n)
  await again.retryRefund(one)
  await again.retryRefund(retry())
  expect((await world.backend.refundPayment(request)).refund!.id).toBe(request.refundId)
  expect(await refundedOf(payment.id)).toBe(5000n)
  expect(await balanceOf(payment.id)).toBe(7345n)
  expect(await alertsOf(payment.id)).toEqual([])
  const { data } = await world.stripe.refunds.list({ limit: 100 })
  expect(data.filter(({ metadata }) => metadata?.refund_id === request.refundId)).toHaveLength(1)
})

test("an unknown refund is not tried; nobody but staff tries one or sees the alerts", async () => {
  const payment = await paidPayment(world)
  const request = { requestId: newId(), paymentId: payment.id, refundId: newId() }
  expect(await reasonOf(staff().retryRefund(request))).toBe("REFUND_NOT_FOUND")
  expect(await reasonOf(world.person(payment.userId).retryRefund(request))).toBe("NOT_ALLOWED")
  expect(await reasonOf(world.backend.listMoneyAlerts({ pageSize: 0, pageToken: "" }))).toBe("NOT_ALLOWED")
})

test("a wrong key, or Stripe being down, ends nothing: the refund is tried again", async () => {
  const payment = await paidPayment(world)
  const request = refundOf(payment.id, 5000n)
  world.wire.answerWith(/POST \/v1\/refunds$/, () =>
    Response.json({ error: { type: "invalid_request_error", message: "Invalid API Key" } }, { status: 401 }),
  )
  expect(await reasonOf(world.backend.refundPayment(request))).toBe("INTERNAL")
  world.wire.mend()
  expect((await world.backend.refundPayment(request)).refund!.id).toBe(request.refundId)
})

test("a refund that fails days later: the ledger has the money back, whatever order the events come in", async () => {
  const created = await createPayment(world)
  const payer = world.person(created.userId)
  await payer.processPayment(byMethod(created.id, "pm_card_refundFail"))
  const request = refundOf(created.id, 5000n)
  await world.backend.refundPayment(request)
  expect(await balanceOf(created.id)).toBe(7345n)
  const failed = await until(async () => {
    const { data } = await world.stripe.events.list({ type: "refund.failed" })
    return data.find(({ data: { object } }) => "metadata" in object && object.metadata?.refund_id === request.refundId)
  })
  expect(failed).toBeDefined()
  const events = await deliverEvents(world, created.id, { reversed: true })
  expect(events).toContain("refund.failed")
  await deliverEvents(world, created.id)
  expect(await balanceOf(created.id)).toBe(12_345n)
  expect(await refundedOf(created.id)).toBe(0n)
  expect(await alertsOf(created.id)).toMatchObject([{ id: request.refundId, stripeId: expect.stringMatching(/^re_/) }])
  const { events: told } = await payer.listMoneyEvents({
    bookingReference: created.bookingReference,
    pageSize: 100,
    pageToken: "",
  })
  expect(told.map(({ description }) => description).join()).toContain("did not reach Visa ending in 5126")
})
