import { minorDigits } from "@airside/kernel/money"
import type { Money } from "@airside/protos/airside/type/v1/money"

/** The pages speak English; dates are written with the month's name, so that nobody mistakes day for month. */
const LANGUAGE = "en"
const DAY_FIRST = "en-GB"
const MOST_REMEMBERED = 10_000

/** What was written for this before, or is now. */
function remembered<Key>(texts: Map<Key, string>, key: Key, write: () => string): string {
  const known = texts.get(key)
  if (known !== undefined) return known
  const text = write()
  if (texts.size >= MOST_REMEMBERED) texts.clear()
  texts.set(key, text)
  return text
}

/** "$1,234.50"; a typographic minus before what is given back. Exact at any size. */
export function formatMoney(amount: Money | undefined): string {
  if (!amount) return ""
  const style = currencyStyle(amount.currency)
  const minorUnits = Number(amount.minorUnits)
  if (!Number.isSafeInteger(minorUnits)) return writeMoney(amount.minorUnits, style)
  return remembered(style.written, minorUnits, () => writeMoney(amount.minorUnits, style))
}

function writeMoney(minorUnits: bigint, { digits, before, after }: CurrencyStyle): string {
  const text = minorUnits
    .toString()
    .replace("-", "")
    .padStart(digits + 1, "0")
  const point = text.length - digits
  const decimals = digits === 0 ? "" : `.${text.slice(point)}`
  return `${minorUnits < 0n ? "−" : ""}${before}${grouped(text.slice(0, point))}${decimals}${after}`
}

interface CurrencyStyle {
  digits: number
  /** What stands around the number. */
  before: string
  after: string
  /** By minor units: a page of results has eighty prices, and most of them were written a moment ago. */
  written: Map<number, string>
}

/** Intl's own format takes several times as long. */
function currencyStyle(currency: string): CurrencyStyle {
  let style = currencyStyles.get(currency)
  if (!style) {
    const format = new Intl.NumberFormat(LANGUAGE, { style: "currency", currency })
    const [before = "", after = ""] = format.format(0).split(/0(?:\.0+)?/)
    style = { digits: minorDigits(currency), before, after, written: new Map() }
    currencyStyles.set(currency, style)
  }
  return style
}

const currencyStyles = new Map<string, CurrencyStyle>()

/** "1,234,567". */
function grouped(digits: string): string {
  let text = digits.slice(-3)
  for (let end = digits.length - 3; end > 0; end -= 3) text = `${digits.slice(end > 3 ? end - 3 : 0, end)},${text}`
  return text
}

/** "$1,234", and "$1,234.50" where that would not be exact: for narrow places. */
export const formatWholeMoney = (amount: Money): string => formatMoney(amount).replace(/\.0+$/, "")

/** "12,500". */
export function formatPoints(points: bigint): string {
  return new Intl.NumberFormat(LANGUAGE).format(points).replace("-", "−")
}

/** "1 adult", "3 adults". */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** "2 h 10 min", "45 min", "3 h". */
export function formatDuration(minutes: number): string {
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours === 0) return `${rest} min`
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

/** The clock at the airport, "08:05", of an RFC 3339 time with the airport's offset. */
export const localTime = (dateTime: string): string => CLOCK[minuteOfDay(dateTime)]!

/** "00:00" to "23:59". */
const CLOCK = Array.from({ length: 1440 }, (_, minute) =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":"),
)

/** The calendar at the airport, YYYY-MM-DD. */
export const localDate = (dateTime: string): string => dateTime.slice(0, 10)

/** How many calendar days later, or earlier, the second local time is: 1 for an arrival on the next day. */
export function dayShift(departsAt: string, arrivesAt: string): number {
  if (isAlike(departsAt, arrivesAt, 0, MONTH)) return twoDigits(arrivesAt, MONTH + 1) - twoDigits(departsAt, MONTH + 1)
  // Days of the calendar have 24 hours in UTC, whatever the airports' clocks do.
  return (Date.parse(localDate(arrivesAt)) - Date.parse(localDate(departsAt))) / DAY_MILLISECONDS
}

const DAY_MILLISECONDS = 86_400_000
const DAY_MINUTES = 1440

/** Minutes from one RFC 3339 time to another. Mostly both are at one airport, and no calendar is asked. */
export function minutesBetween(from: string, until: string): number {
  const isOneClock = from.length === until.length && isAlike(from, until, OFFSET, from.length)
  if (isOneClock) return DAY_MINUTES * dayShift(from, until) + minuteOfDay(until) - minuteOfDay(from)
  return Math.round((Date.parse(until) - Date.parse(from)) / 60_000)
}

/** How long YYYY-MM is, and where in an RFC 3339 time to the second the offset begins. */
const MONTH = 7
const OFFSET = 19

function isAlike(one: string, other: string, from: number, until: number): boolean {
  for (let at = from; at < until; at++) if (one.charCodeAt(at) !== other.charCodeAt(at)) return false
  return true
}

const minuteOfDay = (time: string): number => 60 * twoDigits(time, 11) + twoDigits(time, 14)
const twoDigits = (text: string, at: number): number => 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * ZERO
const ZERO = "0".charCodeAt(0)

/** "Sun 10 January 2027", of a civil date. */
export const formatDate = civilFormat({ weekday: "short", day: "numeric", month: "long", year: "numeric" })

/** "Sun 10 Jan 2027". */
export const formatShortDate = civilFormat({ weekday: "short", day: "numeric", month: "short", year: "numeric" })

/** "Sun 10 Jan". */
export const formatDay = civilFormat({ weekday: "short", day: "numeric", month: "short" })

/** "January 2027", of YYYY-MM. */
export const formatMonth = (month: string): string => formatMonthOf(`${month}-01`)

const formatMonthOf = civilFormat({ month: "long", year: "numeric" })

/** "10 January 2027, 07:05 UTC": for instants that belong to no airport. */
export function formatInstant(instant: Date): string {
  const parts = new Intl.DateTimeFormat(DAY_FIRST, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })
  return `${parts.format(instant).replace(" at ", ", ")} UTC`
}

/** "10 January 2027" of an instant, in UTC. */
export const formatInstantDate = (instant: Date): string =>
  new Intl.DateTimeFormat(DAY_FIRST, { dateStyle: "long", timeZone: "UTC" }).format(instant)

/** The civil date some days later or earlier. */
export const addDays = (date: string, days: number): string =>
  remembered(daysLater, `${date}${days}`, () => Temporal.PlainDate.from(date).add({ days }).toString())

const daysLater = new Map<string, string>()

/** True for a date that the calendar has. */
export function isCivilDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString() === text
  } catch {
    return false
  }
}

/** The same days are written again and again: those that are on sale, once each. */
function civilFormat(options: Intl.DateTimeFormatOptions): (date: string) => string {
  const format = new Intl.DateTimeFormat(DAY_FIRST, { ...options, timeZone: "UTC" })
  const written = new Map<string, string>()
  return (date) => remembered(written, date, () => format.format(new Date(`${date}T00:00:00Z`)).replace(",", ""))
}
