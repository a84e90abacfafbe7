import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { readPlaces } from "../../seed/places.ts"
import { readDepartures } from "../flights/departures.ts"
import { UnreadableFile } from "./import-report.ts"
import { loadPlaces } from "./load-schedule.ts"
import { importSsim, type SsimOptions } from "./ssim-import.ts"
import { chunksOf, dataSet, type Fields, leg } from "./ssim-testing.ts"

const EXAMPLE = join(import.meta.dir, "../../seed/example.ssim")

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = connectDatabase({ url: testDatabase.urlOf("backend"), connections: 2 })
  await database.inTransaction((tx) => loadPlaces(tx, readPlaces()))
})

afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

const importLines = (lines: string[], options: Partial<SsimOptions> = {}) =>
  importSsim(database, () => chunksOf(lines.join("\n")), { sellingCurrency: "USD", ...options })
const importLegs = (legs: Fields[], options: Partial<SsimOptions> = {}) => importLines(dataSet(legs), options)
const stored = (number: string) => database.sql`
  select carrier_code, origin, destination, departure_time, duration_minutes, aircraft, effective_from, effective_until,
         source, array(select day::int from flight_days where flight_id = id order by day) as days
  from flights where flight_number = ${number}
  order by effective_from
`
const count = async (number: string) => (await stored(number)).length

test("the example goes in: two carriers, both time modes, all record types", async () => {
  const options = { sellingCurrency: "USD", carrierNames: new Map([["ZZ", "Zephyr Air"]]) }
  const open = () => Bun.file(EXAMPLE).stream()
  const report = await importSsim(database, open, { ...options, dryRun: true })
  expect(report).toEqual({
    rows: 19,
    legs: 9,
    flights: 23,
    days: 216 + 185 + 31 + 216 + 216 + 13 + 217 + 105 + 13,
    imported: 23,
    alreadyThere: 0,
    newCarriers: 2,
    otherOffsets: 0,
    skipped: [
      { line: 11, column: 14, reason: "service type F is no flight for passengers", duplicate: true },
      { line: 12, column: 149, reason: "code share, operated by Y9", duplicate: true },
      { line: 17, column: undefined, reason: "code share of ZZ 101", duplicate: true },
    ],
  })
  expect(await database.sql`select from flights`).toHaveLength(0)
  expect(await importSsim(database, open, options)).toEqual(report)
  expect(await importSsim(database, open, options)).toEqual({
    ...report,
    imported: 0,
    alreadyThere: 23,
    newCarriers: 0,
  })
  expect(await database.sql`select code, name from carriers order by code`).toEqual([
    { code: "Y9", name: "Y9" },
    { code: "ZZ", name: "Zephyr Air" },
  ] as never)
  // 02:30Z is 21:30 the evening before in New York until 14 March 2027, and 22:30 from then on
  const evening = {
    carrier_code: "Y9",
    origin: "JFK",
    destination: "LHR",
    duration_minutes: 420,
    aircraft: "777-300ER",
  }
  expect([...(await stored("12"))]).toEqual([
    {
      ...{ ...evening, departure_time: "21:30:00", effective_from: "2027-02-28", effective_until: "2027-03-11" },
      ...{ source: "import:ssim", days: [1, 3, 6] },
    },
    {
      ...{ ...evening, departure_time: "22:30:00", effective_from: "2027-03-14", effective_until: "2027-10-28" },
      ...{ source: "import:ssim", days: [1, 3, 6] },
    },
  ])
})

test("what is sold leaves and arrives at the instants of the file", async () => {
  const [flight] = await database.sql<{ id: string }[]>`select id from flights where flight_number = '81'`
  const wanted = { flightId: flight!.id, date: "2027-03-05", cabin: "business" as const }
  const [departure] = await database.inTransaction((tx) => readDepartures(tx, [wanted]))
  expect(departure).toMatchObject({ capacity: 16, aircraft: "A321neo", carrierName: "Y9" })
  expect(departure!.departureTime.toISOString()).toBe("2027-03-04T23:45:00.000Z")
  expect(departure!.arrivalTime.toISOString()).toBe("2027-03-05T02:55:00.000Z")
})

test("variations of a flight that share a period, on other days and in another aircraft, are both there", async () => {
  const legs = [leg({ 6: " 501", 29: "1 3 5  " }), leg({ 6: " 501", 10: "02", 29: " 2 4 67", 73: "321", 173: "Y220" })]
  expect(await importLegs(legs)).toMatchObject({ legs: 2, flights: 2, imported: 2, skipped: [] })
  expect(await stored("501")).toMatchObject([
    { aircraft: "A320", days: [0, 2, 4], effective_from: "2027-03-29", effective_until: "2027-10-29" },
    { aircraft: "A321", days: [1, 3, 5, 6], effective_from: "2027-03-30", effective_until: "2027-10-30" },
  ])
})

test("the same flight twice on a date: a repeated record is a duplicate, another one is bad", async () => {
  const first = leg({ 6: " 502", 22: "30APR27", 29: "1      " })
  const legs = [first, { ...first, 10: "02" }, { ...first, 10: "03", 15: "26APR27", 22: "31MAY27", 44: "1100" }]
  const { skipped, imported } = await importLegs(legs)
  expect(imported).toBe(1)
  expect(skipped).toEqual([
    { line: 4, column: undefined, reason: "ZZ 502 LHR-CDG has all these dates already", duplicate: true },
    {
      line: 5,
      column: 15,
      reason: "ZZ 502 LHR-CDG operates on 2027-04-26 already, says an earlier record",
      duplicate: false,
    },
  ])
})

test("a later file adds its new flights; on dates that an earlier import has already it changes nothing", async () => {
  await importLegs([leg({ 6: " 503", 22: "30APR27" })])
  const moved = leg({ 6: " 503", 15: "26APR27", 22: "30MAY27", 44: "1005" })
  expect(await importLegs([moved, leg({ 6: " 503", 10: "02", 15: "31MAY27" })])).toMatchObject({
    imported: 1,
    alreadyThere: 0,
    skipped: [
      {
        line: 3,
        reason: "ZZ 503 operates between 2027-04-26 and 2027-05-30 already, says an earlier record or import",
        duplicate: false,
      },
    ],
  })
  expect(await count("503")).toBe(2)
  // no date in common: Mondays there, Tuesdays here
  await importLegs([leg({ 6: " 504", 29: "1      " })])
  expect(await importLegs([leg({ 6: " 504", 29: " 2     ", 44: "1005" })])).toMatchObject({ imported: 1, skipped: [] })
})

test("a flight in UTC around midnight leaves twice on the date on which the clocks go back, and again changes nothing", async () => {
  // New York goes back on 2027-11-07 at 06:00Z: 04:30Z is 00:30 on the 7th, and 23:30 on the 7th a day later
  const route = { 37: "JFK", 48: "-0400", 44: "0430", 55: "LHR", 58: "1130", 66: "+0000" }
  const before = leg({ 6: " 509", 15: "06NOV27", 22: "07NOV27", ...route })
  const lines = dataSet([before, leg({ 6: " 509", ...route, 10: "02", 15: "08NOV27", 22: "09NOV27" })], { 2: "U" })
  const report = await importLines(lines)
  expect(report).toMatchObject({ flights: 2, days: 4, imported: 2, skipped: [] })
  expect(await stored("509")).toMatchObject([
    { departure_time: "00:30:00", effective_from: "2027-11-06", effective_until: "2027-11-07" },
    { departure_time: "23:30:00", effective_from: "2027-11-07", effective_until: "2027-11-08" },
  ])
  expect(await importLines(lines)).toMatchObject({ imported: 0, alreadyThere: 2, skipped: [] })
})

test("the same flight is found however far apart its records are", async () => {
  const legs = Array.from({ length: 6_000 }, (_, index) => leg({ 6: String(2000 + index) }))
  const again = [leg({ 6: "2000" }), leg({ 6: "2001", 15: "30OCT27", 44: "1100" })]
  const report = await importLegs([...legs, ...again], { dryRun: true })
  expect(report).toMatchObject({ rows: 6_005, imported: 6_000, alreadyThere: 1 })
  const reason = "ZZ 2001 operates between 2027-10-30 and 2027-10-30 already, says an earlier record or import"
  expect(report.skipped).toEqual([{ line: 6_004, reason, duplicate: false }])
})

test("bad legs are reported by line and column, the others go in; a broken frame keeps everything out", async () => {
  const good = leg({ 6: " 505" })
  const legs = [good, leg({ 6: " 506", 37: "QZX" }), leg({ 6: " 507", 73: "ZZZ" }), leg({ 6: " 508", 44: "1x00" })]
  const report = await importLegs(legs, { dryRun: true })
  expect(report).toMatchObject({ rows: 7, legs: 1, imported: 1 })
  expect(report.skipped.map(({ line, column, reason }) => `${line}:${column}: ${reason}`)).toEqual([
    "4:37: airport QZX is not a known place",
    "5:73: aircraft type ZZZ is not known",
    '6:44: "1x00" is not a time of departure',
  ])
  const lines = dataSet([good])
  await expect(importLines(lines.slice(0, 3))).rejects.toThrow(UnreadableFile)
  await expect(importLines(lines.slice(0, 3))).rejects.toThrow("line 4, column 1: the file ends")
  expect(await count("505")).toBe(0)
})

test("nothing of a file stays whose end is missing, though its flights had filled several batches", async () => {
  const before = await database.sql`select count(*)::int as flights from flights`
  const legs = Array.from({ length: 6_000 }, (_, index) => leg({ 6: String(1000 + index) }))
  await expect(importLines(dataSet(legs).slice(0, -1))).rejects.toThrow("line 6003, column 1: the file ends")
  expect(await database.sql`select count(*)::int as flights from flights`).toEqual(before)
})

test("fares are whole units of the selling currency at rate and level; progress counts bytes", async () => {
  const told: number[] = []
  const fare = async (number: string) => {
    const [row] = await database.sql`
      select fare_minor_units from flight_cabins join flights on id = flight_id
      where flight_number = ${number} and cabin = 'economy'`
    return Number(row!.fare_minor_units)
  }
  await importLegs([leg({ 6: " 601" })], { onProgress: (bytes) => told.push(bytes) })
  await importLegs([leg({ 6: " 602" })], { rate: 80, level: 1.5, sellingCurrency: "INR" })
  expect(told.at(-1)).toBe(4 * 201 - 1)
  expect((await fare("602")) / (await fare("601")) / 120).toBeCloseTo(1, 1)
  expect((await fare("602")) % 100).toBe(0)
})

test("without places there is nowhere to fly", async () => {
  const empty = await createTestDatabase()
  const other = connectDatabase({ url: empty.urlOf("backend"), connections: 1 })
  const refused = importSsim(other, () => chunksOf(dataSet([leg()]).join("\n")), { sellingCurrency: "USD" })
  await expect(refused).rejects.toThrow("there are no places yet")
  await other.close()
  await empty.drop()
})
