import { type Caller, isStaff } from "@airside/kernel/identity"
import type { Queryable } from "@airside/kernel/sql"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"

export type BookingStatusName =
  | "held"
  | "awaiting_payment"
  | "paid"
  | "confirmed"
  | "expiring"
  | "expired"
  | "cancelling"
  | "cancelled"

/** The booking's own row. */
export interface BookingRow {
  id: string
  reference: string
  userId: string | null
  status: BookingStatusName
  contactEmail: string
  contactPhone: string
  currency: string
  priceLines: { kind: number; label: string; minorUnits: number }[]
  totalMinorUnits: bigint
  promoCode: string | null
  holdExpireTime: Date
  holdExtended: boolean
  attempt: number
  attemptOpen: boolean
  pointsToSpend: bigint
  pointsRedeemed: bigint
  pointsValueMinorUnits: bigint
  pointsEarned: bigint | null
  paymentId: string | null
  paymentMinorUnits: bigint
  settledPaymentId: string | null
  /** What cancellations gave back to the card. */
  refundedMinorUnits: bigint
  stepAttempts: number
  /** Somebody is to carry it on: at once, or when its hold lapses. */
  hasNextStep: boolean
  createTime: Date
  /** The database's clock when this was read. */
  readTime: Date
}

/** The columns of a BookingRow of `bookings b`. */
export const bookingColumns = (sql: Queryable) => sql`
  b.id, b.reference, b.user_id as "userId", b.status, b.contact_email as "contactEmail", b.contact_phone as "contactPhone",
  b.currency, b.price_lines as "priceLines", b.total_minor_units as "totalMinorUnits", b.promo_code as "promoCode",
  b.hold_expire_time as "holdExpireTime", b.hold_extended as "holdExtended", b.attempt, b.attempt_open as "attemptOpen",
  b.points_to_spend as "pointsToSpend", b.points_redeemed as "pointsRedeemed", b.points_value_minor_units as "pointsValueMinorUnits",
  b.points_earned as "pointsEarned", b.payment_id as "paymentId", b.payment_minor_units as "paymentMinorUnits",
  b.settled_payment_id as "settledPaymentId",
  (select coalesce(sum(c.refund_minor_units), 0)::bigint from cancellations c where c.booking_id = b.id and c.status = 'done')
    as "refundedMinorUnits", b.step_attempts as "stepAttempts", b.next_step_time is not null as "hasNextStep",
  b.create_time as "createTime", now() as "readTime"`

/** The booking with this reference if it is the caller's, a staff member's to see, or asked for by ui. Throws BOOKING_NOT_FOUND. */
export async function findOwnBooking({ call, database }: CallContext, reference: string): Promise<BookingRow> {
  const { sql } = database
  const [booking] = await sql<BookingRow[]>`
    select ${bookingColumns(sql)}
    from booking_references r
    join bookings b on b.id = r.booking_id
    where r.reference = ${reference.trim().toUpperCase()}`
  if (!booking || !isTheirs(call.caller, booking)) throw failures.BOOKING_NOT_FOUND()
  return booking
}

/** The booking that this payment has paid, for the same callers. */
export async function findPaidBooking({ call, database }: CallContext, paymentId: string) {
  const { sql } = database
  const [booking] = await sql<BookingRow[]>`
    select ${bookingColumns(sql)}
    from bookings b
    where b.settled_payment_id = ${paymentId}`
  return booking && isTheirs(call.caller, booking) ? booking : undefined
}

const isTheirs = (caller: Caller, { id, userId }: BookingRow) =>
  (caller.kind === "person" && caller.userId === userId) ||
  (caller.kind === "guest" && caller.bookingId === id) ||
  (caller.kind === "service" && caller.name === "ui") ||
  isStaff(caller)

/** The booking with this id. Throws BOOKING_NOT_FOUND. */
export async function readBooking(sql: Queryable, id: string): Promise<BookingRow> {
  const [booking] = await sql<BookingRow[]>`select ${bookingColumns(sql)} from bookings b where b.id = ${id}`
  if (!booking) throw failures.BOOKING_NOT_FOUND()
  return booking
}
