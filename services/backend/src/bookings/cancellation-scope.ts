import { invalidRequest } from "@airside/kernel/errors"
import type { Queryable } from "@airside/kernel/sql"
import { failures } from "../failures.ts"
import type { Brand, PassengerKind } from "../flights/fares.ts"

/** Which tickets are to be cancelled: those of these passengers on these slices; none named means all. */
export interface CancellationScope {
  passengerIds: string[]
  slices: number[]
}

export const WHOLE_BOOKING: CancellationScope = { passengerIds: [], slices: [] }

/** An open ticket with its shares of the price. */
export interface OpenTicket {
  passengerId: string
  passengerType: PassengerKind
  segmentId: string
  slice: number
  brand: Brand
  departureTime: Date
  fare: bigint
  tax: bigint
  /** What points paid of it, in minor units. */
  pointsValue: bigint
}

/** The tickets to cancel and those that stay. Reasons: INVALID_REQUEST, NOTHING_TO_CANCEL, PARTY_NEEDS_ADULT. */
export async function splitTickets(sql: Queryable, bookingId: string, scope: CancellationScope) {
  const open = await sql<OpenTicket[]>`
    select t.passenger_id as "passengerId", p.type as "passengerType", t.segment_id as "segmentId", s.slice, s.brand,
           s.departure_time as "departureTime", t.fare_minor_units + t.promo_minor_units as fare,
           t.tax_minor_units as tax, -t.points_minor_units as "pointsValue"
    from tickets t
    join booking_segments s on s.booking_id = t.booking_id and s.id = t.segment_id
    join passengers p on p.booking_id = t.booking_id and p.id = t.passenger_id
    where t.booking_id = ${bookingId} and t.status = 'open'
    order by s.position, p.position`
  requireKnown(open, scope)
  const isMeant = (ticket: OpenTicket) =>
    (scope.passengerIds.length === 0 || scope.passengerIds.includes(ticket.passengerId)) &&
    (scope.slices.length === 0 || scope.slices.includes(ticket.slice))
  const cancelled = open.filter(isMeant)
  const staying = open.filter((ticket) => !isMeant(ticket))
  if (cancelled.length === 0) throw failures.NOTHING_TO_CANCEL()
  requireAdults(staying)
  return { cancelled, staying }
}

function requireKnown(open: OpenTicket[], scope: CancellationScope) {
  const problems = [
    ...scope.passengerIds
      .filter((id) => !open.some((ticket) => ticket.passengerId === id))
      .map(() => ({ field: "passenger_ids", message: "names somebody without an open ticket on this booking" })),
    ...scope.slices
      .filter((slice) => !open.some((ticket) => ticket.slice === slice))
      .map((slice) => ({ field: "slices", message: `${slice} has no open ticket on this booking` })),
  ]
  if (problems.length > 0) throw invalidRequest(problems)
}

/** On every flight that somebody stays on: an adult for children, and a lap for every infant. */
function requireAdults(staying: OpenTicket[]) {
  for (const segmentId of new Set(staying.map((ticket) => ticket.segmentId))) {
    const count = (type: PassengerKind) =>
      staying.filter((ticket) => ticket.segmentId === segmentId && ticket.passengerType === type).length
    if (count("infant") > count("adult") || (count("child") > 0 && count("adult") === 0)) {
      throw failures.PARTY_NEEDS_ADULT({}, [{ field: "passenger_ids", message: "leaves a child or an infant alone" }])
    }
  }
}
