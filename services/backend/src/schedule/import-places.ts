import type { Database } from "@airside/kernel/sql"
import { type Place, readPlaces } from "../../seed/places.ts"
import { type CsvRow, parseCsv } from "./csv.ts"
import { BadRow, requireColumns, type SkippedRow } from "./import-report.ts"
import { inBackendSchema } from "./in-backend-schema.ts"
import { loadPlaces } from "./load-schedule.ts"
import { sellingIn } from "./selling.ts"

export interface PlaceImport {
  rows: number
  places: number
  imported: number
  alreadyThere: number
  skipped: SkippedRow[]
}

/**
 * Imports airports from a file with the columns city, airport, code and country. A code that Airside knows gets
 * everything from the built-in list; another one needs time_zone, latitude and longitude as well, and country_code where
 * the country's English name does not tell it, and may name its city's code ("LON") as city_code. All good rows go in, in
 * one transaction; bad rows and duplicates are skipped and reported with their lines. A place that is there already stays
 * as it is; a new one charges what airports of its country and size do, in the selling currency at the rate of a dollar.
 * Throws UnreadableFile.
 */
export async function importPlaces(
  database: Database,
  text: string,
  { dryRun = false, sellingCurrency = "USD", rate }: { dryRun?: boolean; sellingCurrency?: string; rate?: number } = {},
): Promise<PlaceImport> {
  const { places, skipped, rows } = parsePlaces(text)
  const imported = await inBackendSchema(database, dryRun, (tx) =>
    loadPlaces(tx, places, sellingIn(sellingCurrency, rate)),
  )
  return { rows, places: places.length, imported, alreadyThere: places.length - imported, skipped }
}

export function parsePlaces(text: string): { places: Place[]; skipped: SkippedRow[]; rows: number } {
  const { columns, rows, malformed } = parseCsv(text)
  requireColumns(columns, ["city", "airport", "code", "country"])
  const builtIn = new Map(readPlaces().map((place) => [place.code, place]))
  const lineOf = new Map<string, number>()
  const skipped: SkippedRow[] = malformed.map((row) => ({ ...row, duplicate: false }))
  const places: Place[] = []
  for (const row of rows) {
    try {
      const place = parseRow(row, builtIn)
      const earlier = lineOf.get(place.code)
      if (earlier)
        skipped.push({ line: row.line, reason: `${place.code} is on line ${earlier} already`, duplicate: true })
      else places.push(place)
      lineOf.set(place.code, earlier ?? row.line)
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      skipped.push({ line: row.line, reason: error.message, duplicate: false })
    }
  }
  skipped.sort((a, b) => a.line - b.line)
  return { places, skipped, rows: rows.length + malformed.length }
}

function parseRow({ values }: CsvRow, builtIn: Map<string, Place>): Place {
  const code = (values.code ?? "").toUpperCase()
  if (!/^[A-Z]{3}$/.test(code)) throw new BadRow(`code "${values.code}" is not three letters`)
  const known = builtIn.get(code)
  if (known) return known
  const missing = ["time_zone", "latitude", "longitude"].filter((column) => !values[column])
  if (missing.length > 0) throw new BadRow(`${code} is not in the built-in list, so it needs ${missing.join(", ")}`)
  for (const column of ["airport", "city", "country"]) if (!values[column]) throw new BadRow(`${column} is empty`)
  return {
    code,
    name: values.airport!,
    city: values.city!,
    cityCode: cityCodeOf(code, values),
    country: values.country!,
    countryCode: countryCodeOf(values),
    timeZone: timeZoneOf(values.time_zone!),
    latitude: degreesOf("latitude", values, 90),
    longitude: degreesOf("longitude", values, 180),
  }
}

/** Lists of airports often repeat an airport's own code where its city has no other. */
function cityCodeOf(airport: string, values: Record<string, string>): string | undefined {
  const code = values.city_code?.toUpperCase() || airport
  if (!/^[A-Z]{3}$/.test(code)) throw new BadRow(`city_code "${values.city_code}" is not three letters`)
  return code === airport ? undefined : code
}

function countryCodeOf(values: Record<string, string>): string {
  const code = values.country_code?.toUpperCase() || countryCodes().get(values.country!.toLowerCase())
  if (!code || !/^[A-Z]{2}$/.test(code)) throw new BadRow(`country "${values.country}" needs a country_code`)
  return code
}

/** English names of countries to their codes, as the runtime spells them. */
function countryCodes(): Map<string, string> {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" })
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  return new Map(codes.flatMap((code) => (names.of(code) ? [[names.of(code)!.toLowerCase(), code] as const] : [])))
}

function timeZoneOf(timeZone: string): string {
  try {
    const id = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId
    if (!/^[+-]/.test(id)) return id
  } catch {
    // said below
  }
  throw new BadRow(`time_zone "${timeZone}" is not an IANA zone such as Europe/Vienna`)
}

function degreesOf(column: string, values: Record<string, string>, limit: number): number {
  const degrees = /^-?\d+(\.\d+)?$/.test(values[column]!) ? Number(values[column]) : Number.NaN
  if (!(Math.abs(degrees) <= limit)) throw new BadRow(`${column} "${values[column]}" is not a number of degrees`)
  return degrees
}
