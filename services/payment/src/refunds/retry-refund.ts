import { recordRepair } from "@airside/kernel/audit"
import { Failure } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { RetryRefundRequest, RetryRefundResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { readPayment } from "../payments/payment.ts"
import { carryOut, findRefund, toRefund } from "./refund.ts"
import { lockMoney, withholdIfDisputed } from "./withheld-refunds.ts"

/**
 * Tries a refund that failed once more, as its next attempt. One that succeeded, waits, or is being tried, stays as it is.
 * Reasons: REFUND_NOT_FOUND, REFUND_TOO_LARGE, REFUND_FAILED_AGAIN, STRIPE_UNAVAILABLE.
 */
export async function retryRefund(context: CallContext, request: RetryRefundRequest): Promise<RetryRefundResponse> {
  const { paymentId, refundId } = request
  if (!isUuid(paymentId) || !isUuid(refundId)) throw failures.REFUND_NOT_FOUND()
  return onceAcrossSteps(context, request, async () => {
    await context.database.inTransaction((tx) => beginAttempt(tx, request), { repeatable: true })
    const refund = await findRefund(context.database.sql, paymentId, refundId)
    if (!refund) throw failures.REFUND_NOT_FOUND()
    const payment = await readPayment(context.database.sql, paymentId)
    const note = (result: string) =>
      recordRepair(context, request, { action: "retry refund", target: refundId, result })
    const after = await carryOut(context, payment, refund).catch(async (error) => {
      await note(error instanceof Failure ? error.reason : "INTERNAL")
      const isAnswer = error instanceof Failure && error.reason === "REFUND_FAILED"
      throw isAnswer ? failures.REFUND_FAILED_AGAIN() : error
    })
    await note(after.status)
    return { refund: toRefund(payment, after) }
  })
}

/** The guarded move from failed to pending, with the amount taken off what is left of the payment again. */
async function beginAttempt(tx: Transaction, { paymentId, refundId }: RetryRefundRequest) {
  await lockMoney(tx, paymentId)
  const [refund] = await tx<{ minorUnits: bigint; attempt: number }[]>`
    update refunds
    set status = 'pending', attempt = attempt + 1, attempt_time = now(), stripe_refund_id = null
    where payment_id = ${paymentId} and id = ${refundId} and status = 'failed'
    returning amount_minor_units as "minorUnits", attempt`
  if (!refund) return
  const taken = await tx`
    update payment_transactions
    set refunded_minor_units = refunded_minor_units + ${refund.minorUnits}
    where id = ${paymentId} and refunded_minor_units + ${refund.minorUnits} <= amount_minor_units
    returning 1`
  if (taken.length === 0) throw failures.REFUND_TOO_LARGE()
  await withholdIfDisputed(tx, paymentId, { id: refundId, attempt: refund.attempt })
}
