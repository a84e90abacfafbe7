import type { CancellationQuote } from "@airside/protos/airside/bookings/v1/bookings"
import { bookingShape, toBooking } from "./bookings.ts"
import { endpoint } from "./endpoint.ts"
import { linesShape, toLines } from "./flights.ts"
import { exactNumber, moneyShape, toMoney } from "./money.ts"
import { idShape, instantShape } from "./parts.ts"
import { integer, list, object, optional, text } from "./shape.ts"
import { instant, present } from "./words.ts"

const quoteShape = object(
  {
    quote_token: text({ description: "For cancel, until expires_at." }),
    refund: moneyShape,
    points_returned: integer(),
    points_reversed: integer(),
    lines: linesShape,
    tier_before: optional(text({ description: "The traveller's tier now; left out for guests." })),
    tier_after: optional(text()),
    expires_at: instantShape,
  },
  { title: "CancellationQuote" },
)

export const cancellationEndpoints = [
  endpoint({
    method: "POST",
    path: "/api/bookings/:reference/cancellation-quote",
    summary: "What cancelling the booking, some passengers or some slices would give back",
    body: optional(
      object({
        passenger_ids: optional(list(idShape, { description: "Whose tickets; left out: everybody's." })),
        slices: optional(
          list(integer({ minimum: 0, maximum: 9 }), {
            description: "On which slices, 0 for the way out; left out: all.",
          }),
        ),
      }),
    ),
    example: {},
    success: { status: 200, answer: quoteShape },
    reasons: {
      BOOKING_NOT_FOUND: 404,
      BOOKING_STATE: 409,
      ALREADY_DEPARTED: 409,
      NOTHING_TO_CANCEL: 409,
      PARTY_NEEDS_ADULT: 409,
      LOG_IN_REQUIRED: 401,
    },
    run: ({ clients, sessions, request, params: { reference }, body }) =>
      sessions.asOwnerOf(request, reference, async (options) => {
        const part = { passengerIds: body?.passenger_ids ?? [], slices: body?.slices ?? [] }
        const { quote } = await clients.bookings.quoteCancellation({ reference, ...part }, options)
        return toQuote(present(quote))
      }),
  }),
  endpoint({
    method: "POST",
    path: "/api/bookings/:reference/cancel",
    summary: "Cancel what was quoted, exactly as quoted",
    body: optional(
      object({
        quote_token: optional(text({ maximum: 2000, description: "May be left out while nothing has been paid." })),
      }),
    ),
    example: { quote_token: "the token of a quote" },
    success: { status: 200, answer: object({ booking: bookingShape }) },
    reasons: {
      BOOKING_NOT_FOUND: 404,
      BOOKING_STATE: 409,
      QUOTE_INVALID: 422,
      QUOTE_EXPIRED: 409,
      QUOTE_CHANGED: 409,
      LOG_IN_REQUIRED: 401,
    },
    async run({ clients, sessions, request, params: { reference }, body, requestId }) {
      const cancellation = { requestId, reference, quoteToken: body?.quote_token ?? "" }
      const { booking } = await sessions.asOwnerOf(request, reference, (options) =>
        clients.bookings.cancelBooking(cancellation, options),
      )
      return { booking: toBooking(present(booking)) }
    },
  }),
]

const toQuote = (quote: CancellationQuote) => ({
  quote_token: quote.token,
  refund: toMoney(quote.refund),
  points_returned: exactNumber(quote.pointsReturned),
  points_reversed: exactNumber(quote.pointsReversed),
  lines: toLines(quote.lines),
  ...(quote.tierBefore !== "" && { tier_before: quote.tierBefore, tier_after: quote.tierAfter }),
  expires_at: instant(quote.expireTime),
})
