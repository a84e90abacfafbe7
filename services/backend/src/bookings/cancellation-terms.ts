import { allocate, cardStep, least, roundForCard, sum } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"
import { BRANDS } from "../flights/brands.ts"
import { BRAND_NAMES } from "../flights/fares.ts"
import { type CancellationScope, type OpenTicket, splitTickets } from "./cancellation-scope.ts"
import type { BookingRow } from "./own-booking.ts"
import { pointsValue, readStanding } from "./points.ts"

/** What cancelling gives back; the lines add up to the refund to the card. */
export interface CancellationTerms {
  tickets: OpenTicket[]
  refundMinorUnits: bigint
  pointsReturned: bigint
  /** Taken off the balance. */
  pointsReversed: bigint
  /** The tickets' share of what the booking earned: reversed, or taken off the refund where it is spent already. */
  pointsUndone: bigint
  lines: { kind: PriceLineKind; label: string; minorUnits: bigint }[]
  tierBefore: string
  tierAfter: string
}

/** Free cancellation: within a day of booking, a week or more before departure (after 14 CFR 259.5(b)(4)). */
const FREE_HOURS_AFTER_BOOKING = 24
const FREE_HOURS_BEFORE_DEPARTURE = 7 * 24

/**
 * The tickets' shares are paid back but for the brand's fee, pro rata to card and points. Points that they earned are
 * taken off the balance; those that are spent already are taken off the card refund at what they are worth. Throws
 * BOOKING_STATE, BOOKING_BUSY, ALREADY_DEPARTED, NOTHING_TO_CANCEL, PARTY_NEEDS_ADULT, INVALID_REQUEST.
 */
export async function cancellationTerms(
  context: Context,
  sql: Queryable,
  booking: BookingRow,
  scope: CancellationScope,
): Promise<CancellationTerms> {
  const isPart = scope.passengerIds.length > 0 || scope.slices.length > 0
  if (["held", "awaiting_payment"].includes(booking.status) && !isPart) return NOTHING
  if (booking.status !== "confirmed") throw failures.BOOKING_STATE({ status: booking.status })
  if (booking.pointsEarned === null) throw failures.BOOKING_BUSY()
  const { cancelled, staying } = await splitTickets(sql, booking.id, scope)
  if (cancelled.some((ticket) => ticket.departureTime <= booking.readTime)) throw failures.ALREADY_DEPARTED()
  const fare = sum(cancelled.map((ticket) => ticket.fare))
  const tax = sum(cancelled.map((ticket) => ticket.tax))
  const fees = isFree(booking, cancelled) ? [] : feesOf(cancelled, booking.currency)
  const fee = sum(fees.map(({ minorUnits }) => minorUnits))
  const paidWithPoints = sum(cancelled.map((ticket) => ticket.pointsValue))
  const [card, pointsPart] = allocate(
    fare + tax - fee,
    [fare + tax - paidWithPoints, paidWithPoints],
    cardStep(booking.currency),
  ) as [bigint, bigint]
  const pointsReturned =
    booking.pointsValueMinorUnits === 0n ? 0n : (booking.pointsRedeemed * pointsPart) / booking.pointsValueMinorUnits
  const pointsUndone = await shareOfEarned(sql, booking, fare, staying.length === 0)
  const earned = await reverseEarned(context, booking, pointsUndone, pointsReturned)
  const shortfall = least(earned.shortfallMinorUnits, card)
  const lines = [
    { kind: PriceLineKind.FARE, label: "Fare", minorUnits: fare },
    { kind: PriceLineKind.TAX, label: "Taxes and airport charges", minorUnits: tax },
    ...fees.map(({ label, minorUnits }) => ({ kind: PriceLineKind.FEE, label, minorUnits: -minorUnits })),
    { kind: PriceLineKind.POINTS, label: "Paid with points", minorUnits: -pointsPart },
    { kind: PriceLineKind.POINTS, label: "Earned points that are spent already", minorUnits: -shortfall },
  ].filter((line) => line.minorUnits !== 0n)
  return {
    tickets: cancelled,
    refundMinorUnits: sum(lines.map((line) => line.minorUnits)),
    pointsReturned,
    pointsReversed: earned.reversed,
    pointsUndone,
    lines,
    tierBefore: earned.tierBefore,
    tierAfter: earned.tierAfter,
  }
}

/** Seats that are not paid for are simply let go. */
const NOTHING: CancellationTerms = {
  tickets: [],
  refundMinorUnits: 0n,
  pointsReturned: 0n,
  pointsReversed: 0n,
  pointsUndone: 0n,
  lines: [],
  tierBefore: "",
  tierAfter: "",
}

/** What each brand keeps of its fares, in words too. */
function feesOf(tickets: readonly OpenTicket[], currency: string): { label: string; minorUnits: bigint }[] {
  return BRAND_NAMES.map((brand) => {
    const { title, cancellationFeePercent: percent } = BRANDS[brand]
    const fares = tickets.filter((ticket) => ticket.brand === brand).map((ticket) => ticket.fare)
    const kept = percent === 100 ? "the fare is not refunded" : `${percent} % of the fare`
    return {
      label: `Cancellation fee, ${title}: ${kept}`,
      minorUnits: sum(fares.map((fare) => roundForCard((fare * BigInt(percent)) / 100n, currency))),
    }
  })
}

function isFree(booking: BookingRow, tickets: readonly OpenTicket[]): boolean {
  const departureTime = Math.min(...tickets.map((ticket) => ticket.departureTime.getTime()))
  const hours = (milliseconds: number) => milliseconds / 3_600_000
  return (
    hours(booking.readTime.getTime() - booking.createTime.getTime()) <= FREE_HOURS_AFTER_BOOKING &&
    hours(departureTime - booking.readTime.getTime()) >= FREE_HOURS_BEFORE_DEPARTURE
  )
}

/** Earned points follow the fares; the last tickets take what rounding left. */
async function shareOfEarned(sql: Queryable, booking: BookingRow, fare: bigint, isLast: boolean): Promise<bigint> {
  const earned = booking.pointsEarned ?? 0n
  const [known] = await sql<{ fare: bigint; undone: bigint }[]>`
    select
      (select sum(fare_minor_units + promo_minor_units) from tickets where booking_id = ${booking.id})::bigint as fare,
      (select coalesce(sum(points_undone), 0) from cancellations where booking_id = ${booking.id})::bigint as undone`
  if (isLast) return earned - known!.undone
  return known!.fare === 0n ? 0n : (earned * fare) / known!.fare
}

async function reverseEarned(context: Context, booking: BookingRow, earned: bigint, returned: bigint) {
  if (!booking.userId) return { reversed: 0n, shortfallMinorUnits: 0n, tierBefore: "", tierAfter: "" }
  const standing = await readStanding(context, booking.userId)
  const reversed = least(earned, standing.balance + returned)
  return {
    reversed,
    shortfallMinorUnits: pointsValue(earned - reversed, standing.redemptionPercent, booking.currency),
    tierBefore: standing.tier,
    tierAfter: standing.tierAfterLosing(earned),
  }
}
