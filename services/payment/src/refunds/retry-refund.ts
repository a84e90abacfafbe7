import { recordRepair } from "@airside/kernel/audit"
import { Failure } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import type { RetryRefundRequest, RetryRefundResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { readPayment } from "../payments/payment.ts"
import { beginAttempt } from "./begin-attempt.ts"
import { carryOut, findRefund, toRefund } from "./refund.ts"

/**
 * Tries a refund that failed once more, as its next attempt. One that succeeded, waits, or is being tried, stays as it is.
 * Reasons: REFUND_NOT_FOUND, REFUND_TOO_LARGE, REFUND_FAILED_AGAIN, STRIPE_UNAVAILABLE.
 */
export async function retryRefund(context: CallContext, request: RetryRefundRequest): Promise<RetryRefundResponse> {
  const { paymentId, refundId } = request
  if (!isUuid(paymentId) || !isUuid(refundId)) throw failures.REFUND_NOT_FOUND()
  return onceAcrossSteps(context, request, async () => {
    await context.database.inTransaction((tx) => beginAttempt(tx, paymentId, refundId), { repeatable: true })
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
