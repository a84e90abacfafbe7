import { invalidRequest } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { QuoteCancellationRequest, QuoteCancellationResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import type { CancellationScope } from "./cancellation-scope.ts"
import { cancellationTerms } from "./cancellation-terms.ts"
import { findOwnBooking } from "./own-booking.ts"
import { signQuote } from "./quotes.ts"

const MOST_NAMED = 20

/**
 * What CancelBooking would give back for the whole booking, for some passengers or for some slices; valid for some
 * minutes. Reasons: BOOKING_NOT_FOUND, BOOKING_STATE, ALREADY_DEPARTED, NOTHING_TO_CANCEL, PARTY_NEEDS_ADULT,
 * INVALID_REQUEST.
 */
export async function quoteCancellation(
  context: CallContext,
  request: QuoteCancellationRequest,
): Promise<QuoteCancellationResponse> {
  const booking = await findOwnBooking(context, request.reference)
  const scope = parseScope(request)
  const terms = await cancellationTerms(context, context.database.sql, booking, scope)
  const expireTime = new Date(booking.readTime.getTime() + context.rules.quoteSeconds * 1000)
  const { currency } = booking
  return {
    quote: {
      token: signQuote(booking.id, scope, terms, expireTime, context.rules.offerKey),
      refund: money(currency, terms.refundMinorUnits),
      pointsReturned: terms.pointsReturned,
      pointsReversed: terms.pointsReversed,
      lines: terms.lines.map(({ kind, label, minorUnits }) => ({ kind, label, amount: money(currency, minorUnits) })),
      expireTime,
      tierBefore: terms.tierBefore,
      tierAfter: terms.tierAfter,
    },
  }
}

function parseScope({ passengerIds, slices }: QuoteCancellationRequest): CancellationScope {
  if (passengerIds.length > MOST_NAMED || slices.length > MOST_NAMED) {
    const field = passengerIds.length > MOST_NAMED ? "passenger_ids" : "slices"
    throw invalidRequest([{ field, message: `names more than ${MOST_NAMED}` }])
  }
  return { passengerIds: [...new Set(passengerIds)].sort(), slices: [...new Set(slices)].sort() }
}
