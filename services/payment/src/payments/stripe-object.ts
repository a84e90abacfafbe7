import type Stripe from "stripe"
import { replaceLostCustomer } from "../cards/customer.ts"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"
import { ANSWER_LOST, askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import { findStripeObject } from "./find-stripe-object.ts"
import { isFinal, type ObjectKind, type PaymentRow, paymentColumns, readPayment } from "./payment.ts"
import { type Finding, recordIntent, recordSession } from "./record-object.ts"

/** Each round is lost to another call that moved the payment on. */
export const MOST_ROUNDS = 8
/** Stripe forgets an idempotency key after 24 hours. */
export const KEY_SECONDS = 23 * 3600
/** What was created longer ago may have been paid, cancelled or expired at Stripe since. */
const FRESH_SECONDS = 60

export const secondsSince = (time: Date): number => (Date.now() - time.getTime()) / 1000

/** Its object was made so lately that nobody but us will have touched it. */
export const isFresh = (payment: PaymentRow): boolean =>
  payment.objectOpenTime !== null && secondsSince(payment.objectOpenTime) < FRESH_SECONDS

/**
 * Creates the object that a row says is being opened, or learns its id when that was done and the answer lost: the
 * same key and the same parameters give the same object. Rejects with a StripeRefusal when Stripe will not have it.
 */
export async function finishOpening(context: Context, payment: PaymentRow): Promise<Finding> {
  const { sql } = context.database
  const object = await createObject(context, payment)
  if (!object) return { payment: await readPayment(sql, payment.id), isOpen: false, redirectUrl: "" }
  // Not waited for until it is on disk: what a crash of PostgreSQL takes away is opened again, by the same key.
  const [opened] = await sql<PaymentRow[]>`
    update payment_transactions
    set object_state = 'open', object_id = ${object.id}, client_secret = ${object.client_secret ?? null}
    where id = ${payment.id} and attempt = ${payment.attempt} and object_state = 'opening'
    returning ${paymentColumns(sql)}, set_config('synchronous_commit', 'off', true)`
  // The answer may be a repeated one, from before somebody closed the object: only the row knows whether it is ours.
  const current = opened ?? (await readPayment(sql, payment.id))
  if (!isFresh(payment)) return fetchObject(context, current)
  const isOpen = current.attempt === payment.attempt && current.objectState === "open" && !isFinal(current)
  return { payment: current, isOpen, redirectUrl: ("url" in object && object.url) || "" }
}

type StripeObject = Stripe.PaymentIntent | Stripe.Checkout.Session

async function createObject(context: Context, payment: PaymentRow): Promise<StripeObject | undefined> {
  try {
    if (secondsSince(payment.objectOpenTime!) < KEY_SECONDS)
      return await askStripe(() => create(context.stripe, payment))
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    if (error.code !== ANSWER_LOST) {
      await giveUpOpening(context, payment)
      if (await replaceLostCustomer(context, payment.userId, payment.objectRequest!.customer, error)) return undefined
      throw error
    }
  }
  const found = await findStripeObject(context, payment)
  if (!found) await giveUpOpening(context, payment)
  return found
}

function create(stripe: Stripe, payment: PaymentRow): Promise<StripeObject> {
  const options = { idempotencyKey: `${payment.id}:${payment.attempt}:open` }
  return payment.objectKind === "payment_intent"
    ? stripe.paymentIntents.create(payment.objectRequest as unknown as Stripe.PaymentIntentCreateParams, options)
    : stripe.checkout.sessions.create(payment.objectRequest as Stripe.Checkout.SessionCreateParams, options)
}

/** Nothing was created under this attempt. */
async function giveUpOpening({ database: { sql } }: Context, payment: PaymentRow) {
  await sql`
    update payment_transactions
    set object_state = 'none'
    where id = ${payment.id} and attempt = ${payment.attempt} and object_state = 'opening'`
}

/** Asks Stripe what has become of the payment's object and records it. */
export async function fetchObject(context: Context, payment: PaymentRow): Promise<Finding> {
  const { stripe } = context
  const id = payment.objectId
  if (payment.objectState !== "open" || !id) return { payment, isOpen: false, redirectUrl: "" }
  if (payment.objectKind === "payment_intent") {
    const expand = ["latest_charge"]
    return recordIntent(context, payment, await askStripe(() => stripe.paymentIntents.retrieve(id, { expand })))
  }
  const expand = ["payment_intent.latest_charge"]
  const session = await askStripe(() => stripe.checkout.sessions.retrieve(id, { expand }))
  const intentId = session.payment_intent
  // A server that speaks Stripe's API need not know how to expand.
  if (typeof intentId === "string")
    session.payment_intent = await askStripe(() => stripe.paymentIntents.retrieve(intentId))
  return recordSession(context, payment, session)
}

/**
 * Makes sure that the payment's open object takes no more money, and records it when it has taken some before.
 * Reasons: PAYMENT_PROCESSING when the bank is still deciding.
 */
export async function closeObject(context: Context, payment: PaymentRow): Promise<void> {
  try {
    await askStripe(() => close(context.stripe, payment.objectKind!, payment.objectId!))
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    const found = await fetchObject(context, payment)
    if (found.payment.status === "processing") throw failures.PAYMENT_PROCESSING()
    if (found.isOpen) throw error
  }
}

/** A key for each try: a refusal stays under its key for a day, and what is refused now may be allowed in a minute. */
function close(stripe: Stripe, kind: ObjectKind, id: string): Promise<unknown> {
  const options = { idempotencyKey: crypto.randomUUID() }
  return kind === "payment_intent"
    ? stripe.paymentIntents.cancel(id, {}, options)
    : stripe.checkout.sessions.expire(id, {}, options)
}
