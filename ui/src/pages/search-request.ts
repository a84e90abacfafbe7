import { minorDigits } from "@airside/kernel/money"
import { Cabin, OfferView, SearchFlightsRequest, type SliceRequest } from "@airside/protos/airside/flights/v1/flights"
import { toSearchFilters } from "./filters.ts"
import { CABIN_OF, type Search, SORT_OF, slicesOf } from "./search-query.ts"

/**
 * Asks for every slice, or for one of them alone, with as much of every offer as a list shows. `currency`: the selling
 * currency, in which a price is meant.
 */
export function toRequest(search: Search, currency: string, only?: number): SearchFlightsRequest {
  const slices = slicesOf(search)
  const wanted = only === undefined ? slices.map((_, index) => index) : [only]
  return SearchFlightsRequest.fromPartial({
    ...toRoute(wanted.map((index) => slices[index]!)),
    ...toConditions(search, currency, wanted),
    sort: SORT_OF[search.sort],
    limit: Number(search.limit),
    offerView: OfferView.BASIC,
  })
}

/** Who flies, and what the flights of these slices must fulfil: search, fare calendar and fare grid take the same. */
export const toConditions = (search: Search, currency: string, slices: readonly number[]) => ({
  cabin: CABIN_OF[search.cabin] ?? Cabin.ECONOMY,
  adults: Number(search.adults),
  children: Number(search.children),
  infants: Number(search.infants),
  maxConnections: connectionsOf(search),
  nearbyAirports: search.nearby_airports === "true",
  filters:
    search.filters.length === 0
      ? []
      : slices.map((index) => toSearchFilters(search.filters, index, minorDigits(currency))),
})

/** As many as there can be when the search says nothing. */
function connectionsOf({ filters }: Search): number | undefined {
  const connections = filters.find(({ name }) => name === "max_connections")?.value
  return connections === undefined ? undefined : Number(connections)
}

/** Where and when, as SearchFlights takes it: one slice, there and back, or several. */
export function toRoute(slices: readonly SliceRequest[]): Partial<SearchFlightsRequest> {
  const [there, back, third] = slices
  const { origin, destination, date } = there!
  if (!back) return { origin, destination, departDate: date }
  const returns = !third && back.origin === destination && back.destination === origin
  return returns ? { origin, destination, departDate: date, returnDate: back.date } : { slices: [...slices] }
}
