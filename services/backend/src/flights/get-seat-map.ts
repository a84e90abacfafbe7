import { invalidRequest } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import { money } from "@airside/kernel/money"
import {
  type GetSeatMapRequest,
  type GetSeatMapResponse,
  type SeatMapSegment,
  SeatStatus,
} from "@airside/protos/airside/flights/v1/flights"
import { findOwnBooking } from "../bookings/own-booking.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { type CabinName, readDepartures } from "./departures.ts"
import { CABIN_VALUES } from "./make-offer.ts"
import { CABIN_NAMES, isCivilDate } from "./parse-search.ts"
import { seatLayout } from "./seat-layout.ts"

/**
 * The seats of a departure's cabin for anybody, or of every segment of the caller's booking. Choosing a seat costs
 * nothing. Reasons: INVALID_REQUEST, DEPARTURE_NOT_FOUND, BOOKING_NOT_FOUND.
 */
export async function getSeatMap(context: CallContext, request: GetSeatMapRequest): Promise<GetSeatMapResponse> {
  const { subject } = request
  if (subject?.$case === "bookingReference") return seatsOfBooking(context, subject.value)
  if (subject?.$case === "departure") {
    const { flightId, date } = subject.value
    if (!isUuid(flightId)) throw invalidRequest([{ field: "departure.flight_id", message: "is not a UUID" }])
    if (!isCivilDate(date)) throw invalidRequest([{ field: "departure.date", message: "is not a date (YYYY-MM-DD)" }])
    const wanted = { flightId, date, cabin: CABIN_NAMES[request.cabin] ?? "economy" }
    return { segments: await seatMaps(context, [{ ...wanted, segmentId: "" }], "") }
  }
  throw invalidRequest([{ field: "subject", message: "name a booking_reference or a departure" }])
}

async function seatsOfBooking(context: CallContext, reference: string): Promise<GetSeatMapResponse> {
  const booking = await findOwnBooking(context, reference)
  const segments = await context.database.sql<
    { segmentId: string; flightId: string; date: string; cabin: CabinName }[]
  >`
    select id as "segmentId", flight_id as "flightId", departure_date as date, cabin
    from booking_segments
    where booking_id = ${booking.id}
    order by position`
  return { segments: await seatMaps(context, segments, booking.id) }
}

type Wanted = { segmentId: string; flightId: string; date: string; cabin: CabinName }

async function seatMaps(context: CallContext, wanted: readonly Wanted[], bookingId: string): Promise<SeatMapSegment[]> {
  const { sql } = context.database
  const departures = await readDepartures(sql, wanted)
  const taken = await sql<{ departureId: string; seat: string; bookingId: string }[]>`
    select departure_id as "departureId", seat, booking_id as "bookingId"
    from seats
    where departure_id = any(${departures.map((departure) => departure.id)}::uuid[])`
  return wanted.map(({ segmentId, flightId, date, cabin }) => {
    const departure = departures.find(
      (each) => each.flightId === flightId && each.date === date && each.cabin === cabin,
    )
    if (!departure) throw failures.DEPARTURE_NOT_FOUND()
    const owners = new Map(
      taken.filter((row) => row.departureId === departure.id).map((row) => [row.seat, row.bookingId]),
    )
    const statusOf = (seat: string) => {
      const owner = owners.get(seat)
      if (owner === undefined) return SeatStatus.FREE
      return owner === bookingId ? SeatStatus.YOURS : SeatStatus.TAKEN
    }
    return {
      segmentId,
      cabin: CABIN_VALUES[cabin],
      seats: seatLayout(cabin, departure.capacity).map((seat) => ({
        ...seat,
        status: statusOf(seat.number),
        price: money(context.rules.currency, 0n),
      })),
    }
  })
}
