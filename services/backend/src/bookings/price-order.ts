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

/** What the database says of orders; to be asked in one go. */
export interface OrderFacts {
  departures: readonly Departure[]
  promo: PromoCode | undefined
}

interface PromoCode {
  percent: number
  firstBooking: boolean
  /** It is for the first booking, and the account has one. */
  isUsed: boolean
}

/** Of each order, in their order: what operates of what it wants, and its promo code if there is such a one. */
export async function readOrderFacts(
  sql: Queryable,
  orders: readonly { order: Order; userId: string | null }[],
): Promise<OrderFacts[]> {
  const [departures, promos] = await Promise.all([
    readDepartures(
      sql,
      orders.flatMap(({ order }) => wantedBy(order)),
    ),
    Promise.all(orders.map(({ order, userId }) => order.promoCode && readPromoCode(sql, order.promoCode, userId))),
  ])
  return promos.map((promo) => ({ departures, promo: promo || undefined }))
}

/**
 * What the order costs at the prices that were shown. Reasons: OFFER_EXPIRED and OFFER_CHANGED (with what to agree to
 * instead), SOLD_OUT, OFFERS_DO_NOT_COMBINE, SALES_CLOSED, PROMO_UNKNOWN, PROMO_NOT_APPLICABLE.
 */
export function priceOrder(context: CallContext, order: Order, facts: OrderFacts): PricedOrder {
  const segments = agreedSegments(context, order, facts.departures)
  const { currency } = context.rules
  const unit = unitOf(currency)
  const priced = order.offers.flatMap(({ brand, segments }) =>
    segments.map(({ standardFare, charge }) => ({ adultFare: brandFare(standardFare, brand, unit), charge })),
  )
  const kinds = order.passengers.map((passenger) => passenger.type)
  const shares = sharesOf(priced, kinds)
  const price = priceOf(priced, order.offers[0]!.counts, currency)
  const code = order.promoCode ? applicable(context, facts.promo) : undefined
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

const wantedBy = (order: Order) =>
  order.offers.flatMap((offer, slice) => offer.segments.map((segment) => ({ ...segment, cabin: offer.cabin, slice })))

function agreedSegments(context: CallContext, order: Order, departures: readonly Departure[]): PricedOrder["segments"] {
  const segments = wantedBy(order).map(({ flightId, date, cabin, slice, version, charge }) => {
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

async function readPromoCode(sql: Queryable, code: string, userId: string | null): Promise<PromoCode | undefined> {
  const [promo] = await sql<PromoCode[]>`
    select percent, first_booking as "firstBooking", first_booking and (
      exists (select 1 from bookings where user_id = ${userId} and status in ('paid', 'confirmed', 'cancelling'))
      or exists (select 1 from promo_uses where user_id = ${userId} and code = ${code})
    ) as "isUsed"
    from promo_codes
    where code = ${code} and active`
  return promo
}

/** The code, where this caller may use it. */
function applicable({ call: { caller } }: CallContext, promo: PromoCode | undefined): PromoCode {
  const field = "promo_code"
  if (!promo) throw failures.PROMO_UNKNOWN({}, [{ field, message: "there is no such promo code" }])
  if (!promo.firstBooking) return promo
  if (caller.kind !== "person")
    throw failures.PROMO_NOT_APPLICABLE({}, [{ field, message: `${FOR_THE_FIRST}: log in to use it` }])
  if (promo.isUsed) throw firstBookingOnly()
  return promo
}

const FOR_THE_FIRST = "is for the first booking of an account"

export const firstBookingOnly = () =>
  failures.PROMO_NOT_APPLICABLE({}, [{ field: "promo_code", message: FOR_THE_FIRST }])
