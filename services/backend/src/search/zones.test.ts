import { expect, test } from "bun:test"
import { dateOf, dayOf } from "../flights/civil-date.ts"
import { createZones } from "./zones.ts"

const FIRST = dayOf("2026-11-20")
const LAST = dayOf("2027-11-20")
const zones = createZones(FIRST, LAST)

/** Northern and southern rules, no rules, half hours, quarter hours, half-hour daylight saving, both sides of the date line. */
const NAMES = [
  "America/New_York",
  "Europe/Vienna",
  "Europe/London",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Australia/Adelaide",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "Pacific/Apia",
  "America/St_Johns",
  "America/Santiago",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Tehran",
  "Asia/Jerusalem",
  "UTC",
]

test("civil dates and days since 1970 are each other's inverse, leap days included", () => {
  for (const date of ["1970-01-01", "2026-12-31", "2027-01-01", "2028-02-29", "2028-03-01"])
    expect(dateOf(dayOf(date))).toBe(date)
  expect(dayOf("2028-03-01") - dayOf("2028-02-28")).toBe(2)
})

test.each(NAMES)("%s: every half hour of a year is the instant that Temporal says", (name) => {
  const zone = zones.numberOf(name)
  for (let day = FIRST; day <= LAST; day++) {
    const date = Temporal.PlainDate.from(dateOf(day))
    const near = isNearChange(name, day)
    for (let minute = 0; minute < 1440; minute += near ? 15 : 720) {
      const time = Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 })
      const expected = date.toZonedDateTime({ timeZone: name, plainTime: time })
      const instant = zones.instantOf(zone, day, minute)
      if (instant * 60_000 !== expected.epochMilliseconds) throw new Error(`${date} ${time}: ${instant}`)
      const offset = zones.offsetAt(zone, instant)
      if (offset * 60_000_000_000 !== expected.offsetNanoseconds) throw new Error(`${date} ${time}: offset ${offset}`)
    }
  }
})

function isNearChange(name: string, day: number): boolean {
  const at = (shift: number) =>
    Temporal.Instant.fromEpochMilliseconds((day + shift) * 86_400_000).toZonedDateTimeISO(name).offset
  return at(-1) !== at(2)
}
