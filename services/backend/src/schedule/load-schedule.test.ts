import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { CARRIERS } from "../../seed/carriers.ts"
import { CITIES } from "../../seed/cities.ts"
import { readPlaces } from "../../seed/places.ts"
import { seedNetwork } from "../../seed/seed-network.ts"
import { loadFlights } from "./load-schedule.ts"
import { synthesizeSchedule } from "./synthesize-schedule.ts"

let testDatabase: TestDatabase
let database: Database
const places = readPlaces()
const flights = synthesizeSchedule(places, { seed: 1, dailyFlights: 6_000 })
const ALL = { places: places.length, carriers: CARRIERS.length, flights: flights.length }

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = connectDatabase({ url: testDatabase.urlOf("backend"), connections: 2 })
})

afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

test("a dry run answers what a real one would add, and adds nothing", async () => {
  expect(await seedNetwork(database, { dryRun: true })).toEqual(ALL)
  expect(await database.sql`select from places`).toHaveLength(0)
})

test("the whole network goes in over the administrator's connection, and a second time adds nothing", async () => {
  const administrator = connectDatabase({ url: testDatabase.url, connections: 1 })
  expect(await seedNetwork(administrator)).toEqual(ALL)
  await administrator.close()
  expect(await seedNetwork(database)).toEqual({ places: 0, carriers: 0, flights: 0 })
  const [stored] = await database.sql`
    select (select count(*)::int from places) as places,
           (select count(*)::int from cities) as cities,
           (select count(*)::int from carriers) as carriers,
           (select count(*)::int from flights) as flights,
           (select count(*)::int from flight_days) as days,
           (select count(*)::int from flight_cabins) as cabins
  `
  const days = flights.reduce((sum, flight) => sum + flight.days.length, 0)
  const cabins = flights.reduce((sum, flight) => sum + flight.cabins.length, 0)
  expect({ ...stored! }).toEqual({ ...ALL, cities: CITIES.length, days, cabins })
})

test("a flight is stored as it was planned", async () => {
  const flight = flights.find(({ cabins, days }) => cabins.length === 4 && days.length === 7)!
  const [stored] = await database.sql`
    select flights.*, array(select day from flight_days where flight_id = id order by day) as days
    from flights
    where carrier_code = ${flight.carrierCode}
      and flight_number = ${flight.flightNumber}
  `
  expect(stored).toMatchObject({
    origin: flight.origin,
    destination: flight.destination,
    departure_time: `${flight.departureTime}:00`,
    duration_minutes: flight.durationMinutes,
    aircraft: flight.aircraft,
    effective_from: "2000-01-01",
    effective_until: "2999-12-31",
    source: "seed",
    version: 1,
    days: flight.days,
  })
  const cabins = await database.sql`
    select cabin, capacity, fare_minor_units from flight_cabins where flight_id = ${stored!.id} order by fare_minor_units
  `
  expect(cabins.map((row) => ({ ...row }))).toEqual(
    flight.cabins.map(({ cabin, capacity, fareMinorUnits }) => ({
      cabin,
      capacity,
      fare_minor_units: BigInt(fareMinorUnits),
    })),
  )
})

test("a flight that another source has already brought keeps its days and fares", async () => {
  const changed = { ...flights[0]!, days: [0], cabins: [{ ...flights[0]!.cabins[0]!, fareMinorUnits: 1 }] }
  const before = await database.sql`select count(*)::int as days from flight_days`
  expect(await database.inTransaction((tx) => loadFlights(tx, [changed], "import:flights"))).toBe(0)
  expect(await database.sql`select count(*)::int as days from flight_days`).toEqual(before)
})

test("a flight of another period is another flight; the same one twice is one", async () => {
  const [spring, summer] = ["2027-03-01", "2027-06-01"].map((effectiveFrom) => {
    return { ...flights[0]!, flightNumber: "9998", effectiveFrom, effectiveUntil: `${effectiveFrom.slice(0, 8)}30` }
  })
  expect(await database.inTransaction((tx) => loadFlights(tx, [spring!, summer!, spring!], "seed"))).toBe(2)
  const stored = await database.sql`
    select effective_from, effective_until, (select count(*)::int from flight_days where flight_id = id) as days
    from flights where flight_number = '9998' order by effective_from`
  const days = flights[0]!.days.length
  expect(stored.map((row) => ({ ...row }))).toEqual([
    { effective_from: "2027-03-01", effective_until: "2027-03-30", days },
    { effective_from: "2027-06-01", effective_until: "2027-06-30", days },
  ])
})

test("progress is told after each batch", async () => {
  const told: number[] = []
  await database.inTransaction((tx) => loadFlights(tx, flights, "seed", (loaded) => told.push(loaded)))
  expect(told).toEqual([5_000, flights.length])
})
