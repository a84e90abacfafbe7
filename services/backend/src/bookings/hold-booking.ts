import { once } from "@airside/kernel/idempotency"
import { newId } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { Contact, HoldBookingRequest, HoldBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { bookingMessage } from "./booking-message.ts"
import { openGuestAccess } from "./guest-access.ts"
import { holdSeats } from "./inventory.ts"
import { readBooking } from "./own-booking.ts"
import { type Order, parseContact, parseOrder } from "./parse-order.ts"
import { readStanding, spendablePoints } from "./points.ts"
import { type PricedOrder, priceOrder } from "./price-order.ts"

/**
 * Holds seats at the offered price until payment; the hold lapses by itself. Points are only noted: StartCheckout
 * redeems them. Reasons: INVALID_REQUEST, OFFER_INVALID, OFFER_EXPIRED, OFFER_CHANGED, OFFERS_DO_NOT_COMBINE,
 * SALES_CLOSED, SOLD_OUT, PROMO_UNKNOWN, PROMO_NOT_APPLICABLE, POINTS_NEED_ACCOUNT, NOT_ENOUGH_POINTS,
 * POINTS_REMAINDER_TOO_SMALL.
 */
export async function holdBooking(context: CallContext, request: HoldBookingRequest): Promise<HoldBookingResponse> {
  const order = parseOrder(context, request, true)
  const contact = parseContact(request.contact)
  const { caller } = context.call
  const userId = caller.kind === "person" ? caller.userId : null
  const standing = userId && order.points > 0n ? await readStanding(context, userId) : undefined
  const { booking } = await once<HoldBookingResponse>(context, request, async (tx) => {
    const priced = await priceOrder(context, tx, order)
    const { currency } = context.rules
    const points = standing ? spendablePoints(order.points, standing, priced.price.total!.minorUnits, currency) : 0n
    const seats = order.passengers.filter((passenger) => passenger.type !== "infant").length
    await holdSeats(tx, priced.segments, seats)
    const id = await insertBooking(context, tx, { order, priced, contact, userId, points })
    return { booking: await bookingMessage(tx, await readBooking(tx, id)), accessToken: "" }
  })
  const accessToken = userId ? "" : await openGuestAccess(context.database.sql, booking!.id)
  return { booking, accessToken }
}

interface NewBooking {
  order: Order
  priced: PricedOrder
  contact: Contact
  userId: string | null
  points: bigint
}

async function insertBooking(
  context: CallContext,
  tx: Transaction,
  { order, priced, contact, userId, points }: NewBooking,
) {
  const bookingId = newId()
  const reference = await takeReference(tx, bookingId)
  if (userId && order.promoCode) await usePromoCode(tx, order.promoCode, userId, bookingId)
  const segmentIds = priced.segments.map(newId)
  const passengerIds = order.passengers.map(newId)
  const lines = priced.price.lines.map(({ kind, label, amount }) => ({
    kind,
    label,
    minorUnits: Number(amount!.minorUnits),
  }))
  await tx`
    insert into bookings (
      id, reference, user_id, status, contact_email, contact_phone, currency, price_lines, total_minor_units, promo_code,
      points_to_spend, hold_expire_time, next_step_time
    )
    select ${bookingId}, ${reference}, ${userId}, 'held', ${contact.email}, ${contact.phone}, ${context.rules.currency},
           ${JSON.stringify(lines)}::text::jsonb, ${priced.price.total!.minorUnits}, ${order.promoCode}, ${points},
           lapse, lapse
    from (select now() + ${context.rules.holdSeconds} * interval '1 second' as lapse) as hold`
  await tx`insert into booking_segments ${tx(
    priced.segments.map((segment, position) => ({
      booking_id: bookingId,
      id: segmentIds[position]!,
      slice: segment.slice,
      position,
      departure_id: segment.id,
      flight_id: segment.flightId,
      departure_date: segment.date,
      cabin: segment.cabin,
      brand: order.offers[segment.slice]!.brand,
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
    })),
  )}`
  await tx`insert into passengers ${tx(
    order.passengers.map((passenger, position) => ({
      booking_id: bookingId,
      id: passengerIds[position]!,
      position,
      type: passenger.type,
      given_name: passenger.givenName,
      family_name: passenger.familyName,
      family_name_key: passenger.familyNameKey,
      birth_date: passenger.birthDate,
      gender: passenger.gender,
    })),
  )}`
  await tx`insert into tickets ${tx(
    priced.shares.map((share) => ({
      booking_id: bookingId,
      passenger_id: passengerIds[share.passenger]!,
      segment_id: segmentIds[share.segment]!,
      status: "unissued",
      fare_minor_units: share.fare,
      tax_minor_units: share.tax,
      promo_minor_units: share.promo,
    })),
  )}`
  return bookingId
}

/** No vowels and nothing that is mistaken for something else when it is read out. */
const REFERENCE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"

async function takeReference(tx: Transaction, bookingId: string): Promise<string> {
  for (;;) {
    const reference = Array.from(
      crypto.getRandomValues(new Uint32Array(6)),
      (random) => REFERENCE_LETTERS[random % REFERENCE_LETTERS.length],
    ).join("")
    const taken = await tx`
      insert into booking_references (reference, booking_id)
      values (${reference}, ${bookingId})
      on conflict do nothing
      returning 1`
    if (taken.length > 0) return reference
  }
}

/** The key of promo_uses decides when two bookings of an account race for their first-booking code. */
async function usePromoCode(tx: Transaction, code: string, userId: string, bookingId: string) {
  const [promo] = await tx`select 1 from promo_codes where code = ${code} and first_booking`
  if (!promo) return
  const used = await tx`
    insert into promo_uses (user_id, code, booking_id)
    values (${userId}, ${code}, ${bookingId})
    on conflict do nothing
    returning 1`
  if (used.length === 0) {
    throw failures.PROMO_NOT_APPLICABLE({}, [
      { field: "promo_code", message: "is for the first booking of an account" },
    ])
  }
}
