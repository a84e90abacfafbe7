import { money } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import { type Payment, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import { failures } from "../failures.ts"

export type Status = "open" | "requires_action" | "processing" | "succeeded" | "cancelled"
export type ObjectKind = "payment_intent" | "checkout_session"

/** A row of payment_transactions. A tombstone has no facts: its texts are empty and its amount is 0. */
export interface PaymentRow {
  id: string
  bookingId: string
  bookingReference: string
  userId: string | null
  description: string
  email: string
  currency: string
  amountMinorUnits: bigint
  refundedMinorUnits: bigint
  status: Status
  checkoutKey: string
  attempt: number
  objectKind: ObjectKind | null
  objectState: "none" | "opening" | "open"
  objectRequest: Record<string, unknown> | null
  /** Of the intent or session that is open, or that was the last one. */
  objectId: string | null
  objectOpenTime: Date | null
  clientSecret: string | null
  paidIntentId: string | null
  cardBrand: string
  cardLast4: string
  createTime: Date
}

/** The columns of a PaymentRow: to be selected, or returned by the statement that changes it. */
export const paymentColumns = (sql: Queryable) => sql`
  id, coalesce(booking_id::text, '') as "bookingId", coalesce(booking_reference, '') as "bookingReference",
  user_id as "userId", coalesce(description, '') as description, coalesce(email, '') as email,
  coalesce(currency, '') as currency, coalesce(amount_minor_units, 0) as "amountMinorUnits",
  refunded_minor_units as "refundedMinorUnits", status, coalesce(checkout_key, '') as "checkoutKey", attempt,
  object_kind as "objectKind", object_state as "objectState", object_request as "objectRequest",
  object_id as "objectId", object_open_time as "objectOpenTime", client_secret as "clientSecret",
  paid_intent_id as "paidIntentId", card_brand as "cardBrand", card_last4 as "cardLast4",
  create_time as "createTime"`

/** The payment, or undefined. */
export async function findPayment(sql: Queryable, id: string): Promise<PaymentRow | undefined> {
  const [payment] = await sql<PaymentRow[]>`select ${paymentColumns(sql)} from payment_transactions where id = ${id}`
  return payment
}

/** The payment. Reasons: PAYMENT_NOT_FOUND. */
export async function readPayment(sql: Queryable, id: string): Promise<PaymentRow> {
  const payment = await findPayment(sql, id)
  if (!payment) throw failures.PAYMENT_NOT_FOUND()
  return payment
}

/** Nothing can happen to it any more, refunds aside. */
export const isFinal = ({ status }: PaymentRow): boolean => status === "succeeded" || status === "cancelled"

/** The message, without what could pay: see `withSecrets`. */
export function toPayment(row: PaymentRow): Payment {
  return {
    id: row.id,
    bookingId: row.bookingId,
    bookingReference: row.bookingReference,
    userId: row.userId ?? "",
    status: toStatus(row.status),
    amount: row.currency ? money(row.currency, row.amountMinorUnits) : undefined,
    refunded: row.currency ? money(row.currency, row.refundedMinorUnits) : undefined,
    clientSecret: "",
    checkoutKey: "",
    cardBrand: row.cardBrand,
    cardLast4: row.cardLast4,
    createTime: row.createTime,
  }
}

/** The message for backend and for the owner; never part of a stored answer. */
export function withSecrets(row: PaymentRow): Payment {
  const hasOpenIntent = row.objectKind === "payment_intent" && row.objectState === "open"
  const clientSecret = (hasOpenIntent && row.clientSecret) || ""
  return { ...toPayment(row), clientSecret, checkoutKey: row.checkoutKey }
}

export function toStatus(status: Status): PaymentStatus {
  return PaymentStatus[status.toUpperCase() as Uppercase<Status>]
}
