import { Problems } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { RefundPaymentRequest, RefundPaymentResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { readPayment, toPayment } from "../payments/payment.ts"
import { carryOut, findRefund, type RefundRow, toRefund } from "./refund.ts"
import { lockMoney, withholdIfDisputed } from "./withheld-refunds.ts"

/**
 * Gives money back to the card, once per refund_id however often it is asked; what a bank has taken for a dispute is
 * promised, and waits for its decision. Reasons: PAYMENT_NOT_FOUND, PAYMENT_STATE, REFUND_TOO_LARGE, REFUND_DIFFERS,
 * REFUND_FAILED, STRIPE_UNAVAILABLE.
 */
export async function refundPayment(
  context: CallContext,
  request: RefundPaymentRequest,
): Promise<RefundPaymentResponse> {
  const order = parseOrder(request)
  return onceAcrossSteps(context, request, async () => {
    const reserved = await context.database.inTransaction((tx) => reserve(tx, order), { repeatable: true })
    const payment = await readPayment(context.database.sql, order.paymentId)
    const refund = await carryOut(context, payment, reserved)
    return { refund: toRefund(payment, refund), payment: toPayment(payment) }
  })
}

type Order = { refundId: string; paymentId: string; currency: string; minorUnits: bigint }

function parseOrder({ refundId, paymentId, amount }: RefundPaymentRequest): Order {
  const problems = new Problems()
  if (!isUuid(refundId)) problems.add("refund_id", "must be a UUID")
  if (!isUuid(paymentId)) problems.add("payment_id", "must be a UUID")
  if (!amount || amount.minorUnits <= 0n) problems.add("amount.minor_units", "must be more than zero")
  problems.throwIfAny()
  return {
    refundId: refundId.toLowerCase(),
    paymentId: paymentId.toLowerCase(),
    currency: amount!.currency,
    minorUnits: amount!.minorUnits,
  }
}

/** The refund's row, taken off what is left of the payment; or the one that an earlier call made. */
async function reserve(tx: Transaction, order: Order): Promise<RefundRow> {
  await lockMoney(tx, order.paymentId)
  const payment = await readPayment(tx, order.paymentId)
  if (payment.status !== "succeeded") throw failures.PAYMENT_STATE({ status: payment.status })
  if (payment.currency !== order.currency) throw failures.REFUND_DIFFERS()
  const inserted = await tx`
    insert into refunds (payment_id, id, amount_minor_units)
    values (${order.paymentId}, ${order.refundId}, ${order.minorUnits})
    on conflict do nothing
    returning 1`
  if (inserted.length > 0) {
    const taken = await tx`
      update payment_transactions
      set refunded_minor_units = refunded_minor_units + ${order.minorUnits}
      where id = ${order.paymentId} and refunded_minor_units + ${order.minorUnits} <= amount_minor_units
      returning 1`
    if (taken.length === 0) throw failures.REFUND_TOO_LARGE()
    await withholdIfDisputed(tx, order.paymentId, { id: order.refundId, attempt: 1 })
  }
  const refund = await findRefund(tx, order.paymentId, order.refundId)
  if (refund!.minorUnits !== order.minorUnits) throw failures.REFUND_DIFFERS()
  return refund!
}
