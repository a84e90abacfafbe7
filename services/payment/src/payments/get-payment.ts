import { isUuid } from "@airside/kernel/ids"
import type { GetPaymentRequest, GetPaymentResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { isOwner, requireReader } from "./access.ts"
import { isFinal, readPayment, toPayment, withSecrets } from "./payment.ts"
import { cardPayments } from "./process-payment.ts"
import { fetchObject, finishOpening } from "./stripe-object.ts"

/**
 * One payment; with `refresh` as Stripe knows it at this moment, which settles it. Reasons: PAYMENT_NOT_FOUND,
 * PAYMENT_MISMATCH, STRIPE_UNAVAILABLE.
 */
export async function getPayment(context: CallContext, request: GetPaymentRequest): Promise<GetPaymentResponse> {
  if (!isUuid(request.paymentId)) throw failures.PAYMENT_NOT_FOUND()
  // Stripe's event is often here before its answer is recorded.
  if (request.refresh) await cardPayments.waited(request.paymentId.toLowerCase())
  const payment = await readPayment(context.database.sql, request.paymentId)
  const { caller } = context.call
  requireReader(caller, payment)
  const show = caller.kind === "service" || isOwner(caller, payment) ? withSecrets : toPayment
  if (!request.refresh || isFinal(payment)) return { payment: show(payment) }
  const found =
    payment.objectState === "opening" ? await finishOpening(context, payment) : await fetchObject(context, payment)
  return { payment: show(found.payment) }
}
