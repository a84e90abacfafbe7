import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { readPlaces } from "../../seed/places.ts"
import { importFlights } from "./import-flights.ts"
import { UnreadableFile } from "./import-report.ts"
import { loadPlaces } from "./load-schedule.ts"

const HEADER =
  ",origin,destination,depart_time,depart_weekday,duration,arrival_time,arrival_weekday,flight_no,airline_code,airline,economy_fare,business_fare,first_fare"
const ROW = "0,DEL,BOM,08:00:00,2,02:10:00,10:10:00,2,G8334,G8,Go First,4589,,"
const OPTIONS = { sellingCurrency: "USD", rate: 0.012 }

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

/** A row with other values in some of its columns. */
function row(changes: Record<string, string>): string {
  const names = HEADER.split(",")
  return ROW.split(",")
    .map((value, index) => changes[names[index]!] ?? value)
    .join(",")
}

const file = (...rows: string[]) => [HEADER, ...rows].join("\n")
const tryOut = (...rows: string[]) => importFlights(database, file(...rows), { ...OPTIONS, dryRun: true })
const stored = (number: string) => database.sql`
  select carrier_code, origin, destination, departure_time, duration_minutes, aircraft, source,
         array(select day::int from flight_days where flight_id = id order by day) as days,
         (select json_agg(json_build_array(cabin, capacity, fare_minor_units) order by fare_minor_units)
          from flight_cabins where flight_id = id) as cabins
  from flights where flight_number = ${number}
`

test("rows that differ in their weekday are one flight with several days, fares in minor units at the rate", async () => {
  const text = file(row({ depart_weekday: "4" }), ROW, row({ depart_weekday: "0" }))
  expect(await importFlights(database, text, OPTIONS)).toEqual({
    rows: 3,
    flights: 1,
    days: 3,
    evened: 0,
    imported: 1,
    alreadyThere: 0,
    newCarriers: 1,
    skipped: [],
  })
  expect(await stored("334")).toEqual([
    {
      carrier_code: "G8",
      origin: "DEL",
      destination: "BOM",
      departure_time: "08:00:00",
      duration_minutes: 130,
      aircraft: "A320neo",
      source: "import:flights",
      days: [0, 2, 4],
      cabins: [["economy", 156, 5507]], // 4589 × 0.012 = 55.068
    },
  ] as never)
})

test("the same file again changes nothing", async () => {
  const text = file(ROW)
  await importFlights(database, text, OPTIONS)
  const before = await stored("334")
  const again = await importFlights(database, file(row({ economy_fare: "1" })), OPTIONS)
  expect(again).toMatchObject({ imported: 0, alreadyThere: 1, newCarriers: 0 })
  expect(await stored("334")).toEqual(before)
})

test("a dry run answers the same and keeps nothing", async () => {
  expect(await tryOut(row({ flight_no: "G8335" }))).toMatchObject({ imported: 1, alreadyThere: 0 })
  expect(await stored("335")).toHaveLength(0)
})

test("where fares or durations differ between the days, the median counts, and it is said", async () => {
  const days = ["4000", "9000", "5000"].map((fare, day) =>
    row({ flight_no: "G8336", depart_weekday: String(day), economy_fare: fare, duration: `02:1${day}:00` }),
  )
  expect(await importFlights(database, file(...days), OPTIONS)).toMatchObject({ flights: 1, evened: 1 })
  expect(await stored("336")).toMatchObject([{ duration_minutes: 131, cabins: [["economy", 156, 6000]] }])
})

test("a cabin without a fare does not exist; the aircraft is one that has the others", async () => {
  await importFlights(database, file(row({ flight_no: "G8337", economy_fare: "", first_fare: "30000" })), OPTIONS)
  expect(await stored("337")).toMatchObject([{ aircraft: "777-300ER", cabins: [["first", 8, 36000]] }])
})

test("local durations become real ones", async () => {
  const row1 = row({ flight_no: "G8338", destination: "LHR", depart_time: "02:30", duration: "04:15" })
  await importFlights(database, file(row1), OPTIONS)
  expect(await stored("338")).toMatchObject([{ duration_minutes: 585, aircraft: "A321XLR" }])
})

test("flight numbers that a spreadsheet took for numbers are read as they were", async () => {
  const text = file(row({ flight_no: "6.00E+155", airline_code: "6E", airline: "IndiGo" }))
  await importFlights(database, text, OPTIONS)
  expect(await stored("155")).toMatchObject([{ carrier_code: "6E" }])
})

test("a duplicate is skipped and named with both lines; it is no bad row", async () => {
  expect((await tryOut(ROW, row({ depart_weekday: "3" }), ROW)).skipped).toEqual([
    { line: 4, reason: "the same flight and day as line 2", duplicate: true },
  ])
})

test.each([
  [{ origin: "XXX" }, 'origin "XXX" is not a known place'],
  [{ destination: "DEL" }, "origin and destination are both DEL"],
  [{ depart_time: "24:10:00" }, 'depart_time "24:10:00" is not a time such as 08:05'],
  [{ depart_weekday: "7" }, 'depart_weekday "7" is not 0 (Monday) to 6'],
  [{ duration: "two hours" }, 'duration "two hours" is not a time such as 08:05'],
  [{ duration: "00:05:00" }, "duration 00:05:00 cannot be for the 1137 km from DEL to BOM"],
  [{ flight_no: "G8" }, 'flight_no "G8" is not a number from 1 to 9999 of G8'],
  [{ flight_no: "AI334" }, 'flight_no "AI334" is not a number from 1 to 9999 of G8'],
  [{ airline_code: "GO8" }, 'airline_code "GO8" is not two characters'],
  [{ airline: "" }, "airline is empty"],
  [{ economy_fare: "" }, "no cabin has a fare"],
  [{ economy_fare: "-3" }, 'economy_fare "-3" is not a price'],
  [{ economy_fare: "0" }, 'economy_fare "0" is not a price'],
] as [Record<string, string>, string][])(
  "a bad row is skipped whole and reported, the others go in: %j",
  async (changes, reason) => {
    const result = await tryOut(
      row({ flight_no: "G8401" }),
      row({ flight_no: "G8402", ...changes }),
      row({ flight_no: "G8403" }),
    )
    expect(result.skipped).toEqual([{ line: 3, reason, duplicate: false }])
    expect(result).toMatchObject({ rows: 3, flights: 2, imported: 2 })
  },
)

test("a record that is no CSV is a bad row too", async () => {
  const result = await tryOut(ROW, `${ROW},more`)
  expect(result.skipped).toEqual([{ line: 3, reason: "15 values for 14 columns", duplicate: false }])
})

test("without a rate the file has to be in the selling currency", async () => {
  const dryRun = true
  const withCurrency = (currency: string) => `${HEADER},currency\n${ROW},${currency}`
  const options = { sellingCurrency: "USD", dryRun }
  await expect(importFlights(database, file(ROW), options)).rejects.toThrow(UnreadableFile)
  expect((await importFlights(database, withCurrency("USD"), options)).skipped).toEqual([])
  expect((await importFlights(database, withCurrency("INR"), options)).skipped).toEqual([
    { line: 2, reason: 'currency "INR" needs a rate into USD', duplicate: false },
  ])
})

test("a file without the columns is refused as a whole", async () => {
  await expect(importFlights(database, "origin,destination\nDEL,BOM\n", OPTIONS)).rejects.toThrow(
    "the header has no column depart_time, depart_weekday, duration, flight_no, airline_code, airline",
  )
})
