import type Stripe from "stripe"
import type { Context } from "../context.ts"
import { askStripe } from "../stripe/ask-stripe.ts"
import type { PaymentRow } from "./payment.ts"

/** Stripe's clock and ours need not agree. */
const CLOCK_SECONDS = 300
const MOST_OBJECTS = 10_000

/**
 * The object that was created for the payment's present attempt, by its metadata. For when the idempotency key no
 * longer tells: it is older than a day, or Stripe itself crashed over it.
 */
export function findStripeObject(
  { stripe }: Context,
  { id, attempt, objectKind, objectOpenTime }: PaymentRow,
): Promise<Stripe.PaymentIntent | Stripe.Checkout.Session | undefined> {
  const page = { created: { gte: Math.floor(objectOpenTime!.getTime() / 1000) - CLOCK_SECONDS }, limit: 100 }
  const isOurs = (object: { metadata: Stripe.Metadata | null }) =>
    object.metadata?.payment_id === id && object.metadata.attempt === String(attempt)
  return objectKind === "payment_intent"
    ? askStripe(() => first(stripe.paymentIntents.list(page), isOurs))
    : askStripe(() => first(stripe.checkout.sessions.list(page), isOurs))
}

async function first<T>(all: AsyncIterable<T>, matches: (object: T) => boolean): Promise<T | undefined> {
  let seen = 0
  for await (const object of all) {
    if (matches(object)) return object
    if (++seen >= MOST_OBJECTS) throw new Error(`not among the first ${MOST_OBJECTS} of Stripe's objects`)
  }
  return undefined
}
