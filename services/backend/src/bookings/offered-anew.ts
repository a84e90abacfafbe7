import { sum } from "@airside/kernel/money"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import type { Departure } from "../flights/departures.ts"
import { makeOffer, offerTotal } from "../flights/make-offer.ts"
import type { Order } from "./parse-order.ts"

/**
 * The metadata of OFFER_EXPIRED and OFFER_CHANGED: the order's flights offered anew, for the traveller to agree to.
 * `lost` are the slices whose offers cannot be had any more; another one keeps its token when that is the better price.
 * Throws SOLD_OUT when there are no seats to offer.
 */
export function offeredAnew(
  context: CallContext,
  order: Order,
  segments: readonly (Departure & { slice: number })[],
  lost: ReadonlySet<number>,
): Record<string, string> {
  const renewed = order.offers.map((offer, slice) => {
    const departures = segments.filter((segment) => segment.slice === slice)
    const seats = offer.counts.adults + offer.counts.children
    if (departures.some(({ capacity, taken }) => capacity - taken < seats))
      throw failures.SOLD_OUT({}, [{ field: `offer_tokens[${slice}]`, message: "has not enough seats left" }])
    const { token, price } = makeOffer(context, departures, offer.counts, [offer.brand])
    const now = { token, total: price!.total!.minorUnits }
    const before = { token: order.offerTokens[slice]!, total: offerTotal(offer) }
    return !lost.has(slice) && before.total < now.total ? before : now
  })
  return {
    offer_tokens: renewed.map(({ token }) => token).join(" "),
    total_minor_units: String(sum(renewed.map(({ total }) => total))),
    former_total_minor_units: String(sum(order.offers.map(offerTotal))),
    currency: context.rules.currency,
  }
}
