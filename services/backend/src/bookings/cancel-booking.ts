import { invalidRequest } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { derivedId } from "@airside/kernel/ids"
import type { CancelBookingRequest, CancelBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { requireLivingSession } from "../accounts/living-session.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { bookingMessage } from "./booking-message.ts"
import { cancellationTerms } from "./cancellation-terms.ts"
import { type BookingRow, findOwnBooking, readBooking } from "./own-booking.ts"
import { checkQuote } from "./quotes.ts"
import { LEASE_SECONDS } from "./steps.ts"
import { carryOn } from "./sweep-bookings.ts"

/**
 * Cancels the whole booking exactly as quoted; a booking that is not paid yet is let go without a quote. Reasons:
 * BOOKING_NOT_FOUND, BOOKING_STATE, ALREADY_DEPARTED, SESSION_ENDED, QUOTE_INVALID, QUOTE_EXPIRED, QUOTE_CHANGED.
 */
export async function cancelBooking(
  context: CallContext,
  request: CancelBookingRequest,
): Promise<CancelBookingResponse> {
  await requireLivingSession(context)
  const { id } = await findOwnBooking(context, request.reference)
  return onceAcrossSteps<CancelBookingResponse>(context, request, async () => {
    const booking = await readBooking(context.database.sql, id)
    if (["held", "awaiting_payment"].includes(booking.status)) await letGo(context, booking)
    else await cancelAsQuoted(context, booking, request)
    await carryOn(context, id)
    return { booking: await bookingMessage(context.database.sql, await readBooking(context.database.sql, id)) }
  })
}

async function letGo({ database }: CallContext, booking: BookingRow) {
  const moved = await database.sql`
    update bookings
    set status = 'expiring', next_step_time = now() + ${LEASE_SECONDS} * interval '1 second', step_attempts = 0, update_time = now()
    where id = ${booking.id} and status in ('held', 'awaiting_payment')
    returning 1`
  if (moved.length === 0) throw failures.BOOKING_BUSY()
}

async function cancelAsQuoted(context: CallContext, booking: BookingRow, request: CancelBookingRequest) {
  const cancellationId = derivedId("cancellation", booking.id, request.requestId)
  if (await isUnderWay(context, booking.id, cancellationId)) return
  const terms = await cancellationTerms(context, context.database.sql, booking)
  if (request.quoteToken === "")
    throw invalidRequest([{ field: "quote_token", message: "is missing: ask for a quote first" }])
  checkQuote(request.quoteToken, booking.id, terms, booking.readTime, context.rules.offerKey)
  const lines = terms.lines.map((line) => ({ ...line, minorUnits: Number(line.minorUnits) }))
  await context.database.inTransaction(async (tx) => {
    const moved = await tx`
      update bookings
      set status = 'cancelling', next_step_time = now() + ${LEASE_SECONDS} * interval '1 second', step_attempts = 0,
          update_time = now()
      where id = ${booking.id} and status = 'confirmed' and points_earned is not null
      returning 1`
    if (moved.length === 0) throw failures.BOOKING_BUSY()
    await tx`
      insert into cancellations (booking_id, id, status, refund_minor_units, points_returned, points_reversed, lines)
      values (
        ${booking.id}, ${cancellationId}, 'requested', ${terms.refundMinorUnits}, ${terms.pointsReturned},
        ${terms.pointsReversed}, ${JSON.stringify(lines)}::text::jsonb
      )`
  })
}

/** A former run of the same request got as far as the cancellation's row. */
async function isUnderWay({ database }: CallContext, bookingId: string, cancellationId: string): Promise<boolean> {
  const [row] =
    await database.sql`select 1 from cancellations where booking_id = ${bookingId} and id = ${cancellationId}`
  return row !== undefined
}
