import type { Place, SearchFilters } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { askEngine, presentMoment } from "./ask-engine.ts"
import type { Itinerary } from "./find-itineraries.ts"
import { airportsOfRoute, type Conditions, daysOnSale } from "./parse-search.ts"

/** One way to fly, on a day still to be named; as SearchFlights is asked for it. */
export interface Journey extends Conditions {
  origin: Place
  destination: Place
  nearbyAirports: boolean
  filters: SearchFilters
}

/** What SearchFlights would answer on each of these civil dates at the origin; a day that is over or not on sale has nothing. */
export async function itinerariesByDay(
  context: Context,
  journey: Journey,
  dates: readonly string[],
): Promise<Map<string, readonly Itinerary[]>> {
  const moment = await presentMoment(context)
  const airports = await airportsOfRoute(context, journey.origin, journey.destination, journey.nearbyAirports)
  const { today, horizon } = daysOnSale(context, journey.origin)
  return new Map(
    dates.map((date) => [
      date,
      date < today || date > horizon ? [] : askEngine(context, moment, { ...journey, ...airports, date }).found,
    ]),
  )
}

/** In minor units; undefined where there is nothing. */
export const lowestPrice = (itineraries: readonly Itinerary[] = []): number | undefined =>
  itineraries.length === 0 ? undefined : Math.min(...itineraries.map(({ price }) => price))
