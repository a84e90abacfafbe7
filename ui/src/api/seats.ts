import { SeatPosition, SeatStatus } from "@airside/protos/airside/flights/v1/flights"
import { bookingShape, toBooking } from "./bookings.ts"
import { endpoint } from "./endpoint.ts"
import { cabins } from "./flight-search.ts"
import { moneyShape, toMoney } from "./money.ts"
import { idShape } from "./parts.ts"
import { choice, list, object, text } from "./shape.ts"
import { present, wordsOf } from "./words.ts"

const positions = wordsOf(SeatPosition)
const statuses = wordsOf(SeatStatus)

const seatMapShape = object({
  segments: list(
    object({
      segment_id: text(),
      cabin: choice(cabins.words),
      seats: list(
        object(
          {
            number: text({ example: "12C" }),
            position: choice(positions.words),
            status: choice(statuses.words),
            price: moneyShape,
          },
          { title: "Seat" },
        ),
        { maximum: 1000 },
      ),
    }),
  ),
})

export const seatEndpoints = [
  endpoint({
    method: "GET",
    path: "/api/bookings/:reference/seats",
    summary: "The seats of the booked cabin on each segment",
    success: { status: 200, answer: seatMapShape },
    reasons: { BOOKING_NOT_FOUND: 404, LOG_IN_REQUIRED: 401 },
    async run({ clients, sessions, request, params: { reference } }) {
      const { segments } = await sessions.asOwnerOf(request, reference, (options) =>
        clients.flights.getSeatMap(
          { subject: { $case: "bookingReference", value: reference }, cabin: cabins.toEnum(undefined) },
          options,
        ),
      )
      return {
        segments: segments.map(({ segmentId, cabin, seats }) => ({
          segment_id: segmentId,
          cabin: cabins.toWord(cabin),
          seats: seats.map((seat) => ({
            number: seat.number,
            position: positions.toWord(seat.position),
            status: statuses.toWord(seat.status),
            price: toMoney(seat.price),
          })),
        })),
      }
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/bookings/:reference/seats",
    summary: "Give passengers their seats",
    body: object({
      seats: list(object({ passenger_id: idShape, segment_id: idShape, seat: text({ minimum: 1, maximum: 10 }) }), {
        minimum: 1,
      }),
    }),
    example: { seats: [{ passenger_id: "a passenger's id", segment_id: "a segment's id", seat: "12C" }] },
    success: { status: 200, answer: object({ booking: bookingShape }) },
    reasons: {
      BOOKING_NOT_FOUND: 404,
      BOOKING_STATE: 409,
      SEAT_NOT_INCLUDED: 409,
      SEAT_TAKEN: 409,
      LOG_IN_REQUIRED: 401,
    },
    async run({ clients, sessions, request, params: { reference }, body, requestId }) {
      const seats = body.seats.map(({ passenger_id, segment_id, seat }) => ({
        passengerId: passenger_id,
        segmentId: segment_id,
        seat,
      }))
      const { booking } = await sessions.asOwnerOf(request, reference, (options) =>
        clients.bookings.chooseSeats({ requestId, reference, seats }, options),
      )
      return { booking: toBooking(present(booking)) }
    },
  }),
]
