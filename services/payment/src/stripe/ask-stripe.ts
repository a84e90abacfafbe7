import { failpoint } from "@airside/kernel/failpoints"
import Stripe from "stripe"
import { cardDeclined } from "../cards/declines.ts"
import { failures } from "../failures.ts"

/**
 * Stripe's definite refusal of a request. Uncaught it is INTERNAL; its message is for the log and carries no secret,
 * other than the SDK's own errors, which hold whole objects.
 */
export class StripeRefusal extends Error {
  readonly code: string
  readonly param: string
  /** About the request itself: the same one is refused again. Not about our key, our rights or Stripe's own trouble. */
  readonly isDefinite: boolean

  constructor(error: Stripe.errors.StripeError) {
    super(`Stripe refused: ${error.type} ${error.code ?? ""} ${error.message} (${error.requestId ?? "no request id"})`)
    this.name = "StripeRefusal"
    this.code = isReplayedCrash(error) ? ANSWER_LOST : (error.code ?? "")
    this.param = error.param ?? ""
    this.isDefinite = error instanceof Stripe.errors.StripeInvalidRequestError && this.code !== ANSWER_LOST
  }
}

const WAIT_FOR_TWIN_SECONDS = 3
/** What failpoints know these calls by. */
const STRIPE = "Stripe"

/** The code of a refusal that says nothing: Stripe repeats its own crash for this key. Look what became of it. */
export const ANSWER_LOST = "answer_lost"

/**
 * Carries out one call to Stripe, which may run again while a twin of it is under way. Rejects with STRIPE_UNAVAILABLE
 * when nobody knows whether it arrived, with CARD_DECLINED, or with a StripeRefusal.
 */
export async function askStripe<T>(call: () => Promise<T>): Promise<T> {
  const giveUpTime = Date.now() + WAIT_FOR_TWIN_SECONDS * 1000
  try {
    for (;;) {
      try {
        failpoint("before-foreign-call", STRIPE)
        const answer = await call()
        failpoint("after-foreign-call", STRIPE)
        return answer
      } catch (error) {
        if (!isTwinUnderWay(error) || Date.now() > giveUpTime) throw error
        await Bun.sleep(100)
      }
    }
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    if (error instanceof Stripe.errors.StripeCardError) {
      throw cardDeclined(error.code ?? "card_declined", error.decline_code ?? error.code ?? "generic_decline")
    }
    if (isPassing(error) && !isReplayedCrash(error)) throw failures.STRIPE_UNAVAILABLE()
    throw new StripeRefusal(error)
  }
}

/** Stripe carries out one request a key, and one an object, at a time. */
function isTwinUnderWay(error: unknown): boolean {
  const code = error instanceof Stripe.errors.StripeError ? error.code : undefined
  return code === "idempotency_key_in_use" || code === "lock_timeout"
}

/** Not reached, too slow, crashed, too many requests, or another request with the same key or object under way. */
function isPassing(error: Stripe.errors.StripeError): boolean {
  return (
    error instanceof Stripe.errors.StripeConnectionError ||
    isUnreadable(error) ||
    error instanceof Stripe.errors.StripeRateLimitError ||
    error.statusCode === 409 ||
    error.statusCode === 429 ||
    (error.statusCode ?? 0) >= 500
  )
}

/** A gateway before Stripe answered in its place, with a page of its own: nobody knows what Stripe did. */
function isUnreadable(error: Stripe.errors.StripeError): boolean {
  return error instanceof Stripe.errors.StripeAPIError && error.statusCode === undefined
}

/** Stripe keeps a server error under its key like any answer. https://docs.stripe.com/api/idempotent_requests */
function isReplayedCrash(error: Stripe.errors.StripeError): boolean {
  return (error.statusCode ?? 0) >= 500 && error.headers?.["idempotent-replayed"] === "true"
}
