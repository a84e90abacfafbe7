import { Problems } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import type { CreatePaymentRequest, CreatePaymentResponse } from "@airside/protos/airside/payments/v1/payments"
import { customerOf } from "../cards/customer.ts"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"
import { StripeRefusal } from "../stripe/ask-stripe.ts"
import { intentRequest } from "./object-requests.ts"
import { openIntent } from "./open-object.ts"
import { isFinal, type PaymentRow, paymentColumns, readPayment, withSecrets } from "./payment.ts"
import { finishOpening } from "./stripe-object.ts"

/**
 * Asks for money under an id that backend derived, and opens a PaymentIntent for it. The same facts again, at once or
 * later, give the same payment: the id says what a request_id would, so no answer is stored. Reasons: PAYMENT_DIFFERS,
 * PAYMENT_CANCELLED, AMOUNT_TOO_SMALL.
 */
export async function createPayment(context: Context, request: CreatePaymentRequest): Promise<CreatePaymentResponse> {
  const facts = parseFacts(request, context.sellingCurrency)
  const payment = await openFirst(context, await insertOrFind(context, facts))
  return { payment: withSecrets(payment) }
}

/** An object that is open already stays as it is: the payer may have chosen the hosted page. */
async function openFirst(context: Context, payment: PaymentRow): Promise<PaymentRow> {
  if (isFinal(payment) || payment.objectState === "open") return payment
  try {
    const isPage = payment.objectState === "opening" && payment.objectKind === "checkout_session"
    return (await (isPage ? finishOpening(context, payment) : openIntent(context, payment))).payment
  } catch (error) {
    const isTooSmall = error instanceof StripeRefusal && error.code === "amount_too_small"
    throw isTooSmall ? failures.AMOUNT_TOO_SMALL() : error
  }
}

type Facts = Pick<
  PaymentRow,
  "id" | "bookingId" | "bookingReference" | "userId" | "description" | "email" | "currency" | "amountMinorUnits"
>

function parseFacts(request: CreatePaymentRequest, sellingCurrency: string): Facts {
  const problems = new Problems()
  if (!isUuid(request.requestId)) problems.add("request_id", "must be a UUID")
  if (!isUuid(request.paymentId)) problems.add("payment_id", "must be a UUID")
  if (!isUuid(request.bookingId)) problems.add("booking_id", "must be a UUID")
  if (request.userId && !isUuid(request.userId)) problems.add("user_id", "must be a UUID, or empty for a guest")
  if (!/^\S{1,32}$/.test(request.bookingReference)) problems.add("booking_reference", "must be 1 to 32 characters")
  if (!request.description || request.description.length > 500)
    problems.add("description", "must be 1 to 500 characters")
  if (request.email && !/^\S+@\S+$/.test(request.email)) problems.add("email", "must be an e-mail address, or empty")
  if (!request.amount || request.amount.minorUnits <= 0n) problems.add("amount.minor_units", "must be more than zero")
  if (request.amount && request.amount.currency !== sellingCurrency)
    problems.add("amount.currency", `must be ${sellingCurrency}`)
  problems.throwIfAny()
  return {
    id: request.paymentId.toLowerCase(),
    bookingId: request.bookingId.toLowerCase(),
    bookingReference: request.bookingReference,
    userId: request.userId.toLowerCase() || null,
    description: request.description,
    email: request.email,
    currency: request.amount!.currency,
    amountMinorUnits: request.amount!.minorUnits,
  }
}

/** A new payment is committed together with the intent that is about to be created for it. */
async function insertOrFind(context: Context, facts: Facts): Promise<PaymentRow> {
  const { sql } = context.database
  const checkoutKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")
  const intent = intentRequest({ ...facts, attempt: 0 }, await customerOf(context, facts.userId, facts.email))
  const [inserted] = await sql<PaymentRow[]>`
    insert into payment_transactions
      (id, booking_id, booking_reference, user_id, description, email, currency, amount_minor_units, status, checkout_key,
       attempt, object_kind, object_state, object_request, object_open_time)
    values
      (${facts.id}, ${facts.bookingId}, ${facts.bookingReference}, ${facts.userId}, ${facts.description}, ${facts.email},
       ${facts.currency}, ${facts.amountMinorUnits}, 'open', ${checkoutKey},
       1, 'payment_intent', 'opening', ${JSON.stringify(intent)}::text::jsonb, now())
    on conflict (id) do nothing
    returning ${paymentColumns(sql)}`
  if (inserted) return inserted
  const payment = await readPayment(sql, facts.id)
  if (payment.status === "cancelled") throw failures.PAYMENT_CANCELLED()
  const names = Object.keys(facts) as (keyof Facts)[]
  if (names.some((name) => payment[name] !== facts[name])) throw failures.PAYMENT_DIFFERS()
  return payment
}
