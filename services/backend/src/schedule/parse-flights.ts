import { AIRCRAFT, type Aircraft, type AircraftCode, type Cabin } from "../../seed/aircraft.ts"
import type { Place } from "../../seed/places.ts"
import { CABINS } from "./base-fare.ts"
import { type CsvRow, parseCsv } from "./csv.ts"
import { distanceKm } from "./geography.ts"
import { BadRow, requireColumns, type SkippedRow, UnreadableFile } from "./import-report.ts"
import { realMinutes } from "./local-duration.ts"
import { clockTime } from "./timetable.ts"

export interface FlightFileOptions {
  /** The places that flights may serve, by code. */
  places: Map<string, Place>
  /** Of the fares to import into. */
  sellingCurrency: string
  /** Digits of the selling currency behind the point. */
  minorDigits: number
  /** Selling currency for one unit of the file's; needed unless the file says that it is in the selling currency. */
  rate?: number
}

/** One row of the file: a flight on one day of the week. */
export interface FlightDay {
  line: number
  carrierCode: string
  carrierName: string
  flightNumber: string
  origin: string
  destination: string
  departureTime: string
  durationMinutes: number
  /** 0 = Monday. */
  day: number
  distanceKm: number
  /** In minor units of the selling currency. */
  fares: Partial<Record<Cabin, number>>
}

const COLUMNS = "origin destination depart_time depart_weekday duration flight_no airline_code airline".split(" ")

const USUAL_AIRCRAFT: AircraftCode[] = ["A320neo", "A321XLR", "787-9", "777-300ER", "A350-900", "A380"]

/**
 * Reads the predecessor's flights: times are local, `duration` is local arrival minus local departure modulo a day, an
 * empty fare means that the flight has no such cabin. The columns may come in any order; `premium_economy_fare` and
 * `currency` are welcome beside them. A bad row is skipped whole, with its line and reason. Throws UnreadableFile.
 */
export function parseFlights(
  text: string,
  options: FlightFileOptions,
): { days: FlightDay[]; skipped: SkippedRow[]; rows: number } {
  const { columns, rows, malformed } = parseCsv(text)
  requireColumns(columns, COLUMNS)
  const fares = CABINS.filter((cabin) => columns.includes(`${cabin}_fare`))
  if (fares.length === 0) throw new UnreadableFile("the header has no column with fares, such as economy_fare")
  if (!columns.includes("currency") && options.rate === undefined) {
    throw new UnreadableFile(
      `the file does not say in which currency its fares are: give the rate into ${options.sellingCurrency}`,
    )
  }
  const skipped: SkippedRow[] = malformed.map((row) => ({ ...row, duplicate: false }))
  const days: FlightDay[] = []
  for (const row of rows) {
    try {
      days.push(parseRow(row, options))
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      skipped.push({ line: row.line, reason: error.message, duplicate: false })
    }
  }
  return { days, skipped, rows: rows.length + malformed.length }
}

function parseRow({ line, values }: CsvRow, options: FlightFileOptions): FlightDay {
  const origin = placeOf("origin", values, options)
  const destination = placeOf("destination", values, options)
  if (origin === destination) throw new BadRow(`origin and destination are both ${origin.code}`)
  const carrierCode = (values.airline_code ?? "").toUpperCase()
  if (!/^(?=.*[A-Z])[A-Z0-9]{2}$/.test(carrierCode))
    throw new BadRow(`airline_code "${carrierCode}" is not two characters`)
  if (!values.airline) throw new BadRow("airline is empty")
  if (!/^[0-6]$/.test(values.depart_weekday!)) {
    throw new BadRow(`depart_weekday "${values.depart_weekday}" is not 0 (Monday) to 6`)
  }
  const localMinutes = minutesOf("duration", values)
  const durationMinutes = realMinutes(localMinutes, origin, destination)
  const km = distanceKm(origin, destination)
  if (durationMinutes === undefined) {
    throw new BadRow(
      `duration ${values.duration} cannot be for the ${Math.round(km)} km from ${origin.code} to ${destination.code}`,
    )
  }
  const fares = faresOf(values, options)
  aircraftFor(km, Object.keys(fares) as Cabin[])
  return {
    line,
    carrierCode,
    carrierName: values.airline,
    flightNumber: flightNumberOf(values.flight_no!, carrierCode),
    origin: origin.code,
    destination: destination.code,
    departureTime: clockTime(minutesOf("depart_time", values)),
    durationMinutes,
    day: Number(values.depart_weekday),
    distanceKm: km,
    fares,
  }
}

function placeOf(column: string, values: Record<string, string>, { places }: FlightFileOptions): Place {
  const place = places.get(values[column]!.toUpperCase())
  if (!place) throw new BadRow(`${column} "${values[column]}" is not a known place`)
  return place
}

/** HH:MM or HH:MM:SS. */
function minutesOf(column: string, values: Record<string, string>): number {
  const match = /^(\d{1,2}):([0-5]\d)(:[0-5]\d)?$/.exec(values[column]!)
  if (!match || Number(match[1]) > 23) throw new BadRow(`${column} "${values[column]}" is not a time such as 08:05`)
  return Number(match[1]) * 60 + Number(match[2])
}

/** "G8334" of G8 is 334. Spreadsheets take 6E155 for a number and write 6.00E+155; that is undone. */
function flightNumberOf(text: string, carrierCode: string): string {
  const written = text.toUpperCase().replace(/^(\d)(?:\.0+)?E\+(\d+)$/, "$1E$2")
  const number = written.startsWith(carrierCode) ? written.slice(2) : written
  const digits = /^\s*0*([1-9]\d{0,3})$/.exec(number)?.[1]
  if (!digits) throw new BadRow(`flight_no "${text}" is not a number from 1 to 9999 of ${carrierCode}`)
  return digits
}

function faresOf(values: Record<string, string>, options: FlightFileOptions): Partial<Record<Cabin, number>> {
  const currency = values.currency?.toUpperCase()
  const rate = currency === options.sellingCurrency ? 1 : options.rate
  if (rate === undefined) throw new BadRow(`currency "${values.currency}" needs a rate into ${options.sellingCurrency}`)
  const fares: Partial<Record<Cabin, number>> = {}
  for (const cabin of CABINS) {
    const text = values[`${cabin}_fare`]
    if (!text) continue
    const minorUnits = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * rate * 10 ** options.minorDigits) : 0
    if (minorUnits <= 0 || !Number.isSafeInteger(minorUnits)) throw new BadRow(`${cabin}_fare "${text}" is not a price`)
    fares[cabin] = minorUnits
  }
  if (Object.keys(fares).length === 0) throw new BadRow("no cabin has a fare")
  return fares
}

/** What a flight is taken for whose file names no aircraft: the first that flies so far with these cabins. */
export function aircraftFor(km: number, cabins: Cabin[]): AircraftCode {
  const fits = (aircraft: Aircraft) => km <= aircraft.rangeKm && cabins.every((cabin) => aircraft.cabins[cabin])
  const code = USUAL_AIRCRAFT.find((code) => fits(AIRCRAFT[code]))
  if (!code) throw new BadRow(`no aircraft flies ${Math.round(km)} km with ${cabins.join(", ")}`)
  return code
}
