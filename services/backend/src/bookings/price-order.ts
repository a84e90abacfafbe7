import { allocate, cardStep, money, roundForCard, sum, unitOf } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import { type Price, PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { type Departure, readDepartures } from "../flights/departures.ts"
import { brandFare } from "../flights/fares.ts"
import { priceOf, type Share, sharesOf } from "../flights/prices.ts"
import { isSalesClosed } from "../flights/sales.ts"
import { offeredAnew } from "./offered-anew.ts"
import type { Order } from "./parse-order.ts"

export interface PricedOrder {
  /** In the order of travel, each with its slice. */
  segments: (Departure & { slice: number })[]
  shares: (Share & { promo: bigint })[]
  price: Price
  /** The order's promo code is for the first booking of the account. */
  isFirstBooking: boolean
}

/**
 * What the order costs at the prices that were shown. Reasons: OFFER_EXPIRED and OFFER_CHANGED (with what to agree to
 * instead), SOLD_OUT, OFFERS_DO_NOT_COMBINE, SALES_CLOSED, PROMO_UNKNOWN, PROMO_NOT_APPLICABLE.
 */
export async function priceOrder(context: CallContext, sql: Queryable, order: Order): Promise<PricedOrder> {
  const segments = await agreedSegments(context, sql, order)
  const { currency } = context.rules
  const unit = unitOf(currency)
  const priced = order.offers.flatMap(({ brand, segments }) =>
    segments.map(({ standardFare, charge }) => ({ adultFare: brandFare(standardFare, brand, unit), charge })),
  )
  const kinds = order.passengers.map((passenger) => passenger.type)
  const shares = sharesOf(priced, kinds)
  const price = priceOf(priced, order.offers[0]!.counts, currency)
  const code = order.promoCode ? await readPromoCode(context, sql, order.promoCode) : undefined
  const { percent = 0, firstBooking: isFirstBooking = false } = code ?? {}
  const fare = sum(shares.map((share) => share.fare))
  const promo = -roundForCard((fare * BigInt(percent)) / 100n, currency)
  const promoShares = allocate(
    promo,
    shares.map((share) => share.fare),
    cardStep(currency),
  )
  if (promo < 0n) {
    const amount = money(currency, promo)
    price.lines.push({
      kind: PriceLineKind.PROMO,
      label: `Promo code ${order.promoCode}, ${percent} % off the fare`,
      amount,
    })
    price.total = money(currency, price.total!.minorUnits + promo)
  }
  const shared = shares.map((share, index) => ({ ...share, promo: promoShares[index]! }))
  return { segments, shares: shared, price, isFirstBooking }
}

async function agreedSegments(context: CallContext, sql: Queryable, order: Order): Promise<PricedOrder["segments"]> {
  const wanted = order.offers.flatMap((offer, slice) =>
    offer.segments.map((segment) => ({ ...segment, cabin: offer.cabin, slice })),
  )
  const departures = await readDepartures(sql, wanted)
  const segments = wanted.map(({ flightId, date, cabin, slice, version, charge }) => {
    const field = `offer_tokens[${slice}]`
    const departure = departures.find(
      (each) => each.flightId === flightId && each.date === date && each.cabin === cabin,
    )
    if (!departure) throw failures.SOLD_OUT({}, [{ field, message: "this flight does not operate any more" }])
    if (isSalesClosed(context, departure)) throw failures.SALES_CLOSED({}, [{ field, message: "leaves too soon" }])
    const isAgreed = departure.version === version && departure.chargeMinorUnits === BigInt(charge)
    return { ...departure, slice, isAgreed }
  })
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    if (next && next.departureTime < segment.arrivalTime) {
      throw failures.OFFERS_DO_NOT_COMBINE({}, [
        { field: "offer_tokens", message: "one flight leaves before the one before has landed" },
      ])
    }
  }
  const changed = segments.filter(({ isAgreed }) => !isAgreed)
  if (changed.length > 0) throw offerChanged(context, order, segments, new Set(changed.map(({ slice }) => slice)))
  const now = segments[0]!.readTime
  const expired = [...order.offers.keys()].filter((slice) => order.offers[slice]!.expireTime <= now)
  if (expired.length > 0) {
    const fields = expired.map((slice) => ({ field: `offer_tokens[${slice}]`, message: "has expired" }))
    throw failures.OFFER_EXPIRED(offeredAnew(context, order, segments, new Set(expired)), fields)
  }
  return segments
}

function offerChanged(context: CallContext, order: Order, segments: PricedOrder["segments"], slices: Set<number>) {
  const message = "the flight or its price has changed"
  const fields = [...slices].map((slice) => ({ field: `offer_tokens[${slice}]`, message }))
  return failures.OFFER_CHANGED(offeredAnew(context, order, segments, slices), fields)
}

async function readPromoCode(context: CallContext, sql: Queryable, code: string) {
  const field = "promo_code"
  const [promo] = await sql<{ percent: number; firstBooking: boolean }[]>`
    select percent, first_booking as "firstBooking"
    from promo_codes
    where code = ${code} and active`
  if (!promo) throw failures.PROMO_UNKNOWN({}, [{ field, message: "there is no such promo code" }])
  if (promo.firstBooking) {
    const { caller } = context.call
    const message = "is for the first booking of an account"
    if (caller.kind !== "person")
      throw failures.PROMO_NOT_APPLICABLE({}, [{ field, message: `${message}: log in to use it` }])
    const [used] = await sql`
      select 1
      from bookings
      where user_id = ${caller.userId} and status in ('paid', 'confirmed', 'cancelling')
      union all
      select 1 from promo_uses where user_id = ${caller.userId} and code = ${code}
      limit 1`
    if (used) throw failures.PROMO_NOT_APPLICABLE({}, [{ field, message }])
  }
  return promo
}
