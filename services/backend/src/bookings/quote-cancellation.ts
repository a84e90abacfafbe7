import { money } from "@airside/kernel/money"
import type { QuoteCancellationRequest, QuoteCancellationResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { cancellationTerms } from "./cancellation-terms.ts"
import { findOwnBooking } from "./own-booking.ts"
import { signQuote } from "./quotes.ts"

/** What CancelBooking would give back, valid for some minutes. Reasons: BOOKING_NOT_FOUND, BOOKING_STATE, ALREADY_DEPARTED. */
export async function quoteCancellation(
  context: CallContext,
  request: QuoteCancellationRequest,
): Promise<QuoteCancellationResponse> {
  const booking = await findOwnBooking(context, request.reference)
  const terms = await cancellationTerms(context, context.database.sql, booking)
  const expireTime = new Date(booking.readTime.getTime() + context.rules.quoteSeconds * 1000)
  return {
    quote: {
      token: signQuote(booking.id, terms, expireTime, context.rules.offerKey),
      refund: money(booking.currency, terms.refundMinorUnits),
      pointsReturned: terms.pointsReturned,
      pointsReversed: terms.pointsReversed,
      lines: terms.lines.map(({ kind, label, minorUnits }) => ({
        kind,
        label,
        amount: money(booking.currency, minorUnits),
      })),
      expireTime,
    },
  }
}
