import { minorDigits } from "@airside/kernel/money"
import { Cabin, SearchFlightsRequest, type SliceRequest } from "@airside/protos/airside/flights/v1/flights"
import { toSearchFilters } from "./filters.ts"
import { CABIN_OF, type Search, SORT_OF, slicesOf } from "./search-query.ts"

/** Asks for every slice, or for one of them alone. `currency`: the selling currency, in which a price is meant. */
export function toRequest(search: Search, currency: string, only?: number): SearchFlightsRequest {
  const slices = slicesOf(search)
  const wanted = only === undefined ? slices.map((_, index) => index) : [only]
  return SearchFlightsRequest.fromPartial({
    ...toRoute(wanted.map((index) => slices[index]!)),
    ...toParty(search),
    maxConnections: connectionsOf(search),
    nearbyAirports: search.nearby_airports === "true",
    sort: SORT_OF[search.sort],
    limit: Number(search.limit),
    filters:
      search.filters.length === 0
        ? []
        : wanted.map((index) => toSearchFilters(search.filters, index, minorDigits(currency))),
  })
}

/** Who flies, and how, as SearchFlights takes it. */
export const toParty = (search: Search) => ({
  cabin: CABIN_OF[search.cabin] ?? Cabin.ECONOMY,
  adults: Number(search.adults),
  children: Number(search.children),
  infants: Number(search.infants),
})

/** As many as there can be when the search says nothing. */
function connectionsOf({ filters }: Search): number | undefined {
  const connections = filters.find(({ name }) => name === "max_connections")?.value
  return connections === undefined ? undefined : Number(connections)
}

/** Who flies, and how, as the fare calendar and the fare grid take it. */
export const toFareParty = (search: Search) => ({ ...toParty(search), maxConnections: connectionsOf(search) })

/** Where and when, as SearchFlights takes it: one slice, there and back, or several. */
export function toRoute(slices: readonly SliceRequest[]): Partial<SearchFlightsRequest> {
  const [there, back, third] = slices
  const { origin, destination, date } = there!
  if (!back) return { origin, destination, departDate: date }
  const returns = !third && back.origin === destination && back.destination === origin
  return returns ? { origin, destination, departDate: date, returnDate: back.date } : { slices: [...slices] }
}
