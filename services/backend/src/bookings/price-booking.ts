import { least, money } from "@airside/kernel/money"
import type { PriceBookingRequest, PriceBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { callerUserId } from "../accounts/user.ts"
import type { CallContext } from "../context.ts"
import { CABIN_VALUES } from "../flights/cabins.ts"
import { toFlightSegment } from "../flights/departures.ts"
import { offerTotal } from "../flights/make-offer.ts"
import { parseOrder } from "./parse-order.ts"
import { pointsValue, readStanding, spendablePoints } from "./points.ts"
import { priceOrder, readOrderFacts } from "./price-order.ts"

/**
 * What HoldBooking and then StartCheckout would charge, and for which flights; keeps nothing. Reasons: those of
 * HoldBooking; SOLD_OUT only when a flight does not operate any more or has no seats to renew its offer with.
 */
export async function priceBooking(context: CallContext, request: PriceBookingRequest): Promise<PriceBookingResponse> {
  const order = parseOrder(context, request, false)
  const { caller } = context.call
  const userId = caller.kind === "person" ? caller.userId : null
  const [facts] = await readOrderFacts(context.database.sql, [{ order, userId }])
  const { price, segments } = priceOrder(context, order, facts!)
  const slices = order.offers.map((offer, slice) => ({
    cabin: CABIN_VALUES[offer.cabin],
    brand: offer.brand,
    segments: segments.filter((segment) => segment.slice === slice).map(toFlightSegment),
    total: money(offer.currency, offerTotal(offer)),
  }))
  if (order.points === 0n) return { price, slices }
  const { currency } = context.rules
  const total = price.total!.minorUnits
  const standing = await readStanding(context, callerUserId(context))
  const points = spendablePoints(order.points, standing, total, currency)
  const value = least(pointsValue(points, standing.redemptionPercent, currency), total)
  return {
    price: {
      total: money(currency, total - value),
      lines: [
        ...price.lines,
        { kind: PriceLineKind.POINTS, label: `${points} points`, amount: money(currency, -value) },
      ],
    },
    slices,
  }
}
