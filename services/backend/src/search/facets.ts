import { money } from "@airside/kernel/money"
import type { Facet, Slice } from "@airside/protos/airside/flights/v1/flights"
import type { RankedItinerary } from "./rank-itineraries.ts"
import type { Timetable } from "./timetable.ts"

type Facets = Pick<Slice, "carriers" | "connectingAirports" | "originAirports" | "destinationAirports">

/** What these itineraries could be narrowed to, by code, each with the lowest price that it has. */
export function facetsOf(timetable: Timetable, itineraries: readonly RankedItinerary[], currency: string): Facets {
  const { flights, carriers, carrierNumbers, airports, airportNumbers } = timetable
  const lowest = {
    carriers: new Map<string, number>(),
    connecting: new Map<string, number>(),
    origins: new Map<string, number>(),
    destinations: new Map<string, number>(),
  }
  for (const { legs, price } of itineraries) {
    for (const [index, leg] of legs.entries()) {
      const { carrier, origin, destination } = flights[leg.flight]!
      lower(lowest.carriers, carrier, price)
      lower(index === 0 ? lowest.origins : lowest.connecting, origin, price)
      if (index === legs.length - 1) lower(lowest.destinations, destination, price)
    }
  }
  const toFacets = (prices: Map<string, number>, nameOf: (code: string) => string): Facet[] =>
    [...prices]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, price]) => ({ code, name: nameOf(code), lowestPrice: money(currency, BigInt(price)) }))
  const airportName = (code: string) => airports[airportNumbers.get(code)!]!.name
  return {
    carriers: toFacets(lowest.carriers, (code) => carriers[carrierNumbers.get(code)!]!.name),
    connectingAirports: toFacets(lowest.connecting, airportName),
    originAirports: toFacets(lowest.origins, airportName),
    destinationAirports: toFacets(lowest.destinations, airportName),
  }
}

function lower(prices: Map<string, number>, code: string, price: number) {
  if (price < (prices.get(code) ?? Number.POSITIVE_INFINITY)) prices.set(code, price)
}
