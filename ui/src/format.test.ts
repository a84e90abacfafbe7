import { expect, test } from "bun:test"
import fc from "fast-check"
import {
  addDays,
  dayShift,
  formatDate,
  formatDay,
  formatDuration,
  formatInstant,
  formatMoney,
  formatPoints,
  isCivilDate,
  localTime,
  minutesBetween,
} from "./format.ts"

test("money keeps every minor unit, with the digits of its currency", () => {
  expect(formatMoney({ currency: "USD", minorUnits: 123_450n })).toBe("$1,234.50")
  expect(formatMoney({ currency: "USD", minorUnits: -5n })).toBe("−$0.05")
  expect(formatMoney({ currency: "JPY", minorUnits: 12_345n })).toBe("¥12,345")
  expect(formatMoney({ currency: "USD", minorUnits: 900_719_925_474_099_399n })).toBe("$9,007,199,254,740,993.99")
})

test("money is written as Intl writes it in every currency, at any size", () => {
  const currencies = fc.constantFrom(...Intl.supportedValuesOf("currency"))
  fc.assert(
    fc.property(currencies, fc.bigInt({ min: 0n, max: 10n ** 20n }), (currency, minorUnits) => {
      const format = new Intl.NumberFormat("en", { style: "currency", currency })
      const { maximumFractionDigits: digits = 2 } = format.resolvedOptions()
      const exact = `${minorUnits}e-${digits}` as `${number}`
      expect(formatMoney({ currency, minorUnits })).toBe(format.format(exact))
    }),
  )
})

test("a local time is the airport's clock, wherever the server stands", () => {
  expect(localTime("2027-01-10T08:05:00+05:30")).toBe("08:05")
})

test("the day shift counts calendar days, not hours: over the date line it can be negative", () => {
  expect(dayShift("2027-01-10T22:00:00+00:00", "2027-01-11T00:10:00+01:00")).toBe(1)
  expect(dayShift("2027-01-31T09:00:00+00:00", "2027-02-02T06:00:00+11:00")).toBe(2)
  expect(dayShift("2027-01-11T01:00:00+13:00", "2027-01-10T12:00:00-10:00")).toBe(-1)
  expect(dayShift("2027-01-10T01:00:00+00:00", "2027-01-10T23:00:00+00:00")).toBe(0)
})

test("minutes between two times are those of the instants, whatever the clocks say", () => {
  const clock = (minutes: number) =>
    [minutes / 60, minutes % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":")
  const minute = fc.integer({ min: 0, max: 1439 })
  const time = fc
    .tuple(
      fc.constantFrom("2027-03-14", "2027-03-15", "2027-03-31", "2027-04-01", "2028-02-28", "2028-02-29", "2028-03-01"),
      minute,
      fc.constantFrom("+00:00", "Z", "+05:45", "-05:00", "-04:00"),
    )
    .map(([date, minutes, offset]) => `${date}T${clock(minutes)}:00${offset}`)
  fc.assert(
    fc.property(time, time, (from, until) => {
      expect(minutesBetween(from, until)).toBe((Date.parse(until) - Date.parse(from)) / 60_000)
    }),
  )
})

test("durations name only what there is", () => {
  expect([45, 60, 130, 0].map(formatDuration)).toEqual(["45 min", "1 h", "2 h 10 min", "0 min"])
})

test("dates carry the month's name", () => {
  expect(formatDate("2027-01-10")).toBe("Sun 10 January 2027")
  expect(formatDay("2027-01-10")).toBe("Sun 10 Jan")
  expect(formatInstant(new Date("2027-01-10T07:05:00Z"))).toBe("10 January 2027, 07:05 UTC")
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29")
})

test("a date that the calendar does not have is none", () => {
  expect(["2027-02-29", "2027-13-01", "27-01-01", "", "2028-02-29"].map(isCivilDate)).toEqual([
    false,
    false,
    false,
    false,
    true,
  ])
})

test("points are grouped", () => {
  expect(formatPoints(-12_500n)).toBe("−12,500")
})
