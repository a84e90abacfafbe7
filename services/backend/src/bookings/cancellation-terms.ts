import { allocate, least, sum } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"
import { BRANDS, type Brand } from "../flights/fares.ts"
import type { BookingRow } from "./own-booking.ts"
import { pointsValue, readStanding } from "./points.ts"

/** What cancelling gives back; the lines add up to the refund to the card. */
export interface CancellationTerms {
  refundMinorUnits: bigint
  pointsReturned: bigint
  pointsReversed: bigint
  lines: { kind: PriceLineKind; label: string; minorUnits: bigint }[]
}

/** Free cancellation: within a day of booking, a week or more before departure (after 14 CFR 259.5(b)(4)). */
const FREE_HOURS_AFTER_BOOKING = 24
const FREE_HOURS_BEFORE_DEPARTURE = 7 * 24

/**
 * Everything is paid back but the brand's fee, pro rata to card and points. Points that the booking earned are taken
 * off the balance; those that are spent already are taken off the card refund at what they are worth. Throws
 * BOOKING_STATE, ALREADY_DEPARTED.
 */
export async function cancellationTerms(
  context: Context,
  sql: Queryable,
  booking: BookingRow,
): Promise<CancellationTerms> {
  if (["held", "awaiting_payment"].includes(booking.status)) return NOTHING
  if (booking.status !== "confirmed") throw failures.BOOKING_STATE({ status: booking.status })
  if (booking.pointsEarned === null) throw failures.BOOKING_BUSY()
  const { fare, tax, departureTime, brand } = await readSold(sql, booking.id)
  if (departureTime <= booking.readTime) throw failures.ALREADY_DEPARTED()
  const fee = isFree(booking, departureTime) ? 0n : (fare * BigInt(BRANDS[brand].feePercent)) / 100n
  const [card, pointsValuePart] = allocate(booking.totalMinorUnits - fee, [
    booking.paymentMinorUnits,
    booking.pointsValueMinorUnits,
  ])
  const pointsReturned =
    booking.pointsValueMinorUnits === 0n
      ? 0n
      : (booking.pointsRedeemed * pointsValuePart!) / booking.pointsValueMinorUnits
  const earned = await reverseEarned(context, booking, booking.pointsEarned, pointsReturned)
  const shortfall = least(earned.shortfallMinorUnits, card!)
  const lines = [
    { kind: PriceLineKind.FARE, label: "Fare", minorUnits: fare },
    { kind: PriceLineKind.TAX, label: "Taxes and airport charges", minorUnits: tax },
    { kind: PriceLineKind.FEE, label: "Cancellation fee", minorUnits: -fee },
    { kind: PriceLineKind.POINTS, label: "Paid with points", minorUnits: -pointsValuePart! },
    { kind: PriceLineKind.POINTS, label: "Earned points that are spent already", minorUnits: -shortfall },
  ].filter((line) => line.minorUnits !== 0n)
  return {
    refundMinorUnits: sum(lines.map((line) => line.minorUnits)),
    pointsReturned,
    pointsReversed: earned.reversed,
    lines,
  }
}

/** Seats that are not paid for are simply let go. */
const NOTHING: CancellationTerms = { refundMinorUnits: 0n, pointsReturned: 0n, pointsReversed: 0n, lines: [] }

async function readSold(sql: Queryable, bookingId: string) {
  const [sold] = await sql<{ fare: bigint; tax: bigint; departureTime: Date; brand: Brand }[]>`
    select sum(t.fare_minor_units + t.promo_minor_units)::bigint as fare, sum(t.tax_minor_units)::bigint as tax,
           min(s.departure_time) as "departureTime", min(s.brand) as brand
    from tickets t
    join booking_segments s on s.booking_id = t.booking_id and s.id = t.segment_id
    where t.booking_id = ${bookingId}`
  return sold!
}

function isFree(booking: BookingRow, departureTime: Date): boolean {
  const hours = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 3_600_000
  return (
    hours(booking.createTime, booking.readTime) <= FREE_HOURS_AFTER_BOOKING &&
    hours(booking.readTime, departureTime) >= FREE_HOURS_BEFORE_DEPARTURE
  )
}

async function reverseEarned(context: Context, booking: BookingRow, earned: bigint, returned: bigint) {
  if (!booking.userId || earned === 0n) return { reversed: 0n, shortfallMinorUnits: 0n }
  const standing = await readStanding(context, booking.userId)
  const reversed = least(earned, standing.balance + returned)
  return { reversed, shortfallMinorUnits: pointsValue(earned - reversed, standing.redemptionPercent, booking.currency) }
}
