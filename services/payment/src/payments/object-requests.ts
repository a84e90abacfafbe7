import type Stripe from "stripe"
import { stripeAmount } from "../stripe/amount.ts"
import type { PaymentRow } from "./payment.ts"

/** Stripe's shortest is 30 minutes; the minutes above it are for a request that arrives late. */
const SESSION_MINUTES = 35

/** What a request to Stripe says of the payment that its object is for. */
export type Subject = Pick<
  PaymentRow,
  "id" | "bookingReference" | "description" | "email" | "currency" | "amountMinorUnits" | "attempt"
>

/** What the payment's next PaymentIntent is created with. */
export function intentRequest(payment: Subject, customer: string | undefined): Stripe.PaymentIntentCreateParams {
  return {
    amount: stripeAmount(payment.currency, payment.amountMinorUnits),
    currency: payment.currency.toLowerCase(),
    allowed_payment_method_types: ["card"],
    description: payment.description,
    metadata: metadataOf(payment),
    ...(customer && { customer }),
    ...(payment.email && { receipt_email: payment.email }),
  }
}

/** What the payment's next Checkout Session is created with. With `savesCard` the card stays with the customer. */
export function sessionRequest(
  payment: PaymentRow,
  urls: { successUrl: string; cancelUrl: string },
  customer: string | undefined,
  savesCard: boolean,
): Stripe.Checkout.SessionCreateParams {
  const metadata = metadataOf(payment)
  return {
    mode: "payment",
    allowed_payment_method_types: ["card"],
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: payment.currency.toLowerCase(),
          unit_amount: stripeAmount(payment.currency, payment.amountMinorUnits),
          product_data: { name: payment.description },
        },
      },
    ],
    success_url: urls.successUrl,
    cancel_url: urls.cancelUrl,
    expires_at: Math.floor(Date.now() / 1000) + SESSION_MINUTES * 60,
    metadata,
    payment_intent_data: {
      metadata,
      description: payment.description,
      ...(payment.email && { receipt_email: payment.email }),
      ...(customer && savesCard && { setup_future_usage: "on_session" }),
    },
    ...(customer ? { customer } : payment.email && { customer_email: payment.email }),
  }
}

/** By these a webhook finds the payment, and a search the object of an attempt. */
function metadataOf({ id, attempt, bookingReference }: Subject) {
  return { payment_id: id, booking_reference: bookingReference, attempt: String(attempt + 1) }
}
