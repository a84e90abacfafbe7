/** Pays a Checkout Session with the card that was typed on its page. */
import type Stripe from "stripe"
import { completeSession } from "../checkout-sessions.ts"
import { confirm } from "../confirmation.ts"
import { newPaymentIntent } from "../new-payment-intent.ts"
import { newPaymentMethod } from "../new-payment-method.ts"
import type { Call } from "../sandbox.ts"
import type { Entry } from "../store.ts"
import type { TypedCard } from "./card-form.ts"

type Session = Entry<"checkout.session">
type Intent = Entry<"payment_intent">

/**
 * One attempt: the intent afterwards, `succeeded` with the session complete, or `requires_action`.
 * Throws the decline; the session stays open for another card.
 */
export function paySession(call: Call, session: Session, { name, ...card }: TypedCard): Stripe.PaymentIntent {
  const billing_details = { name, email: payerEmail(call, session.object) }
  const method = newPaymentMethod(call, { type: "card", card, billing_details })
  const intent = intentOf(call, session)
  confirm(call, intent, method, { offSession: false, returnUrl: session.object.url ?? undefined })
  settleSession(call, session, intent)
  return intent.object
}

/** Completes the session when its intent has succeeded. */
export function settleSession(call: Call, session: Session, intent: Intent): void {
  if (intent.object.status !== "succeeded" || session.object.status !== "open") return
  const method = call.store.read("payment_method", intent.object.payment_method as string).object
  completeSession(call, session, { email: method.billing_details.email, name: method.billing_details.name })
}

/** Where the traveller goes next: to the bank's challenge, back to the shop, or back to the form. */
export function settledUrl(call: Call, session: Stripe.Checkout.Session, intent: Stripe.PaymentIntent): string {
  if (intent.status === "succeeded") return (session.success_url ?? "").replaceAll("{CHECKOUT_SESSION_ID}", session.id)
  return intent.next_action?.redirect_to_url?.url ?? `${call.publicUrl}/c/pay/${session.id}`
}

/** The session's intent, which comes into being with the first attempt. */
function intentOf(call: Call, { object: session, hidden }: Session): Intent {
  if (session.payment_intent) return call.store.read("payment_intent", session.payment_intent as string)
  const intent = newPaymentIntent(
    call,
    {
      amount: session.amount_total ?? 0,
      currency: session.currency ?? "usd",
      customer: session.customer as string | null,
      description: hidden.intent.description,
      metadata: hidden.intent.metadata,
      receipt_email: hidden.intent.receiptEmail,
      redirects: null,
      setup_future_usage: hidden.intent.setupFutureUsage,
    },
    session.id,
  )
  session.payment_intent = intent.object.id
  call.store.update<"checkout.session">({ object: session, hidden })
  return intent
}

function payerEmail(call: Call, { customer, customer_email }: Stripe.Checkout.Session): string | null {
  return customer_email ?? (customer ? call.store.read("customer", customer as string).object.email : null)
}
