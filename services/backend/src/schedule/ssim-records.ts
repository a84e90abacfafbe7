import { BadRow } from "./import-report.ts"
import { dayOf } from "./ssim-days.ts"

/** Every record, whatever its type. */
export const RECORD_BYTES = 200

/** Record type 2: whose legs follow, and in which time they are written. */
export interface CarrierRecord {
  carrierCode: string
  timeMode: "utc" | "local"
  /** Period of schedule validity, days since 1970-01-01. */
  validFrom: number | undefined
  validUntil: number | undefined
}

/** Record type 3. Dates, days and times are those of the aircraft, in the time mode of the carrier record. */
export interface LegRecord {
  carrierCode: string
  /** "1" to "9999". */
  flightNumber: string
  /** Flight, operational suffix and itinerary variation: what legs in sequence share. */
  itinerary: string
  sequence: number
  serviceType: string
  /** First and last day at this leg's departure, days since 1970-01-01; undefined where the period is open ("00XXX00"). */
  from: number | undefined
  until: number | undefined
  /** Ascending weekdays at this leg's departure, 0 = Monday. */
  days: number[]
  fortnightly: boolean
  origin: string
  destination: string
  /** Minutes of the day. An arrival at 2400 is 1440. */
  departureMinutes: number
  arrivalMinutes: number
  /** Minutes ahead of UTC, as the record states them. */
  departureOffset: number
  arrivalOffset: number
  /** Days after the departure of the itinerary's first leg; the arrival's is undefined where the record does not tell. */
  departureShift: number
  arrivalShift: number | undefined
  aircraftType: string
  aircraftOwner: string
  /** Byte 149: L or Z of a code share, S or X of a shared airline or wet lease. */
  disclosure: string
  /** Traffic restriction of the leg itself. */
  restriction: string
  /** Seats, such as "J016Y144". */
  configuration: string
}

/** Record type 4: one data element of a segment that begins with the leg before it. */
export interface SegmentRecord {
  /** Data element identifier (DEI). */
  element: number
  data: string
}

/** Record type 5. */
export interface TrailerRecord {
  previousSerial: number
  /** True for the last carrier of the data set. */
  ends: boolean
}

/**
 * The layouts of IATA's Standard Schedules Information Manual, chapter 7, as its edition of 2013 has them. Each parser
 * throws BadRow with the column of the first field that breaks its rule.
 */
export function parseCarrier(text: string): CarrierRecord {
  const mode = part(text, 2, 2)
  if (mode !== "U" && mode !== "L") throw new BadRow(`time mode ${quote(mode)} is neither U (UTC) nor L (local)`, 2)
  const [validFrom, validUntil] = parsePeriod(text, 15, 22)
  return { carrierCode: parseCarrierCode(text), timeMode: mode === "U" ? "utc" : "local", validFrom, validUntil }
}

export function parseLeg(text: string): LegRecord {
  const [from, until] = parsePeriod(text, 15, 22)
  const origin = match(text, 37, 39, /^[A-Z]{3}$/, "an airport code")
  parseTime(text, 40, "departure") // of the passengers, who may have to come to a gate far from the aircraft
  const departureMinutes = parseTime(text, 44, "departure")
  const departureOffset = parseOffset(text, 48)
  const destination = match(text, 55, 57, /^[A-Z]{3}$/, "an airport code")
  if (origin === destination) throw new BadRow(`the leg leads from ${origin} to ${origin}`, 55)
  const arrivalMinutes = parseTime(text, 58, "arrival")
  parseTime(text, 62, "arrival") // of the passengers, who leave after the aircraft has arrived
  const sequence = Number(match(text, 12, 13, /^(?!00)\d\d$/, "a leg sequence number from 01"))
  return {
    carrierCode: parseCarrierCode(text),
    flightNumber: parseFlightNumber(text),
    itinerary: itineraryOf(text, 128),
    sequence,
    serviceType: match(text, 14, 14, /^[A-Z]$/, "a service type"),
    from,
    until,
    days: parseDays(text),
    fortnightly: match(text, 36, 36, /^[ 2]$/, "a frequency rate: blank or 2") === "2",
    origin,
    destination,
    departureMinutes,
    arrivalMinutes,
    departureOffset,
    arrivalOffset: parseOffset(text, 66),
    departureShift: parseShift(text, 193) ?? 0,
    arrivalShift: parseShift(text, 194),
    aircraftType: match(text, 73, 75, /^[A-Z0-9]{3}$/, "an aircraft type"),
    aircraftOwner: part(text, 129, 131).trim(),
    disclosure: match(text, 149, 149, /^[ LZSX]$/, "an operating airline disclosure: blank, L, S, X or Z").trim(),
    restriction: sequence > 11 ? "" : part(text, 149 + sequence, 149 + sequence).trim(),
    configuration: part(text, 173, 192).trim(),
  }
}

export function parseSegment(text: string): SegmentRecord {
  const element = Number(match(text, 31, 33, /^\d{3}$/, "a data element identifier"))
  match(text, 34, 36, /^[A-Z]{3}$/, "an airport code")
  match(text, 37, 39, /^[A-Z]{3}$/, "an airport code")
  return { element, data: part(text, 40, 194).trim() }
}

export function parseTrailer(text: string): TrailerRecord {
  return {
    previousSerial: Number(match(text, 188, 193, /^\d{6}$/, "a serial number")),
    ends: match(text, 194, 194, /^[CE]$/, "C (continued) or E (end)") === "E",
  }
}

export function parseSerial(text: string): number {
  return Number(match(text, 195, 200, /^\d{6}$/, "a serial number"))
}

/** 000001 is the header's alone. */
export function serialAfter(serial: number): number {
  return serial === 999_999 ? 2 : serial + 1
}

/** Flight, suffix and itinerary variation of a leg or (with the byte of its overflow) of its segment data. */
export function itineraryOf(text: string, overflowColumn: number): string {
  const variation = match(text, 10, 11, /^\d\d$/, "an itinerary variation")
  return `${part(text, 2, 9)} ${part(text, overflowColumn, overflowColumn)}${variation}`
}

/** Left-justified; three characters are ICAO's. */
function parseCarrierCode(text: string): string {
  return match(text, 3, 5, /^(?=.*[A-Z])[A-Z0-9]{2}[A-Z ]$/, "an airline designator").trimEnd()
}

function parseFlightNumber(text: string): string {
  return String(Number(match(text, 6, 9, /^(?=.*[1-9]) *\d+$/, "a flight number from 1 to 9999")))
}

function parsePeriod(text: string, fromColumn: number, untilColumn: number): [number | undefined, number | undefined] {
  const from = parseDate(text, fromColumn)
  const until = parseDate(text, untilColumn)
  if (from !== undefined && until !== undefined && from > until)
    throw new BadRow(`the period ends on ${part(text, untilColumn, untilColumn + 6)}, before it begins`, untilColumn)
  return [from, until]
}

function parseDate(text: string, column: number): number | undefined {
  const date = part(text, column, column + 6)
  if (date === "00XXX00") return undefined
  const day = dayOf(date)
  if (day === undefined) throw new BadRow(`${quote(date)} is not a date such as 05MAR27`, column)
  return day
}

/** "1 3 5  ": each day's number in its place, or a blank; zeros, as chapter 6 has them, are taken for blanks. */
function parseDays(text: string): number[] {
  const days: number[] = []
  for (let day = 0; day < 7; day++) {
    const digit = part(text, 29 + day, 29 + day)
    if (digit === String(day + 1)) days.push(day)
    else if (digit !== " " && digit !== "0") throw new BadRow(`${quote(digit)} stands for day ${day + 1}`, 29 + day)
  }
  if (days.length === 0) throw new BadRow("no day of operation", 29)
  return days
}

/** Departures are from 0000 to 2359, arrivals up to 2400, which ends their day. */
function parseTime(text: string, column: number, of: "departure" | "arrival"): number {
  const time = part(text, column, column + 3)
  if (of === "arrival" && time === "2400") return 1440
  if (!/^([01]\d|2[0-3])[0-5]\d$/.test(time)) throw new BadRow(`${quote(time)} is not a time of ${of}`, column)
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(2))
}

function parseOffset(text: string, column: number): number {
  const offset = match(text, column, column + 4, /^[+-](0\d|1[0-4])[0-5]\d$/, "an offset such as +0530")
  return (offset[0] === "-" ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3)))
}

/** A is the day before. */
function parseShift(text: string, column: number): number | undefined {
  const shift = match(text, column, column, /^[ A0-7]$/, "a date variation: A or 0 to 7")
  return shift === " " ? undefined : shift === "A" ? -1 : Number(shift)
}

function match(text: string, first: number, last: number, pattern: RegExp, meaning: string): string {
  const value = part(text, first, last)
  if (!pattern.test(value)) throw new BadRow(`${quote(value)} is not ${meaning}`, first)
  return value
}

/** By the first and last byte, counted from 1 as the standard does. */
function part(text: string, first: number, last: number): string {
  return text.slice(first - 1, last)
}

/** Control characters would garble the report. */
export function quote(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, "?")}"`
}
