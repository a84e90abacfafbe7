import { civilDate } from "@airside/kernel/clock"
import type { Place } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import type { CabinName } from "../flights/cabins.ts"
import type { PassengerCounts } from "../flights/fares.ts"
import { askEngine, presentMoment } from "./ask-engine.ts"
import type { Itinerary } from "./find-itineraries.ts"
import { airportsOfRoute } from "./parse-search.ts"

export interface Journey {
  origin: Place
  destination: Place
  cabin: CabinName
  counts: PassengerCounts
  maxConnections: number
}

/** What SearchFlights would answer on each of these civil dates at the origin; a day that is over or not on sale has nothing. */
export async function itinerariesByDay(
  context: Context,
  journey: Journey,
  dates: readonly string[],
): Promise<Map<string, readonly Itinerary[]>> {
  const moment = await presentMoment(context)
  const airports = await airportsOfRoute(context, journey.origin, journey.destination, false)
  const today = civilDate(context.clock(), journey.origin.timeZone)
  const horizon = Temporal.PlainDate.from(today).add({ days: context.rules.saleHorizonDays }).toString()
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
