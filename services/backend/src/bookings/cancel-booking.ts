import { invalidRequest } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { derivedId } from "@airside/kernel/ids"
import type { Queryable, Transaction } from "@airside/kernel/sql"
import type { CancelBookingRequest, CancelBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { requireLivingSession } from "../accounts/living-session.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { bookingMessage } from "./booking-message.ts"
import { WHOLE_BOOKING } from "./cancellation-scope.ts"
import { cancellationTerms } from "./cancellation-terms.ts"
import { nextStepIsOurs } from "./next-step.ts"
import { type BookingRow, findOwnBooking, readBooking } from "./own-booking.ts"
import { lockPoints } from "./points.ts"
import { readQuote, requireQuoted } from "./quotes.ts"
import { carryOn } from "./sweep-bookings.ts"

/**
 * Cancels what was quoted, exactly as quoted; a booking that is not paid yet is let go without a quote. Reasons:
 * BOOKING_NOT_FOUND, BOOKING_STATE, BOOKING_BUSY, ALREADY_DEPARTED, SESSION_ENDED, QUOTE_INVALID, QUOTE_EXPIRED,
 * QUOTE_CHANGED.
 */
export async function cancelBooking(
  context: CallContext,
  request: CancelBookingRequest,
): Promise<CancelBookingResponse> {
  await requireLivingSession(context)
  const { id } = await findOwnBooking(context, request.reference)
  return onceAcrossSteps<CancelBookingResponse>(context, request, async () => {
    const { sql } = context.database
    const cancellationId = derivedId("cancellation", id, request.requestId)
    if (!(await isUnderWay(sql, id, cancellationId))) {
      await beginCancellation(context, await readBooking(sql, id), cancellationId, request.quoteToken)
    }
    await carryOn(context, id)
    return { booking: await bookingMessage(sql, await readBooking(sql, id)) }
  })
}

/** A former run of the same request got as far as the cancellation's row. */
async function isUnderWay(sql: Queryable, bookingId: string, cancellationId: string): Promise<boolean> {
  const [row] = await sql`select 1 from cancellations where booking_id = ${bookingId} and id = ${cancellationId}`
  return row !== undefined
}

/** The intent: the guarded move and what it was for, committed before anything is given back. */
async function beginCancellation(
  context: CallContext,
  booking: BookingRow,
  cancellationId: string,
  quoteToken: string,
) {
  const isPaid = !["held", "awaiting_payment"].includes(booking.status)
  const terms = await agreedTerms(context, booking, isPaid, quoteToken)
  const lines = terms.lines.map((line) => ({ ...line, minorUnits: Number(line.minorUnits) }))
  await context.database.inTransaction(async (tx) => {
    const moved = isPaid ? await moveToCancelling(tx, booking) : await letGo(tx, booking.id)
    if (!moved) throw failures.BOOKING_BUSY()
    await tx`
      insert into cancellations (
        booking_id, id, status, refund_minor_units, points_returned, points_reversed, points_undone, lines
      )
      values (
        ${booking.id}, ${cancellationId}, ${isPaid ? "requested" : "done"}, ${terms.refundMinorUnits},
        ${terms.pointsReturned}, ${terms.pointsReversed}, ${terms.pointsUndone}, ${JSON.stringify(lines)}::text::jsonb
      )`
    await tx`
      update tickets t
      set cancellation_id = ${cancellationId}
      from unnest(
        ${terms.tickets.map((ticket) => ticket.passengerId)}::uuid[], ${terms.tickets.map((ticket) => ticket.segmentId)}::uuid[]
      ) as quoted (passenger_id, segment_id)
      where t.booking_id = ${booking.id} and t.passenger_id = quoted.passenger_id and t.segment_id = quoted.segment_id`
  })
}

async function agreedTerms(context: CallContext, booking: BookingRow, isPaid: boolean, quoteToken: string) {
  const { sql } = context.database
  if (!isPaid) return cancellationTerms(context, sql, booking, WHOLE_BOOKING)
  if (booking.status !== "confirmed") throw failures.BOOKING_STATE({ status: booking.status })
  if (quoteToken === "") throw invalidRequest([{ field: "quote_token", message: "is missing: ask for a quote first" }])
  const scope = readQuote(quoteToken, booking.id, booking.readTime, context.rules.offerKey)
  const terms = await cancellationTerms(context, sql, booking, scope)
  requireQuoted(quoteToken, terms)
  return terms
}

/** Not while another booking of the account moves points, or has moved since: the terms were made for the balance before. */
async function moveToCancelling(tx: Transaction, { id, userId, readTime }: BookingRow): Promise<boolean> {
  await lockPoints(tx, userId)
  const moved = await tx`
    update bookings
    set status = 'cancelling', ${nextStepIsOurs(tx)}
    where id = ${id} and status = 'confirmed' and points_earned is not null and not exists (
      select 1
      from bookings other
      where other.user_id = ${userId} and other.id <> ${id} and (
        other.status = 'cancelling' or other.update_time > ${readTime}
        or (other.status = 'awaiting_payment' and other.attempt_open and other.points_to_spend > other.points_redeemed)
      )
    )
    returning 1`
  return moved.length > 0
}

/** Nothing was paid, so nothing is given back: the hold ends now instead of lapsing later. */
async function letGo(tx: Transaction, bookingId: string): Promise<boolean> {
  const moved = await tx`
    update bookings
    set status = 'expiring', ${nextStepIsOurs(tx)}
    where id = ${bookingId} and status in ('held', 'awaiting_payment')
    returning 1`
  return moved.length > 0
}
