import type Stripe from "stripe"
import type { Context } from "../context.ts"
import type { PaymentRow } from "../payments/payment.ts"
import { KEY_SECONDS, secondsSince } from "../payments/stripe-object.ts"
import { stripeAmount } from "../stripe/amount.ts"
import { ANSWER_LOST, askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import type { RefundRow } from "./refund.ts"

/**
 * Stripe's refund for the present attempt: created under its key, and where the key no longer tells found among the
 * payment's refunds. Rejects with STRIPE_UNAVAILABLE or a StripeRefusal.
 */
export async function refundAtStripe(context: Context, payment: PaymentRow, refund: RefundRow): Promise<Stripe.Refund> {
  if (secondsSince(refund.attemptTime) > KEY_SECONDS)
    return (await findAtStripe(context, payment, refund)) ?? createRefund(context, payment, refund)
  try {
    return await createRefund(context, payment, refund)
  } catch (error) {
    if (!(error instanceof StripeRefusal) || error.code !== ANSWER_LOST) throw error
    const found = await findAtStripe(context, payment, refund)
    if (!found) throw error
    return found
  }
}

async function findAtStripe({ stripe }: Context, payment: PaymentRow, refund: RefundRow) {
  const page = { payment_intent: payment.paidIntentId!, limit: 100 }
  const refunds = await askStripe(() => stripe.refunds.list(page).autoPagingToArray({ limit: 1000 }))
  return refunds.find(
    ({ metadata }) => metadata?.refund_id === refund.id && metadata.attempt === String(refund.attempt),
  )
}

function createRefund({ stripe }: Context, payment: PaymentRow, { id, minorUnits, attempt }: RefundRow) {
  return askStripe(() =>
    stripe.refunds.create(
      {
        payment_intent: payment.paidIntentId!,
        amount: stripeAmount(payment.currency, minorUnits),
        metadata: {
          payment_id: payment.id,
          refund_id: id,
          attempt: String(attempt),
          booking_reference: payment.bookingReference,
        },
      },
      { idempotencyKey: attempt === 1 ? id : `${id}:${attempt}` },
    ),
  )
}
