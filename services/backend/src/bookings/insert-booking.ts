import { newId } from "@airside/kernel/ids"
import { conflict, isUniqueViolation, type Transaction, type WithCommit } from "@airside/kernel/sql"
import type { Contact } from "@airside/protos/airside/bookings/v1/bookings"
import { hashToken } from "../accounts/sessions.ts"
import type { CallContext } from "../context.ts"
import { composeBooking } from "./booking-message.ts"
import { GUEST_DAYS } from "./guest-access.ts"
import type { Order } from "./parse-order.ts"
import type { PricedOrder } from "./price-order.ts"

export interface NewBooking {
  id: string
  order: Order
  priced: PricedOrder
  contact: Contact
  userId: string | null
  /** Wanted by the traveller and possible; StartCheckout redeems them. */
  points: bigint
  /** Opens the booking for a guest. */
  accessToken: string | undefined
}

/** A new held booking as callers see it, and the rows of all that it consists of. */
export function newBooking(context: CallContext, booking: NewBooking) {
  const { id, order, priced, contact, userId, points, accessToken } = booking
  const { currency, holdSeconds } = context.rules
  const createTime = priced.segments[0]!.readTime
  const row = {
    id,
    reference: randomReference(),
    userId,
    status: "held" as const,
    contactEmail: contact.email,
    contactPhone: contact.phone,
    currency,
    priceLines: priced.price.lines.map(({ kind, label, amount }) => ({
      kind,
      label,
      minorUnits: Number(amount!.minorUnits),
    })),
    totalMinorUnits: priced.price.total!.minorUnits,
    promoCode: order.promoCode,
    pointsToSpend: points,
    holdExpireTime: new Date(createTime.getTime() + holdSeconds * 1000),
    createTime,
  }
  const segments = priced.segments.map((segment) => ({
    ...segment,
    departureId: segment.id,
    id: newId(),
    brand: order.offers[segment.slice]!.brand,
  }))
  const passengers = order.passengers.map((passenger) => ({ ...passenger, id: newId() }))
  return {
    message: composeBooking({ ...row, ...NOTHING_PAID }, { segments, passengers, ...NO_TICKETS }),
    bookingRow: bookingRow(row),
    guestRows: accessToken ? [{ booking_id: id, token_hash: hashToken(accessToken) }] : [],
    segmentRows: segments.map((segment, position) => segmentRow(id, segment, position)),
    passengerRows: passengers.map((passenger, position) => passengerRow(id, passenger, position)),
    ticketRows: priced.shares.map((share) => ({
      booking_id: id,
      passenger_id: passengers[share.passenger]!.id,
      segment_id: segments[share.segment]!.id,
      status: "unissued",
      fare_minor_units: String(share.fare),
      tax_minor_units: String(share.tax),
      promo_minor_units: String(share.promo),
      points_minor_units: 0,
    })),
  }
}

/** Writes all of them in one statement. A reference that is taken is a conflict: with the next try come others. */
export function insertBookings(
  tx: Transaction,
  withCommit: WithCommit,
  bookings: readonly ReturnType<typeof newBooking>[],
): void {
  const json = (rows: readonly object[]) => JSON.stringify(rows)
  withCommit(
    tx`
      with row as (
        select * from jsonb_populate_recordset(null::bookings, ${json(bookings.map(({ bookingRow }) => bookingRow))}::text::jsonb)
      ), reference as (
        insert into booking_references (reference, booking_id)
        select reference, id from row
      ), booking as (
        insert into bookings (
          id, reference, user_id, status, contact_email, contact_phone, currency, price_lines, total_minor_units,
          promo_code, points_to_spend, hold_expire_time, next_step_time
        )
        select id, reference, user_id, status, contact_email, contact_phone, currency, price_lines, total_minor_units,
               promo_code, points_to_spend, hold_expire_time, hold_expire_time
        from row
      ), guest as (
        insert into guest_tokens (booking_id, token_hash, expire_time)
        select booking_id, token_hash, now() + ${GUEST_DAYS} * interval '1 day'
        from jsonb_populate_recordset(null::guest_tokens, ${json(bookings.flatMap(({ guestRows }) => guestRows))}::text::jsonb)
      ), segment as (
        insert into booking_segments
        select * from jsonb_populate_recordset(null::booking_segments, ${json(bookings.flatMap(({ segmentRows }) => segmentRows))}::text::jsonb)
      ), passenger as (
        insert into passengers
        select * from jsonb_populate_recordset(null::passengers, ${json(bookings.flatMap(({ passengerRows }) => passengerRows))}::text::jsonb)
      )
      insert into tickets
      select * from jsonb_populate_recordset(null::tickets, ${json(bookings.flatMap(({ ticketRows }) => ticketRows))}::text::jsonb)`,
    (error) => (isUniqueViolation(error) ? conflict("a booking's reference is taken") : error),
  )
}

const NOTHING_PAID = {
  pointsRedeemed: 0n,
  pointsValueMinorUnits: 0n,
  pointsEarned: null,
  paymentId: null,
  paymentMinorUnits: 0n,
  refundedMinorUnits: 0n,
}
/** Tickets have numbers when they are issued, and seats are chosen later. */
const NO_TICKETS = { tickets: [], seats: [] }

const bookingRow = (row: {
  id: string
  reference: string
  userId: string | null
  status: string
  contactEmail: string
  contactPhone: string
  currency: string
  priceLines: readonly object[]
  totalMinorUnits: bigint
  promoCode: string | null
  pointsToSpend: bigint
  holdExpireTime: Date
}) => ({
  id: row.id,
  reference: row.reference,
  user_id: row.userId,
  status: row.status,
  contact_email: row.contactEmail,
  contact_phone: row.contactPhone,
  currency: row.currency,
  price_lines: row.priceLines,
  total_minor_units: String(row.totalMinorUnits),
  promo_code: row.promoCode,
  points_to_spend: String(row.pointsToSpend),
  hold_expire_time: row.holdExpireTime,
})

const segmentRow = (
  bookingId: string,
  segment: PricedOrder["segments"][number] & { departureId: string; brand: string },
  position: number,
) => ({
  booking_id: bookingId,
  id: segment.id,
  slice: segment.slice,
  position,
  departure_id: segment.departureId,
  flight_id: segment.flightId,
  departure_date: segment.date,
  cabin: segment.cabin,
  brand: segment.brand,
  carrier_code: segment.carrierCode,
  carrier_name: segment.carrierName,
  flight_number: segment.flightNumber,
  origin: segment.origin,
  destination: segment.destination,
  origin_time_zone: segment.originTimeZone,
  destination_time_zone: segment.destinationTimeZone,
  departure_time: segment.departureTime,
  arrival_time: segment.arrivalTime,
  duration_minutes: segment.durationMinutes,
  aircraft: segment.aircraft,
})

const passengerRow = (
  bookingId: string,
  passenger: Order["passengers"][number] & { id: string },
  position: number,
) => ({
  booking_id: bookingId,
  id: passenger.id,
  position,
  type: passenger.type,
  given_name: passenger.givenName,
  family_name: passenger.familyName,
  family_name_key: passenger.familyNameKey,
  birth_date: passenger.birthDate,
  gender: passenger.gender,
})

/** No vowels and nothing that is mistaken for something else when it is read out. */
const REFERENCE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"

const randomReference = () =>
  Array.from(
    crypto.getRandomValues(new Uint32Array(6)),
    (random) => REFERENCE_LETTERS[random % REFERENCE_LETTERS.length],
  ).join("")
