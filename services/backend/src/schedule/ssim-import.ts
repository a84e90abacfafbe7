import type { Database, Queryable, Transaction } from "@airside/kernel/sql"
import type { Place } from "../../seed/places.ts"
import { sellIn } from "../../seed/seed-network.ts"
import { BadRow, type SkippedRow, UnreadableFile } from "./import-report.ts"
import { inBackendSchema } from "./in-backend-schema.ts"
import { FLIGHTS_A_BATCH, loadCarriers, loadFlights } from "./load-schedule.ts"
import { sellingIn } from "./selling.ts"
import { type Leg, readDataSet } from "./ssim-data-set.ts"
import { isoDate } from "./ssim-days.ts"
import { flightsOf, LeftOut, type LegFlights } from "./ssim-flights.ts"
import { readLines } from "./ssim-lines.ts"
import { type Calendar, calendar, findTaken } from "./ssim-overlaps.ts"
import type { FlightTemplate } from "./synthesize-schedule.ts"

export interface SsimImport {
  /** Records, whatever their type. */
  rows: number
  /** Legs that became flights. */
  legs: number
  /** Legs for each stretch of time in which their local time and duration stay the same. */
  flights: number
  /** Departures of these flights. */
  days: number
  imported: number
  alreadyThere: number
  newCarriers: number
  /** Legs whose offsets from UTC are never those of their airports' zones in their period; the zones count. */
  otherOffsets: number
  skipped: SkippedRow[]
}

export interface SsimOptions {
  sellingCurrency: string
  /** Selling currency for a US dollar, in which fares are made up by distance; the usual one, if not given. */
  rate?: number
  /** Of the fares; 1 is the market's. */
  level?: number
  /** Names of carriers that are not there yet, by code: the file tells codes only. */
  carrierNames?: Map<string, string>
  dryRun?: boolean
  onProgress?: (readBytes: number) => void
}

const SOURCE = "import:ssim"

/**
 * Imports the legs of an SSIM file (IATA Standard Schedules Information Manual, chapter 7) as flights. All good legs go
 * in, in one transaction; bad ones, code shares, what carries no passengers and what operates on the same dates as an
 * earlier leg or as a flight that is there already are skipped and reported with line and column. `open` reads the file
 * from its beginning, once for every try of the transaction. Throws UnreadableFile when the frame of the file is broken.
 */
export async function importSsim(
  database: Database,
  open: () => AsyncIterable<Uint8Array>,
  options: SsimOptions,
): Promise<SsimImport> {
  return inBackendSchema(database, options.dryRun ?? false, async (tx) => {
    const places = await readPlaces(tx)
    if (places.size === 0)
      throw new UnreadableFile("there are no places yet that flights could serve: run bun run db:seed")
    return loadFile(tx, open(), places, options)
  })
}

async function readPlaces(sql: Queryable): Promise<Map<string, Place>> {
  const rows = await sql<Place[]>`
    select code, name, city, country, country_code as "countryCode", time_zone as "timeZone", latitude, longitude
    from places
  `
  return new Map(rows.map((place) => [place.code, place]))
}

/** A flight with the line that it comes from. */
type Loadable = FlightTemplate & { line: number }

async function loadFile(
  tx: Transaction,
  chunks: AsyncIterable<Uint8Array>,
  places: Map<string, Place>,
  options: SsimOptions,
): Promise<SsimImport> {
  const report: SsimImport = {
    ...{ rows: 0, legs: 0, flights: 0, days: 0, imported: 0, alreadyThere: 0, newCarriers: 0, otherOffsets: 0 },
    skipped: [],
  }
  const skip = collector(report.skipped)
  const operates = calendar()
  const selling = sellingIn(options.sellingCurrency, options.rate)
  let waiting: Loadable[] = []
  const reader = readDataSet((leg) => waiting.push(...take(leg)), skip)

  function take(leg: Leg): Loadable[] {
    try {
      const found = flightsOf(leg, places, options.level ?? 1)
      requireFree(leg, found, operates)
      for (const { date, reason } of found.missed)
        skip({ line: leg.line, column: 44, reason: `${isoDate(date)} is left out: ${reason}`, duplicate: false })
      report.legs++
      report.days += found.dates.length
      report.flights += found.flights.length
      if (!found.offsetsAgree) report.otherOffsets++
      return found.flights.map((flight) => ({
        ...sellIn(selling, flight),
        line: leg.line,
      }))
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      skip({ line: leg.line, column: error.column, reason: error.message, duplicate: error instanceof LeftOut })
      return []
    }
  }

  async function load(batch: Loadable[]): Promise<void> {
    const codes = [...new Set(batch.map((flight) => flight.carrierCode))]
    report.newCarriers += await loadCarriers(
      tx,
      codes.map((code) => ({ code, name: options.carrierNames?.get(code) ?? code })),
    )
    const taken = await findTaken(tx, batch, SOURCE)
    for (const { line, carrierCode, flightNumber, effectiveFrom, effectiveUntil } of taken) {
      const reason = `${carrierCode} ${flightNumber} operates between ${effectiveFrom} and ${effectiveUntil} already, says an earlier record or import`
      skip({ line, reason, duplicate: false })
    }
    const free = batch.filter((flight) => !taken.has(flight))
    const imported = await loadFlights(tx, free, SOURCE)
    report.imported += imported
    report.alreadyThere += free.length - imported
  }

  let bytes = 0
  for await (const lines of readLines(chunks, (length) => {
    bytes += length
  })) {
    for (const text of lines) reader.line(text)
    if (waiting.length >= FLIGHTS_A_BATCH) {
      await load(waiting)
      waiting = []
      operates.clear()
    }
    options.onProgress?.(bytes)
  }
  reader.end()
  await load(waiting)
  report.rows = reader.records()
  report.skipped.sort((a, b) => a.line - b.line)
  return report
}

/** Throws when another leg of the batch has taken a date of this one; takes them all otherwise. */
function requireFree(leg: Leg, { dates }: LegFlights, operates: Calendar): void {
  const flight = `${leg.carrierCode} ${leg.flightNumber} ${leg.origin}-${leg.destination}`
  const dated = `${flight} ${leg.timeMode}`
  const taken = dates.filter((date) => operates.has(dated, date))
  if (taken.length > 0 && taken.length === dates.length) throw new LeftOut(`${flight} has all these dates already`)
  if (taken.length > 0)
    throw new BadRow(`${flight} operates on ${isoDate(taken[0]!)} already, says an earlier record`, 15)
  for (const date of dates) operates.add(dated, date)
}

/** Keeps skipped rows with one string for each reason: half of a big file can be code shares of one airline. */
function collector(skipped: SkippedRow[]): (row: SkippedRow) => void {
  const reasons = new Map<string, string>()
  return (row) => {
    const reason = reasons.get(row.reason) ?? row.reason
    reasons.set(reason, reason)
    skipped.push({ ...row, reason })
  }
}
