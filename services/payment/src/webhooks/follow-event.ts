import { Failure } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import type Stripe from "stripe"
import type { Context } from "../context.ts"
import { recordDispute } from "../disputes/record-dispute.ts"
import { saveDeclineOf } from "../payments/declined-attempts.ts"
import { isFinal, readPayment } from "../payments/payment.ts"
import { fetchObject } from "../payments/stripe-object.ts"
import { carryOutPending } from "../refunds/carry-on-refunds.ts"
import { findRefund, recordRefund } from "../refunds/refund.ts"
import { askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"

/** What an event is about, as far as it says. */
export type EventObject = {
  id?: string
  metadata?: Stripe.Metadata | null
  payment_intent?: string | { id: string } | null
}

/** The event's payment, if it is one of ours. Reasons: STRIPE_UNAVAILABLE. */
export async function paymentOf(context: Context, object: EventObject): Promise<string | undefined> {
  const named = await namedPayment(context, object)
  if (!named) return undefined
  const [ours] = await context.database.sql<{ id: string }[]>`select id from payment_transactions where id = ${named}`
  return ours?.id
}

/**
 * The id of the payment that the event is about: by the object's metadata, by the intent that paid, or, where an event
 * came before we know what paid, by the metadata of its intent at Stripe. A Stripe account may serve several
 * installations: it may be another one's. Reasons: STRIPE_UNAVAILABLE.
 */
export async function namedPayment(
  context: Context,
  { metadata, payment_intent }: EventObject,
): Promise<string | undefined> {
  const intentId = typeof payment_intent === "string" ? payment_intent : payment_intent?.id
  const named = metadata?.payment_id
  if (named) return uuidOrNothing(named)
  if (!intentId) return undefined
  const [paid] = await context.database.sql<{ id: string }[]>`
    select id from payment_transactions where paid_intent_id = ${intentId}`
  if (paid) return paid.id
  const intent = await askStripe(() => context.stripe.paymentIntents.retrieve(intentId)).catch(ignoreMissing)
  return uuidOrNothing(intent?.metadata?.payment_id)
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof StripeRefusal && error.code === "resource_missing")) throw error
}

const uuidOrNothing = (id: string | undefined) => (id && isUuid(id) ? id : undefined)

/** Fetches and records what an event of a refund, a dispute or a decline hints at; others are settled by the booking. */
export async function followEvent(context: Context, type: string, id: string, paymentId: string): Promise<void> {
  const { stripe } = context
  if (type === "charge.failed") {
    const charge = await askStripe(() => stripe.charges.retrieve(id))
    await saveDeclineOf(context.database.sql, await readPayment(context.database.sql, paymentId), charge)
  }
  if (type.startsWith("charge.dispute.")) {
    await recordWhatWasPaid(context, paymentId)
    await recordDispute(context, paymentId, await askStripe(() => stripe.disputes.retrieve(id)))
    // Also what an earlier delivery freed and, having died, did not carry out.
    await carryOutPending(context, paymentId)
  }
  if (type.startsWith("refund.") || type === "charge.refund.updated") {
    await recordRefundOf(context, paymentId, await askStripe(() => stripe.refunds.retrieve(id)))
  }
}

/** What is disputed was paid, which we may not know yet: the books tell the one before the other. */
async function recordWhatWasPaid(context: Context, paymentId: string) {
  const payment = await readPayment(context.database.sql, paymentId)
  if (isFinal(payment)) return
  await fetchObject(context, payment).catch((error) => {
    // Something else than we asked for was paid: that is in the log, and the dispute is recorded all the same.
    if (!(error instanceof Failure && error.reason === "PAYMENT_MISMATCH")) throw error
  })
}

/** A refund that somebody made in Stripe's dashboard is none of ours; one of an earlier attempt has ended before. */
async function recordRefundOf(context: Context, paymentId: string, atStripe: Stripe.Refund) {
  const id = atStripe.metadata?.refund_id ?? ""
  const refund = isUuid(id) ? await findRefund(context.database.sql, paymentId, id) : undefined
  if (!refund || atStripe.metadata?.attempt !== String(refund.attempt)) return
  await recordRefund(context, await readPayment(context.database.sql, paymentId), refund, atStripe)
}
