import type { GetBookingRequest, GetBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { bookingMessage } from "./booking-message.ts"
import { findOwnBooking } from "./own-booking.ts"

/** One booking of the caller's. Reasons: BOOKING_NOT_FOUND. */
export async function getBooking(context: CallContext, request: GetBookingRequest): Promise<GetBookingResponse> {
  const row = await findOwnBooking(context, request.reference)
  return { booking: await bookingMessage(context.database.sql, row) }
}
