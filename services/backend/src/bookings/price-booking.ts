import { least, money } from "@airside/kernel/money"
import type { PriceBookingRequest, PriceBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { callerUserId } from "../accounts/user.ts"
import type { CallContext } from "../context.ts"
import { parseOrder } from "./parse-order.ts"
import { pointsValue, readStanding, spendablePoints } from "./points.ts"
import { priceOrder } from "./price-order.ts"

/** What HoldBooking and then StartCheckout would charge; keeps nothing. Reasons: those of HoldBooking, but for SOLD_OUT. */
export async function priceBooking(context: CallContext, request: PriceBookingRequest): Promise<PriceBookingResponse> {
  const order = parseOrder(context, request, false)
  const { price } = await priceOrder(context, context.database.sql, order)
  if (order.points === 0n) return { price }
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
  }
}
