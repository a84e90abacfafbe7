import type { Database } from "@airside/kernel/sql"
import { inBackendSchema } from "../src/schedule/in-backend-schema.ts"
import { loadCarriers, loadFlights, loadPlaces } from "../src/schedule/load-schedule.ts"
import { type Selling, sellingIn, soldAt } from "../src/schedule/selling.ts"
import { type FlightTemplate, synthesizeSchedule } from "../src/schedule/synthesize-schedule.ts"
import { CARRIERS } from "./carriers.ts"
import { type Place, readPlaces } from "./places.ts"

export interface NetworkOptions {
  /** Another number, another network. */
  seed?: number
  /** On average over the week. */
  dailyFlights?: number
  /** Beside the built-in places; the schedule serves them too. */
  furtherPlaces?: Place[]
  /** What fares are sold in, and how many of its units the US dollar, in which they are made up, is (about the usual). */
  currency?: string
  rate?: number
  dryRun?: boolean
  onProgress?: (loadedFlights: number, allFlights: number) => void
}

/**
 * Loads the built-in places, carriers and weekly schedule, what is missing of them, and answers how many were added.
 * All or nothing, and a second time adds nothing. The database is backend's or the administrator's connection.
 */
export async function seedNetwork(
  database: Database,
  {
    seed = 1,
    dailyFlights = 6_000,
    furtherPlaces = [],
    currency = "USD",
    rate,
    dryRun = false,
    onProgress,
  }: NetworkOptions = {},
): Promise<{ places: number; carriers: number; flights: number }> {
  const places = [...readPlaces(), ...furtherPlaces]
  const selling = sellingIn(currency, rate)
  const flights = synthesizeSchedule(places, { seed, dailyFlights }).map((flight) => sellIn(selling, flight))
  return inBackendSchema(database, dryRun, async (tx) => ({
    places: await loadPlaces(tx, places, selling),
    carriers: await loadCarriers(tx, CARRIERS),
    flights: await loadFlights(tx, flights, "seed", (loaded) => onProgress?.(loaded, flights.length)),
  }))
}

/** A flight whose fares are US cents with fares in the selling currency. */
export const sellIn = (selling: Selling, flight: FlightTemplate): FlightTemplate => ({
  ...flight,
  cabins: flight.cabins.map((cabin) => ({ ...cabin, fareMinorUnits: soldAt(cabin.fareMinorUnits / 100, selling) })),
})
