import { minorDigits } from "@airside/kernel/money"
import type { Database, Queryable } from "@airside/kernel/sql"
import { AIRCRAFT, type Aircraft, type Cabin } from "../../seed/aircraft.ts"
import type { Place } from "../../seed/places.ts"
import { CABINS } from "./base-fare.ts"
import { type SkippedRow, UnreadableFile } from "./import-report.ts"
import { inBackendSchema } from "./in-backend-schema.ts"
import { loadCarriers, loadFlights } from "./load-schedule.ts"
import { aircraftFor, type FlightDay, parseFlights } from "./parse-flights.ts"
import type { FlightTemplate } from "./synthesize-schedule.ts"

export interface FlightImport {
  rows: number
  /** Flights in the file: rows that differ only in their weekday are one. */
  flights: number
  /** Their operating days, summed up. */
  days: number
  /** Flights that had another fare or duration on some of their days; they got the median. */
  evened: number
  imported: number
  alreadyThere: number
  newCarriers: number
  skipped: SkippedRow[]
}

/**
 * Imports flights from a file of the predecessor's format (see parseFlights). All good rows go in, in one transaction;
 * bad rows and duplicates are skipped and reported with their lines. A flight has one fare a cabin and one duration for
 * all of its days: where the file has several, the (lower) median of the days, so that no outlier decides. A flight
 * that is there already stays as it is. Throws UnreadableFile.
 */
export async function importFlights(
  database: Database,
  text: string,
  options: {
    sellingCurrency: string
    rate?: number
    dryRun?: boolean
    onProgress?: (done: number, all: number) => void
  },
): Promise<FlightImport> {
  const places = await readPlacesOf(database)
  if (places.size === 0)
    throw new UnreadableFile("there are no places yet that flights could serve: run bun run db:seed")
  const digits = minorDigits(options.sellingCurrency)
  const { days, skipped, rows } = parseFlights(text, { ...options, places, minorDigits: digits })
  const { unique, duplicates } = withoutDuplicates(days)
  const grouped = [...Map.groupBy(unique, flightKey).values()]
  const flights = grouped.map(mergeDays)
  const carriers = [
    ...new Map(unique.map((day) => [day.carrierCode, { code: day.carrierCode, name: day.carrierName }])).values(),
  ]
  const loaded = await inBackendSchema(database, options.dryRun ?? false, async (tx) => ({
    newCarriers: await loadCarriers(tx, carriers),
    imported: await loadFlights(tx, flights, "import:flights", (done) => options.onProgress?.(done, flights.length)),
  }))
  return {
    rows,
    flights: flights.length,
    days: unique.length,
    evened: grouped.filter(differs).length,
    ...loaded,
    alreadyThere: flights.length - loaded.imported,
    skipped: [...skipped, ...duplicates].sort((a, b) => a.line - b.line),
  }
}

async function readPlacesOf({ sql }: Database): Promise<Map<string, Place>> {
  const rows = await (sql as Queryable)<Place[]>`
    select code, name, city, country, country_code as "countryCode", time_zone as "timeZone", latitude, longitude
    from backend.places
  `
  return new Map(rows.map((place) => [place.code, place]))
}

function flightKey(day: FlightDay): string {
  return [day.carrierCode, day.flightNumber, day.origin, day.destination, day.departureTime].join(" ")
}

function withoutDuplicates(days: FlightDay[]): { unique: FlightDay[]; duplicates: SkippedRow[] } {
  const first = new Map<string, FlightDay>()
  const duplicates: SkippedRow[] = []
  for (const day of days) {
    const key = `${flightKey(day)} ${day.day}`
    const earlier = first.get(key)
    if (earlier)
      duplicates.push({ line: day.line, reason: `the same flight and day as line ${earlier.line}`, duplicate: true })
    else first.set(key, day)
  }
  return { unique: [...first.values()], duplicates }
}

function mergeDays(days: FlightDay[]): FlightTemplate {
  const { carrierCode, flightNumber, origin, destination, departureTime, distanceKm } = days[0]!
  const cabins = CABINS.filter((cabin) => days.some((day) => day.fares[cabin]))
  const aircraft = aircraftFor(distanceKm, cabins)
  return {
    carrierCode,
    flightNumber,
    origin,
    destination,
    departureTime,
    durationMinutes: median(days.map((day) => day.durationMinutes)),
    aircraft,
    days: days.map((day) => day.day).sort(),
    cabins: cabins.map((cabin) => ({
      cabin,
      capacity: (AIRCRAFT[aircraft] as Aircraft).cabins[cabin]!,
      fareMinorUnits: median(days.flatMap((day) => day.fares[cabin] ?? [])),
    })),
  }
}

function differs(days: FlightDay[]): boolean {
  const terms = ({ durationMinutes, fares }: FlightDay) =>
    [durationMinutes, ...CABINS.map((cabin: Cabin) => fares[cabin])].join()
  return new Set(days.map(terms)).size > 1
}

/** The lower of the two in the middle. */
function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]!
}
