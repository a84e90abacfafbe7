import type { Database, Queryable, Transaction } from "@airside/kernel/sql"
import type { Place } from "../../seed/places.ts"
import { sellIn } from "../../seed/seed-network.ts"
import { BadRow, type SkippedRow, UnreadableFile } from "./import-report.ts"
import { inBackendSchema } from "./in-backend-schema.ts"
import { FLIGHTS_A_BATCH, flightId, loadCarriers, loadFlights } from "./load-schedule.ts"
import { sellingIn } from "./selling.ts"
import { type Leg, readDataSet } from "./ssim-data-set.ts"
import { isoDate } from "./ssim-days.ts"
import { flightsOf, LeftOut, type LegFlights } from "./ssim-flights.ts"
import { readLines } from "./ssim-lines.ts"
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
    const taken = await takenElsewhere(tx, batch)
    for (const { line, carrierCode, flightNumber, effectiveFrom, effectiveUntil } of taken) {
      const reason = `${carrierCode} ${flightNumber} operates between ${effectiveFrom} and ${effectiveUntil} already, from an earlier import`
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
    for (; waiting.length >= FLIGHTS_A_BATCH; waiting = waiting.slice(FLIGHTS_A_BATCH))
      await load(waiting.slice(0, FLIGHTS_A_BATCH))
    options.onProgress?.(bytes)
  }
  reader.end()
  await load(waiting)
  report.rows = reader.records()
  report.skipped.sort((a, b) => a.line - b.line)
  return report
}

/** Throws when another leg of the file has taken a date of this one; takes them all otherwise. */
function requireFree(leg: Leg, { dates }: LegFlights, operates: ReturnType<typeof calendar>): void {
  const flight = `${leg.carrierCode} ${leg.flightNumber} ${leg.origin}-${leg.destination}`
  const taken = dates.filter((date) => operates.has(flight, date))
  if (taken.length > 0 && taken.length === dates.length) throw new LeftOut(`${flight} has all these dates already`)
  if (taken.length > 0)
    throw new BadRow(`${flight} operates on ${isoDate(taken[0]!)} already, says an earlier record`, 15)
  for (const date of dates) operates.add(flight, date)
}

/** On which dates a flight operates, a bit for each: all departures of a big file have to fit. */
function calendar() {
  const DATES = 384
  const bits = new Map<string, Uint32Array>()
  const place = (flight: string, date: number) => ({
    key: `${flight} ${Math.floor(date / DATES)}`,
    word: (date % DATES) >> 5,
    bit: 1 << (date & 31),
  })
  return {
    has(flight: string, date: number): boolean {
      const { key, word, bit } = place(flight, date)
      return ((bits.get(key)?.[word] ?? 0) & bit) !== 0
    },
    add(flight: string, date: number): void {
      const { key, word, bit } = place(flight, date)
      const words = bits.get(key) ?? new Uint32Array(DATES / 32)
      bits.set(key, words)
      words[word]! |= bit
    },
  }
}

/** Those of the batch that other flights with the same number and route, there before, have dates in common with. */
async function takenElsewhere(tx: Queryable, batch: Loadable[]): Promise<Set<Loadable>> {
  const rows = await tx<{ position: number }[]>`
    select distinct wanted.position::int
    from unnest(
      ${batch.map((flight) => flightId(flight, SOURCE))}::uuid[],
      ${batch.map((flight) => flight.carrierCode)}::text[],
      ${batch.map((flight) => flight.flightNumber)}::text[],
      ${batch.map((flight) => flight.origin)}::text[],
      ${batch.map((flight) => flight.destination)}::text[],
      ${batch.map((flight) => flight.effectiveFrom!)}::date[],
      ${batch.map((flight) => flight.effectiveUntil!)}::date[],
      ${batch.map((flight) => flight.days.reduce((bits, day) => bits | (1 << day), 0))}::int[]
    ) with ordinality
      as wanted (id, carrier_code, flight_number, origin, destination, first_date, last_date, day_bits, position)
    join flights f
      on f.carrier_code = wanted.carrier_code
      and f.flight_number = wanted.flight_number
      and f.origin = wanted.origin
      and f.destination = wanted.destination
      and f.id <> wanted.id
    join flight_days d on d.flight_id = f.id and (wanted.day_bits >> d.day) & 1 = 1
    cross join lateral (
      select greatest(f.effective_from, wanted.first_date) as first_date,
             least(f.effective_until, wanted.last_date) as last_date
    ) as common
    where common.first_date + (d.day + 8 - extract(isodow from common.first_date)::int) % 7 <= common.last_date
  `
  return new Set(rows.map(({ position }) => batch[position - 1]!))
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
