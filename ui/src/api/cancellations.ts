import { Problems } from "@airside/kernel/errors"
import type { Booking, CancellationQuote } from "@airside/protos/airside/bookings/v1/bookings"
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
    expires_at: instantShape,
  },
  { title: "CancellationQuote" },
)

const WHOLE = "a booking is cancelled as a whole; leave this out or name all of them"

export const cancellationEndpoints = [
  endpoint({
    method: "POST",
    path: "/api/bookings/:reference/cancellation-quote",
    summary: "What cancelling the booking would give back",
    body: optional(
      object({
        passenger_ids: optional(list(idShape, { description: "All of the booking's passengers." })),
        slices: optional(list(integer({ minimum: 0, maximum: 9 }), { description: "All of the booking's slices." })),
      }),
    ),
    example: {},
    success: { status: 200, answer: quoteShape },
    reasons: { BOOKING_NOT_FOUND: 404, BOOKING_STATE: 409, ALREADY_DEPARTED: 409, LOG_IN_REQUIRED: 401 },
    run: ({ clients, sessions, request, params: { reference }, body }) =>
      sessions.asOwnerOf(request, reference, async (options) => {
        if (body?.passenger_ids || body?.slices) {
          const { booking } = await clients.bookings.getBooking({ reference }, options)
          requireWhole(present(booking), body.passenger_ids, body.slices)
        }
        const { quote } = await clients.bookings.quoteCancellation({ reference }, options)
        return toQuote(present(quote))
      }),
  }),
  endpoint({
    method: "POST",
    path: "/api/bookings/:reference/cancel",
    summary: "Cancel the booking exactly as quoted",
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

/** Throws INVALID_REQUEST when only a part of the booking is named. */
function requireWhole(booking: Booking, passengerIds: string[] | undefined, slices: number[] | undefined) {
  const problems = new Problems()
  const passengers = new Set(booking.passengers.map(({ id }) => id))
  const ways = new Set(booking.segments.map(({ slice }) => slice))
  if (passengerIds && !sameMembers(passengers, passengerIds)) problems.add("passenger_ids", WHOLE)
  if (slices && !sameMembers(ways, slices)) problems.add("slices", WHOLE)
  problems.throwIfAny()
}

const sameMembers = <T>(all: Set<T>, named: T[]) => all.symmetricDifference(new Set(named)).size === 0

const toQuote = (quote: CancellationQuote) => ({
  quote_token: quote.token,
  refund: toMoney(quote.refund),
  points_returned: exactNumber(quote.pointsReturned),
  points_reversed: exactNumber(quote.pointsReversed),
  lines: toLines(quote.lines),
  expires_at: instant(quote.expireTime),
})
