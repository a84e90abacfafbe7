import { invalidRequest } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import type { CancelPaymentRequest, CancelPaymentResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { StripeRefusal } from "../stripe/ask-stripe.ts"
import { findPayment, isFinal, type PaymentRow, toPayment } from "./payment.ts"
import { closeObject, finishOpening, MOST_ROUNDS } from "./stripe-object.ts"

/**
 * Makes sure that no more money can arrive: answers a payment that is cancelled, or succeeded when it came before. An
 * unknown id leaves a tombstone, which refuses a late CreatePayment. Reasons: PAYMENT_PROCESSING, STRIPE_UNAVAILABLE.
 */
export async function cancelPayment(
  context: CallContext,
  request: CancelPaymentRequest,
): Promise<CancelPaymentResponse> {
  if (!isUuid(request.paymentId)) throw invalidRequest([{ field: "payment_id", message: "must be a UUID" }])
  return onceAcrossSteps(context, request, async () => {
    const payment = await cancel(context, request.paymentId.toLowerCase())
    return { payment: toPayment(payment) }
  })
}

async function cancel(context: Context, id: string): Promise<PaymentRow> {
  const { sql } = context.database
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const payment = await findPayment(sql, id)
    if (!payment) await insertTombstone(context, id)
    else if (isFinal(payment)) return payment
    else if (payment.objectState === "opening") await finishOpening(context, payment).catch(ignoreRefusal)
    else await closeAndCancel(context, payment)
  }
  throw failures.PAYMENT_BUSY()
}

async function insertTombstone({ database: { sql } }: Context, id: string) {
  await sql`
    insert into payment_transactions (id, status)
    values (${id}, 'cancelled')
    on conflict (id) do nothing`
}

/** Stripe would not open the object: then there is none to close. */
function ignoreRefusal(error: unknown) {
  if (!(error instanceof StripeRefusal)) throw error
}

/**
 * Cancelled only as the attempt that was closed. A payment that closing found paid, or for which somebody opened another
 * object meanwhile, stays as it is: the next round sees it.
 */
async function closeAndCancel(context: Context, payment: PaymentRow) {
  if (payment.objectState === "open") await closeObject(context, payment)
  await context.database.sql`
    update payment_transactions
    set status = 'cancelled', object_state = 'none', cancel_time = now()
    where id = ${payment.id} and attempt = ${payment.attempt} and object_state = ${payment.objectState}
      and status in ('open', 'requires_action', 'processing')`
}
