import { invalidRequest, Problems } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import { money } from "@airside/kernel/money"
import {
  type Cabin,
  type GetSeatMapRequest,
  type GetSeatMapResponse,
  SeatStatus,
} from "@airside/protos/airside/flights/v1/flights"
import { cabinsOfBooking } from "../bookings/inventory.ts"
import { findOwnBooking } from "../bookings/own-booking.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { CABIN_VALUES, type CabinName, cabinNamed } from "./cabins.ts"
import { isCivilDate } from "./civil-date.ts"
import { readDepartures } from "./departures.ts"
import { seatLayout } from "./seat-layout.ts"

/**
 * The seats of a departure's cabin for anybody, or of every segment of the caller's booking. Choosing a seat costs
 * nothing. Reasons: INVALID_REQUEST, DEPARTURE_NOT_FOUND, BOOKING_NOT_FOUND.
 */
export async function getSeatMap(context: CallContext, request: GetSeatMapRequest): Promise<GetSeatMapResponse> {
  const { subject } = request
  if (subject?.$case === "bookingReference") {
    const booking = await findOwnBooking(context, subject.value)
    return seatMaps(context, await cabinsOfBooking(context.database.sql, booking.id), booking.id)
  }
  if (subject?.$case === "departure") {
    return seatMaps(context, [await cabinOfDeparture(context, subject.value, request.cabin)], "")
  }
  throw invalidRequest([{ field: "subject", message: "name a booking_reference or a departure" }])
}

type DepartureCabin = { segmentId: string; departureId: string; cabin: CabinName; capacity: number }

async function cabinOfDeparture(
  context: CallContext,
  { flightId, date }: { flightId: string; date: string },
  wanted: Cabin,
): Promise<DepartureCabin> {
  const problems = new Problems()
  const cabin = cabinNamed(wanted)
  if (!isUuid(flightId)) problems.add("departure.flight_id", "is not a UUID")
  if (!isCivilDate(date)) problems.add("departure.date", "is not a date (YYYY-MM-DD)")
  if (!cabin) problems.add("cabin", "is not a cabin")
  problems.throwIfAny()
  const [departure] = await readDepartures(context.database.sql, [{ flightId, date, cabin: cabin! }])
  if (!departure) throw failures.DEPARTURE_NOT_FOUND()
  return { segmentId: "", departureId: departure.id, cabin: departure.cabin, capacity: departure.capacity }
}

async function seatMaps(
  context: CallContext,
  cabins: readonly DepartureCabin[],
  bookingId: string,
): Promise<GetSeatMapResponse> {
  const taken = await context.database.sql<{ departureId: string; seat: string; bookingId: string }[]>`
    select departure_id as "departureId", seat, booking_id as "bookingId"
    from seats
    where departure_id = any(${cabins.map((cabin) => cabin.departureId)}::uuid[])`
  const segments = cabins.map(({ segmentId, departureId, cabin, capacity }) => {
    const owners = new Map(
      taken.filter((row) => row.departureId === departureId).map((row) => [row.seat, row.bookingId]),
    )
    const statusOf = (seat: string) => {
      const owner = owners.get(seat)
      if (owner === undefined) return SeatStatus.FREE
      return owner === bookingId ? SeatStatus.YOURS : SeatStatus.TAKEN
    }
    const price = money(context.rules.currency, 0n)
    return {
      segmentId,
      cabin: CABIN_VALUES[cabin],
      seats: seatLayout(cabin, capacity).map((seat) => ({ ...seat, status: statusOf(seat.number), price })),
    }
  })
  return { segments }
}
