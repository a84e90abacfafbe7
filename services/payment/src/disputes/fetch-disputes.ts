import type { Context } from "../context.ts"
import type { PaymentRow } from "../payments/payment.ts"
import { askStripe } from "../stripe/ask-stripe.ts"
import { recordDispute } from "./record-dispute.ts"

/** Records every dispute of what paid as Stripe knows it now, if there is any: an event may come late, or never. */
export async function fetchDisputes(context: Context, { id, paidIntentId }: PaymentRow) {
  const page = { payment_intent: paidIntentId!, limit: 100 }
  const { data } = await askStripe(() => context.stripe.disputes.list(page))
  for (const dispute of data) await recordDispute(context, id, dispute)
  return { isDisputed: data.length > 0 }
}
