import { money } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import {
  type Booking,
  BookingStatus,
  Gender,
  PassengerType,
  TicketStatus,
} from "@airside/protos/airside/bookings/v1/bookings"
import { type PriceLine, PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { CABIN_VALUES, type CabinName } from "../flights/cabins.ts"
import { toFlightSegment } from "../flights/departures.ts"
import type { BookingRow, BookingStatusName } from "./own-booking.ts"

/** A booking as callers see it. */
export async function bookingMessage(sql: Queryable, row: BookingRow): Promise<Booking> {
  const [message] = await bookingMessages(sql, [row])
  return message!
}

/** The same for many, with one statement a table. */
export async function bookingMessages(sql: Queryable, rows: readonly BookingRow[]): Promise<Booking[]> {
  const ids = rows.map((row) => row.id)
  const [segments, passengers, tickets, seats] = await Promise.all([
    sql<(SegmentRow & OfBooking)[]>`
      select booking_id as "bookingId", id, slice, cabin, brand, carrier_code as "carrierCode", carrier_name as "carrierName",
             flight_number as "flightNumber", origin, destination, origin_time_zone as "originTimeZone",
             destination_time_zone as "destinationTimeZone", departure_time as "departureTime",
             arrival_time as "arrivalTime", duration_minutes as "durationMinutes", aircraft, flight_id as "flightId"
      from booking_segments
      where booking_id = any(${ids}::uuid[])
      order by booking_id, position`,
    sql<(PassengerRow & OfBooking)[]>`
      select booking_id as "bookingId", id, type, given_name as "givenName", family_name as "familyName",
             birth_date as "birthDate", gender
      from passengers
      where booking_id = any(${ids}::uuid[])
      order by booking_id, position`,
    sql<(TicketRow & OfBooking)[]>`
      select booking_id as "bookingId", passenger_id as "passengerId", segment_id as "segmentId", number, status
      from tickets
      where booking_id = any(${ids}::uuid[]) and number is not null
      order by booking_id, number`,
    sql<(SeatRow & OfBooking)[]>`
      select booking_id as "bookingId", passenger_id as "passengerId", segment_id as "segmentId", seat
      from seats
      where booking_id = any(${ids}::uuid[])
      order by booking_id, segment_id, passenger_id`,
  ])
  const own = <Part extends { bookingId: string }>(parts: readonly Part[], { id }: BookingRow) =>
    parts.filter((part) => part.bookingId === id)
  return rows.map((row) =>
    composeBooking(row, {
      segments: own(segments, row),
      passengers: own(passengers, row),
      tickets: own(tickets, row),
      seats: own(seats, row),
    }),
  )
}

/** What a booking consists of beside its own row, each in its order. */
export interface BookingParts {
  segments: readonly SegmentRow[]
  passengers: readonly PassengerRow[]
  tickets: readonly TicketRow[]
  seats: readonly SeatRow[]
}

/** A booking as callers see it, of what is stored of it. */
export function composeBooking(row: ShownRow, { segments, passengers, tickets, seats }: BookingParts): Booking {
  const seatOf = ({ passengerId, segmentId }: TicketRow) =>
    seats.find((seat) => seat.passengerId === passengerId && seat.segmentId === segmentId)?.seat ?? ""
  return {
    ...ownFields(row),
    segments: segments.map((segment) => ({
      id: segment.id,
      slice: segment.slice,
      cabin: CABIN_VALUES[segment.cabin],
      brand: segment.brand,
      flight: toFlightSegment(segment),
    })),
    passengers: passengers.map(({ id, type, givenName, familyName, birthDate, gender }) => ({
      id,
      type: PASSENGER_TYPES[type],
      givenName,
      familyName,
      birthDate,
      gender: GENDERS[gender],
    })),
    seats: seats.map(({ passengerId, segmentId, seat }) => ({ passengerId, segmentId, seat })),
    tickets: tickets.map((ticket) => ({
      passengerId: ticket.passengerId,
      segmentId: ticket.segmentId,
      number: ticket.number,
      status: TICKET_STATUSES[ticket.status],
      seat: seatOf(ticket),
    })),
  }
}

type OfBooking = { bookingId: string }
/** The columns of a booking's row that callers see something of. */
type ShownRow = Pick<
  BookingRow,
  | "id"
  | "reference"
  | "userId"
  | "status"
  | "contactEmail"
  | "contactPhone"
  | "currency"
  | "priceLines"
  | "totalMinorUnits"
  | "promoCode"
  | "holdExpireTime"
  | "pointsToSpend"
  | "pointsRedeemed"
  | "pointsValueMinorUnits"
  | "pointsEarned"
  | "paymentId"
  | "paymentMinorUnits"
  | "refundedMinorUnits"
  | "createTime"
>
type SegmentRow = Parameters<typeof toFlightSegment>[0] & {
  id: string
  slice: number
  cabin: CabinName
  brand: string
}
type PassengerRow = {
  id: string
  type: keyof typeof PASSENGER_TYPES
  givenName: string
  familyName: string
  birthDate: string
  gender: keyof typeof GENDERS
}
type TicketRow = {
  passengerId: string
  segmentId: string
  number: string
  status: keyof typeof TICKET_STATUSES
}
type SeatRow = { passengerId: string; segmentId: string; seat: string }

function ownFields(row: ShownRow) {
  const isHeld = row.status === "held" || row.status === "awaiting_payment"
  const lines: PriceLine[] = row.priceLines.map(({ kind, label, minorUnits }) => ({
    kind: kind as PriceLineKind,
    label,
    amount: money(row.currency, BigInt(minorUnits)),
  }))
  if (row.pointsValueMinorUnits > 0n) {
    const amount = money(row.currency, -row.pointsValueMinorUnits)
    lines.push({ kind: PriceLineKind.POINTS, label: `${row.pointsRedeemed} points`, amount })
  }
  return {
    id: row.id,
    reference: row.reference,
    userId: row.userId ?? "",
    status: BOOKING_STATUSES[row.status],
    holdExpireTime: isHeld ? row.holdExpireTime : undefined,
    price: { total: money(row.currency, row.totalMinorUnits - row.pointsValueMinorUnits), lines },
    contact: { email: row.contactEmail, phone: row.contactPhone },
    payment:
      row.paymentId && row.paymentMinorUnits > 0n
        ? {
            id: row.paymentId,
            amount: money(row.currency, row.paymentMinorUnits),
            refunded: money(row.currency, row.refundedMinorUnits),
          }
        : undefined,
    points: { redeemed: row.pointsRedeemed, earned: row.pointsEarned ?? 0n },
    promoCode: row.promoCode ?? "",
    pointsToSpend: row.pointsToSpend,
    createTime: row.createTime,
  }
}

export const BOOKING_STATUSES: Record<BookingStatusName, BookingStatus> = {
  held: BookingStatus.HELD,
  awaiting_payment: BookingStatus.AWAITING_PAYMENT,
  paid: BookingStatus.PAID,
  confirmed: BookingStatus.CONFIRMED,
  expiring: BookingStatus.EXPIRING,
  expired: BookingStatus.EXPIRED,
  cancelling: BookingStatus.CANCELLING,
  cancelled: BookingStatus.CANCELLED,
}

const PASSENGER_TYPES = { adult: PassengerType.ADULT, child: PassengerType.CHILD, infant: PassengerType.INFANT }
const GENDERS = { unspecified: Gender.UNSPECIFIED, female: Gender.FEMALE, male: Gender.MALE }
const TICKET_STATUSES = { open: TicketStatus.OPEN, used: TicketStatus.USED, refunded: TicketStatus.REFUNDED }
