import type { HostedPage } from "@airside/protos/airside/payments/v1/payments"
import { customerOf } from "../cards/customer.ts"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"
import { intentRequest, sessionRequest } from "./object-requests.ts"
import { isFinal, type ObjectKind, type PaymentRow, paymentColumns, readPayment } from "./payment.ts"
import type { Finding } from "./record-object.ts"
import { closeObject, fetchObject, finishOpening, MOST_ROUNDS } from "./stripe-object.ts"

/**
 * The payment, as it was read just now, with an open PaymentIntent, for a card; or as it ended. Reasons:
 * PAYMENT_PROCESSING, PAYMENT_BUSY.
 */
export function openIntent(context: Context, payment: PaymentRow): Promise<Finding> {
  return openObject(context, payment, "payment_intent", async (payment) =>
    intentRequest(payment, await customerOf(context, payment.userId, payment.email)),
  )
}

/** The payment with an open Checkout Session and its page's URL; or as it ended. Reasons: as openIntent. */
export function openSession(
  context: Context,
  payment: PaymentRow,
  page: HostedPage,
  savesCard: boolean,
): Promise<Finding> {
  return openObject(context, payment, "checkout_session", async (payment) =>
    sessionRequest(payment, page, await customerOf(context, payment.userId, payment.email), savesCard),
  )
}

/**
 * The payment with an open object of the wanted kind at Stripe; one of the other kind is closed first, for certain.
 * Answers at once when the payment has ended, or ends by that: closing may find it paid. Two callers at once come to
 * the same object, or one undoes what the other began; two are never open.
 */
async function openObject(
  context: Context,
  known: PaymentRow,
  kind: ObjectKind,
  requestFor: (payment: PaymentRow) => Promise<object>,
): Promise<Finding> {
  let read: PaymentRow | undefined = known
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const payment: PaymentRow = read ?? (await readPayment(context.database.sql, known.id))
    read = undefined
    if (isFinal(payment)) return { payment, isOpen: false, redirectUrl: "" }
    if (payment.objectState === "opening") {
      const opened = await finishOpening(context, payment)
      if (opened.isOpen && opened.payment.objectKind === kind) return opened
    } else {
      const found = await fetchObject(context, payment)
      if (found.isOpen && payment.objectKind === kind) return found
      if (found.isOpen) await closeObject(context, payment)
      read = await beginOpening(context, payment, kind, await requestFor(payment))
    }
  }
  throw failures.PAYMENT_BUSY()
}

/**
 * Commits what is about to be created, as the next attempt after the one that we saw closed. A payment that closing
 * found paid, or that somebody else moved on, stays as it is, and undefined: the next round sees it.
 */
async function beginOpening({ database: { sql } }: Context, payment: PaymentRow, kind: ObjectKind, request: object) {
  const [begun] = await sql<PaymentRow[]>`
    update payment_transactions
    set attempt = attempt + 1, status = 'open', object_kind = ${kind}, object_state = 'opening', object_id = null,
      client_secret = null, object_request = ${JSON.stringify(request)}::text::jsonb, object_open_time = now()
    where id = ${payment.id} and attempt = ${payment.attempt} and object_state = ${payment.objectState}
      and status in ('open', 'requires_action', 'processing')
    returning ${paymentColumns(sql)}`
  return begun
}
