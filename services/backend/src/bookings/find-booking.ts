import { Problems } from "@airside/kernel/errors"
import { parseRequestId } from "@airside/kernel/ids"
import type { FindBookingRequest, FindBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { createAttemptLimit } from "../accounts/attempts.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { bookingMessage } from "./booking-message.ts"
import { openGuestAccess } from "./guest-access.ts"
import { readBooking } from "./own-booking.ts"
import { familyNameKey } from "./parse-order.ts"

const attempts = createAttemptLimit()

/**
 * Opens a booking for whoever knows its reference and a passenger's family name, as airlines do. The same request again
 * mints another token. Reasons: INVALID_REQUEST, BOOKING_NOT_FOUND, TOO_MANY_ATTEMPTS.
 */
export async function findBooking(context: CallContext, request: FindBookingRequest): Promise<FindBookingResponse> {
  parseRequestId(request.requestId)
  const problems = new Problems()
  const reference = request.reference.trim().toUpperCase()
  const nameKey = familyNameKey(request.familyName)
  if (reference === "" || reference.length > 20) problems.add("reference", "is missing or too long")
  if (nameKey === "" || request.familyName.length > 100) problems.add("family_name", "is missing or too long")
  problems.throwIfAny()
  attempts.check(reference)
  const { sql } = context.database
  const [found] = await sql<{ bookingId: string }[]>`
    select r.booking_id as "bookingId"
    from booking_references r
    join passengers p on p.booking_id = r.booking_id
    where r.reference = ${reference} and p.family_name_key = ${nameKey}
    limit 1`
  if (!found) {
    attempts.failed(reference)
    throw failures.BOOKING_NOT_FOUND()
  }
  attempts.succeeded(reference)
  const booking = await bookingMessage(sql, await readBooking(sql, found.bookingId))
  return { booking, accessToken: await openGuestAccess(sql, found.bookingId) }
}
