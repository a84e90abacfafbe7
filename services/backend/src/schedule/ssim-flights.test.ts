import { expect, test } from "bun:test"
import fc from "fast-check"
import { readPlaces } from "../../seed/places.ts"
import { BadRow } from "./import-report.ts"
import { type Leg, readDataSet } from "./ssim-data-set.ts"
import { dayOf, isoDate, weekdayOf } from "./ssim-days.ts"
import { flightsOf, LeftOut } from "./ssim-flights.ts"
import { dataSet, type Fields, leg, segment } from "./ssim-testing.ts"
import { instantOf } from "./ssim-zones.ts"
import type { FlightTemplate } from "./synthesize-schedule.ts"

const places = new Map(readPlaces().map((place) => [place.code, place]))
const UTC = { 2: "U" }

function legOf(records: Fields[], carrierFields: Fields = {}): Leg {
  const legs: Leg[] = []
  const reader = readDataSet(
    (found) => legs.push(found),
    ({ line, column, reason }) => expect(`${line}:${column}: ${reason}`).toBe(""),
  )
  for (const line of dataSet(records, carrierFields)) reader.line(line)
  reader.end()
  return legs.at(-1)!
}

const convert = (fields: Fields, carrierFields: Fields = {}) =>
  flightsOf(legOf([leg(fields)], carrierFields), places, 1)
/** "29MAR27-30OCT27 1234567 10:00 80min", as the standard writes periods and days. */
const shown = (flights: FlightTemplate[]) =>
  flights.map(({ effectiveFrom, effectiveUntil, days, departureTime, durationMinutes }) => {
    const weekdays = days.map((day) => day + 1).join("")
    return `${effectiveFrom} ${effectiveUntil} ${weekdays} ${departureTime} ${durationMinutes}min`
  })
const summer = (fields: Fields, carrierFields: Fields = {}) => shown(convert(fields, carrierFields).flights)

test("local times: one flight for a summer in which both ends change their clocks together", () => {
  expect(convert({})).toMatchObject({ missed: [], offsetsAgree: true })
  expect(convert({}).flights).toMatchObject([
    {
      ...{ carrierCode: "ZZ", flightNumber: "100", origin: "LHR", destination: "CDG", aircraft: "A320" },
      ...{ departureTime: "10:00", durationMinutes: 80, days: [0, 1, 2, 3, 4, 5, 6] },
      ...{ effectiveFrom: "2027-03-29", effectiveUntil: "2027-10-30" },
    },
  ])
  expect(convert({}).dates).toHaveLength(216)
})

test("the period shrinks to the dates that are operated", () => {
  // 29 March 2027 is a Monday, 30 October a Saturday
  expect(summer({ 29: "  3 5  " })).toEqual(["2027-03-31 2027-10-29 35 10:00 80min"])
  expect(summer({ 15: "05JUL27", 22: "08JUL27", 29: "1234567" })).toEqual(["2027-07-05 2027-07-08 1234 10:00 80min"])
  expect(() => summer({ 15: "05JUL27", 22: "06JUL27", 29: "  3    " })).toThrow("no day of operation")
})

test("UTC days and periods are at the aircraft's departure, so local ones may be a day earlier or later", () => {
  // 23:30Z on Mondays is 09:30 on Tuesdays in Sydney (+1000 from 4 April to 3 October 2027)
  const east = {
    15: "07JUN27",
    22: "28JUN27",
    29: "1      ",
    37: "SYD",
    44: "2330",
    48: "+1000",
    55: "MEL",
    58: "0105",
  }
  expect(summer({ ...east, 66: "+1000", 193: "01" }, UTC)).toEqual(["2027-06-08 2027-06-29 2 09:30 95min"])
  // 02:00Z on Mondays is 19:00 on Sundays in Los Angeles (-0700)
  const west = {
    15: "07JUN27",
    22: "28JUN27",
    29: "1      ",
    37: "LAX",
    44: "0200",
    48: "-0700",
    55: "SFO",
    58: "0330",
  }
  expect(summer({ ...west, 66: "-0700" }, UTC)).toEqual(["2027-06-06 2027-06-27 7 19:00 90min"])
})

test("a leg in UTC is split where the clocks of its origin change, and keeps its instants", () => {
  // London and Paris change on 2027-03-28 at 01:00Z
  expect(summer({ 15: "22MAR27", 22: "04APR27", 44: "1000", 58: "1120" }, UTC)).toEqual([
    "2027-03-22 2027-03-27 123456 10:00 80min",
    "2027-03-28 2027-04-04 1234567 11:00 80min",
  ])
  // New York changes on 2027-03-14 at 07:00Z: 23:30Z is 18:30 the same day, then 19:30; 04:30Z is the evening before
  const night = { 15: "12MAR27", 22: "15MAR27", 37: "JFK", 44: "0430", 48: "-0500", 55: "LHR", 58: "1130", 66: "+0000" }
  expect(summer(night, UTC)).toEqual(["2027-03-11 2027-03-13 456 23:30 420min", "2027-03-15 2027-03-15 1 00:30 420min"])
})

test("local times: the duration changes while one end has changed its clocks and the other has not", () => {
  // New York on 14 March, London on 28 March 2027: for two weeks London is 4 hours ahead, not 5
  const fields = {
    15: "10MAR27",
    22: "31MAR27",
    44: "1000",
    48: "+0000",
    55: "JFK",
    58: "1300",
    66: "-0500",
    73: "789",
  }
  expect(summer(fields)).toEqual([
    "2027-03-10 2027-03-13 3456 10:00 480min",
    "2027-03-14 2027-03-27 1234567 10:00 420min",
    "2027-03-28 2027-03-31 1237 10:00 480min",
  ])
})

test("southern clocks, half-hour zones and the date line", () => {
  // Lord Howe changes by half an hour: not in our list, but Adelaide (+1030, +0930 from 2027-04-04) and Delhi (+0530) are
  expect(
    summer(
      { 15: "01APR27", 22: "06APR27", 37: "ADL", 44: "1230", 48: "+1030", 55: "SIN", 58: "1945", 66: "+0800" },
      UTC,
    ),
  ).toEqual(["2027-04-01 2027-04-03 456 23:00 435min", "2027-04-04 2027-04-06 127 22:00 435min"])
  // Auckland (+1300) 21:00 on the 10th is 08:00Z; Honolulu (-1000) 06:40 on the same day is 16:40Z
  const back = { 15: "10JAN27", 22: "10JAN27", 37: "AKL", 44: "2100", 48: "+1300", 55: "HNL", 58: "0640", 66: "-1000" }
  expect(summer(back)).toEqual(["2027-01-10 2027-01-10 7 21:00 520min"])
  // and the other way a day is lost: 23:55 on the 10th is 09:55Z on the 11th, 07:20 on the 12th is 18:20Z on the 11th
  const there = { 15: "10JAN27", 22: "10JAN27", 37: "HNL", 44: "2355", 48: "-1000", 55: "AKL", 58: "0720", 66: "+1300" }
  expect(summer({ ...there, 193: "02" })).toEqual(["2027-01-10 2027-01-10 7 23:55 505min"])
})

test("2400 ends the day of arrival", () => {
  expect(summer({ 15: "05JUL27", 22: "05JUL27", 44: "2130", 58: "2400" })).toEqual([
    "2027-07-05 2027-07-05 1 21:30 90min",
  ])
})

test("the date variation of a later leg counts from the first: what it flies is the difference", () => {
  const first = leg({ 55: "DXB", 44: "2200", 58: "0800", 66: "+0400", 193: "01" })
  const second = { 12: "02", 15: "30MAR27", 22: "31OCT27", 37: "DXB", 44: "0930", 48: "+0400", 55: "SIN", 58: "2100" }
  const found = flightsOf(legOf([first, leg({ ...second, 66: "+0800", 193: "11" })]), places, 1)
  expect(shown(found.flights)).toEqual(["2027-03-30 2027-10-31 1234567 09:30 450min"])
})

test("without a date variation the leg takes the shortest time that is possible", () => {
  expect(summer({ 15: "05JUL27", 22: "05JUL27", 44: "2330", 58: "0145", 193: "  " })).toEqual([
    "2027-07-05 2027-07-05 1 23:30 75min",
  ])
})

test("an open period is that of the carrier record, counted at the first leg of the itinerary", () => {
  expect(summer({ 15: "00XXX00" })).toEqual(["2027-03-28 2027-10-30 1234567 10:00 80min"])
  expect(summer({ 22: "00XXX00" })).toEqual(["2027-03-29 2027-10-30 1234567 10:00 80min"])
  const later = { 12: "02", 15: "00XXX00", 22: "00XXX00", 37: "CDG", 44: "0400", 48: "+0200", 55: "FCO", 58: "0600" }
  const { flights } = flightsOf(legOf([leg(), leg({ ...later, 66: "+0200", 193: "11" })]), places, 1)
  expect(shown(flights)).toEqual(["2027-03-29 2027-10-31 1234567 04:00 120min"])
  expect(() => summer({ 15: "00XXX00" }, { 15: "00XXX00" })).toThrow("the period has no beginning")
  expect(summer({ 22: "00XXX00" }, { 22: "00XXX00" }).at(0)).toStartWith("2027-03-29 2030-03-28")
})

test("a fortnightly leg is a flight for every second week", () => {
  const fortnightly = (fields: Fields) => convert({ 36: "2", ...fields }).dates.map(isoDate)
  expect(fortnightly({ 15: "05JUL27", 22: "02AUG27", 29: "1      " })).toEqual([
    "2027-07-05",
    "2027-07-19",
    "2027-08-02",
  ])
  expect(summer({ 36: "2", 15: "05JUL27", 22: "23JUL27", 29: "1   5  " })).toEqual([
    "2027-07-05 2027-07-09 15 10:00 80min",
    "2027-07-19 2027-07-23 15 10:00 80min",
  ])
  // from a Wednesday, on Mondays too: seven days from the first one, the Monday after it among them …
  expect(fortnightly({ 15: "07JUL27", 22: "26JUL27", 29: "1 3    " })).toEqual([
    ...["2027-07-07", "2027-07-12", "2027-07-21", "2027-07-26"],
  ])
  // … unless the last day is one of weeks from Monday alone
  expect(fortnightly({ 15: "07JUL27", 22: "19JUL27", 29: "1 3    " })).toEqual(["2027-07-07", "2027-07-19"])
  expect(() => fortnightly({ 15: "06JUL27", 29: "1      " })).toThrow("must operate on the first day of its period")
  expect(() => fortnightly({ 15: "05JUL27", 22: "00XXX00" })).toThrow("cannot have an open period")
})

test("what leaves when the clocks show the hour for the second time cannot be said, and is reported", () => {
  // Paris goes back on 2027-10-31 at 01:00Z: 01:30Z is the second 02:30
  const night = { 15: "30OCT27", 22: "01NOV27", 37: "CDG", 44: "0130", 48: "+0100", 55: "LHR", 58: "0250", 66: "+0000" }
  const { flights, missed } = convert(night, UTC)
  expect(shown(flights)).toEqual(["2027-10-30 2027-10-30 6 03:30 80min", "2027-11-01 2027-11-01 1 02:30 80min"])
  expect(missed.map(({ date, reason }) => `${isoDate(date)}: ${reason}`)).toEqual([
    "2027-10-31: the clocks show 02:30 twice, and it leaves the second time",
  ])
})

test("offsets that the zones do not have are told; the zones count", () => {
  expect(convert({ 48: "+0000" }).offsetsAgree).toBe(false)
  expect(convert({ 48: "+0000" }).flights).toEqual(convert({}).flights)
})

const seats = (fields: Fields, ...more: Fields[]) => {
  const [flight] = flightsOf(legOf([leg(fields), ...more]), places, 1).flights
  return [flight!.aircraft, ...flight!.cabins.map(({ cabin, capacity }) => `${cabin} ${capacity}`)]
}

test("seats come from the configuration, and else from the size of the aircraft", () => {
  expect(seats({ 173: "Y180    " })).toEqual(["A320", "economy 180"])
  expect(seats({ 73: "77W", 173: "F008J048W040Y240VVT3" })).toEqual([
    ...["777-300ER", "economy 240", "premium_economy 40", "business 48", "first 8"],
  ])
  expect(seats({ 73: "738", 173: "C8D4M20Y100PP2LL3" })).toEqual(["737-800", "economy 120", "business 12"])
  expect(seats({ 73: "319", 173: "CY      " })).toEqual(["A319", "economy 120", "business 12"])
  expect(seats({ 73: "AT7", 173: "        " })).toEqual(["ATR 72", "economy 70"])
  expect(seats({ 173: "XX      " }, segment("108", "C012W012Y120"))).toEqual([
    ...["A320", "economy 120", "premium_economy 12", "business 12"],
  ])
})

test("fares rise with the cabin and with the level", () => {
  const fares = (level: number) =>
    flightsOf(legOf([leg()]), places, level).flights[0]!.cabins.map(({ fareMinorUnits }) => fareMinorUnits)
  const [economy, business] = fares(1)
  expect(business!).toBeGreaterThan(economy!)
  expect(fares(2)[0]!).toBeGreaterThan(1.9 * economy!)
})

test.each([
  [{ 149: "L", 129: "YY " }, "code share, operated by YY", 149],
  [{ 149: "Z" }, "code share, operated by another airline", 149],
  [{ 14: "F" }, "service type F is no flight for passengers", 14],
  [{ 14: "U" }, "service type U is no flight for passengers", 14],
  [{ 150: "A" }, "traffic restriction A: not for sale by itself", 150],
  [{ 173: "PP10    " }, "no seats for passengers", 173],
] as [Fields, string, number][])("left out, and nothing is wrong: %j", (fields, reason, column) => {
  expect(() => convert(fields)).toThrow(new LeftOut(reason, column))
})

test("a leg that DEI 50 calls a duplicate is left out; one with duplicates (DEI 10), and one flown by others, are sold", () => {
  const duplicate = () => flightsOf(legOf([leg(), segment("050", "YY  562")]), places, 1)
  expect(duplicate).toThrow(new LeftOut("code share of YY 562"))
  expect(flightsOf(legOf([leg(), segment("010", "YY  562")]), places, 1).flights).toHaveLength(1)
  expect(convert({ 149: "S", 129: "YY " }).flights).toHaveLength(1)
  expect(convert({ 149: "X" }).flights).toHaveLength(1)
})

test.each([
  [{ 37: "QZX" }, "airport QZX is not a known place", 37],
  [{ 55: "QZX" }, "airport QZX is not a known place", 55],
  [{ 73: "ZZZ" }, "aircraft type ZZZ is not known", 73],
  [{ 173: "C01#Y156" }, 'aircraft configuration "C01#Y156" has no seats by class', 173],
  [{ 58: "0959" }, "arrives -61 minutes after it leaves", 193],
  [{ 58: "1102" }, "arrives after 2 minutes, too soon for 348 km", 58],
] as [Fields, string, number][])("bad, with its column: %j", (fields, message, column) => {
  expect(() => convert(fields)).toThrow(new BadRow(message, column))
})

const ZONES = [
  "Europe/London",
  "America/New_York",
  "Australia/Adelaide",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Africa/Casablanca",
]

test("local times are resolved as Temporal resolves them", () => {
  const minute = fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 })
  const aroundChange = fc.constantFrom("2027-03-28T02:10", "2027-10-31T01:30", "2027-03-14T02:30", "2027-04-04T02:30")
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.oneof(minute, aroundChange), (zone, local) => {
      const minutes = typeof local === "number" ? local : Date.parse(`${local}Z`) / 60_000
      const time = Temporal.Instant.fromEpochMilliseconds(minutes * 60_000)
        .toZonedDateTimeISO("UTC")
        .toPlainDateTime()
      expect(instantOf(zone, minutes) * 60_000).toBe(time.toZonedDateTime(zone).epochMilliseconds)
    }),
    { numRuns: 2_000 },
  )
})

test("every date leaves and arrives at its instant, once, whatever the time mode, the route and the period", () => {
  const codes = ["LHR", "JFK", "SYD", "DEL", "HNL", "AKL", "GRU", "ADL", "CMN", "SIN"]
  const day = fc.integer({ min: dayOf("01JAN27")!, max: dayOf("31DEC27")! })
  const days = fc.uniqueArray(fc.nat(6), { minLength: 1 }).map((list) => list.sort())
  const base = legOf([leg()])
  const example = fc.record({
    ...{ from: day, length: fc.nat(300), days, minutes: fc.nat(1439), later: fc.integer({ min: 1300, max: 2000 }) },
    ...{ origin: fc.constantFrom(...codes), destination: fc.constantFrom(...codes) },
    timeMode: fc.constantFrom<Leg["timeMode"]>("utc", "local"),
  })
  fc.assert(
    fc.property(example, ({ from, length, days, minutes, later, origin, destination, timeMode }) => {
      const zoneOf = (code: string) => (timeMode === "utc" ? "UTC" : places.get(code)!.timeZone)
      const until = from + length
      const wanted = Array.from({ length: length + 1 }, (_, index) => from + index)
        .filter((date) => days.includes(weekdayOf(date)))
        .map((date) => {
          const departure = temporalInstant(zoneOf(origin), date * 1440 + minutes)
          return [departure, temporalInstant(zoneOf(destination), date * 1440 + minutes + later)] as const
        })
      const possible = wanted.every(([departure, arrival]) => arrival - departure > 1200 && arrival - departure < 2880)
      fc.pre(origin !== destination && wanted.length > 0 && possible)
      const arrival = minutes + later
      const times = {
        departureMinutes: minutes,
        arrivalMinutes: arrival % 1440,
        arrivalShift: Math.floor(arrival / 1440),
      }
      const found = flightsOf({ ...base, ...times, timeMode, from, until, days, origin, destination }, places, 1)
      const flown = found.flights.flatMap((flight) =>
        departures(flight, places.get(origin)!.timeZone).map(
          (instant) => `${instant} ${instant + flight.durationMinutes}`,
        ),
      )
      const expected = wanted.map((instants) => instants.join(" "))
      expect(new Set(flown).size).toBe(flown.length)
      expect(flown.length + found.missed.length).toBe(wanted.length)
      expect(flown.filter((instants) => !expected.includes(instants))).toEqual([])
    }),
    { numRuns: 300 },
  )
})

/** The minutes since 1970 at which a flight leaves, as departures.ts reads it from the table. */
function departures(flight: FlightTemplate, timeZone: string): number[] {
  const instants: number[] = []
  const last = Temporal.PlainDate.from(flight.effectiveUntil!)
  for (let date = Temporal.PlainDate.from(flight.effectiveFrom!); ; date = date.add({ days: 1 })) {
    if (Temporal.PlainDate.compare(date, last) > 0) return instants
    if (!flight.days.includes(date.dayOfWeek - 1)) continue
    const local = date.toPlainDateTime(Temporal.PlainTime.from(flight.departureTime))
    instants.push(local.toZonedDateTime(timeZone, { disambiguation: "compatible" }).epochMilliseconds / 60_000)
  }
}

/** Local minutes since 1970 to minutes since 1970 in UTC. */
function temporalInstant(timeZone: string, local: number): number {
  const time = Temporal.Instant.fromEpochMilliseconds(local * 60_000)
    .toZonedDateTimeISO("UTC")
    .toPlainDateTime()
  return time.toZonedDateTime(timeZone, { disambiguation: "compatible" }).epochMilliseconds / 60_000
}
