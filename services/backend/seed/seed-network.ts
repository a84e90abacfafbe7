import { minorDigits } from "@airside/kernel/money"
import type { Database } from "@airside/kernel/sql"
import { inBackendSchema } from "../src/schedule/in-backend-schema.ts"
import { loadCarriers, loadFlights, loadPlaces } from "../src/schedule/load-schedule.ts"
import { type FlightTemplate, synthesizeSchedule } from "../src/schedule/synthesize-schedule.ts"
import { CARRIERS } from "./carriers.ts"
import { readPlaces } from "./places.ts"

export interface NetworkOptions {
  /** Another number, another network. */
  seed?: number
  /** On average over the week. */
  dailyFlights?: number
  /** What fares are sold in, and how many of its units the US dollar, in which they are made up, is. */
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
  { seed = 1, dailyFlights = 6_000, currency = "USD", rate = 1, dryRun = false, onProgress }: NetworkOptions = {},
): Promise<{ places: number; carriers: number; flights: number }> {
  const places = readPlaces()
  const flights = synthesizeSchedule(places, { seed, dailyFlights }).map((flight) => sellIn(currency, rate, flight))
  return inBackendSchema(database, dryRun, async (tx) => ({
    places: await loadPlaces(tx, places),
    carriers: await loadCarriers(tx, CARRIERS),
    flights: await loadFlights(tx, flights, "seed", (loaded) => onProgress?.(loaded, flights.length)),
  }))
}

/** Whole units of the currency, at least one. */
function sellIn(currency: string, rate: number, flight: FlightTemplate): FlightTemplate {
  if (currency === "USD" && rate === 1) return flight
  const unit = 10 ** minorDigits(currency)
  const convert = (cents: number) => Math.max(1, Math.round((cents / 100) * rate)) * unit
  return {
    ...flight,
    cabins: flight.cabins.map((cabin) => ({ ...cabin, fareMinorUnits: convert(cabin.fareMinorUnits) })),
  }
}
