import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { readPlaces } from "../../seed/places.ts"
import { distanceKm } from "../schedule/geography.ts"
import { loadCarriers, loadFlights, loadPlaces } from "../schedule/load-schedule.ts"
import { createPlaces, type Places } from "./places.ts"

let testDatabase: TestDatabase
let database: Database
let places: Places

/** Heathrow has two flights, Gatwick one, everything else none. */
beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = connectDatabase({ url: testDatabase.urlOf("backend"), connections: 2 })
  const flight = (flightNumber: string, origin: string) => ({
    carrierCode: "X9",
    flightNumber,
    origin,
    destination: "VIE",
    departureTime: "08:00",
    durationMinutes: 140,
    aircraft: "A320neo",
    days: [0],
    cabins: [{ cabin: "economy" as const, capacity: 10, fareMinorUnits: 1_000 }],
  })
  await database.inTransaction(async (tx) => {
    await loadPlaces(tx, readPlaces())
    await loadCarriers(tx, [{ code: "X9", name: "Fixture Air" }])
    await loadFlights(tx, [flight("1", "LHR"), flight("2", "LHR"), flight("3", "LGW")], "fixtures")
  })
  places = createPlaces(database.sql)
})

afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

const codes = async (query: string, limit = 10) => (await places.search(query, limit)).map((place) => place.code)
const airportsOf = async (code: string, nearby: boolean) => places.airportsOf((await places.find(code))!, nearby)

describe("a city's code", () => {
  test("stands for the city's airports, the busiest first", async () => {
    expect(await places.find(" lon")).toMatchObject({
      code: "LON",
      name: "London, all airports",
      city: "London",
      countryCode: "GB",
      timeZone: "Europe/London",
      airports: ["LHR", "LGW", "LCY", "LTN", "STN"],
    })
    expect((await places.find("NYC"))!.airports).toEqual(["EWR", "JFK", "LGA"])
  })

  test("stands for the one airport that is sold", async () => {
    const rome = (await places.find("ROM"))!
    expect(rome).toMatchObject({ code: "ROM", city: "Rome", airports: ["FCO"] })
    expect(rome.name).toBe((await places.find("FCO"))!.name)
  })

  test("means the airport where it is an airport's too, even one that came later", async () => {
    expect((await places.find("BER"))!.airports).toEqual([])
    expect((await places.find("SHA"))!.airports).toEqual([])
    expect((await places.find("HOU"))!.airports).toEqual(["IAH"])
    const hobby = { ...(await places.find("IAH"))!, code: "HOU", name: "William P. Hobby Airport", cityCode: "HOU" }
    await database.inTransaction((tx) => loadPlaces(tx, [hobby]))
    const later = createPlaces(database.sql)
    expect(await later.find("HOU")).toMatchObject({ name: "William P. Hobby Airport", airports: [] })
    await database.sql`delete from places where code = 'HOU'`
  })
})

describe("search", () => {
  test("a city comes before its airports, and they in the order of their flights", async () => {
    expect(await codes("london")).toEqual(["LON", "LHR", "LGW", "LCY", "LTN", "STN"])
    expect((await codes("LON"))[0]).toBe("LON")
    expect((await codes("united kingdom")).slice(0, 3)).toEqual(["LON", "LHR", "LGW"])
    expect((await codes("milan"))[0]).toBe("MIL")
  })

  test("an airport is found by its city's name and code, though its own city is another", async () => {
    expect(await codes("new york")).toEqual(["NYC", "JFK", "LGA", "EWR"])
    expect(await codes("was")).toEqual(["WAS", "BWI", "DCA", "IAD"])
    expect((await codes("campinas"))[0]).toBe("VCP")
  })

  test("no city is found by what is added to its name", async () => {
    expect(await codes("all airports")).toEqual([])
    expect((await codes("airport", 50)).filter((code) => code === "LON")).toEqual([])
  })

  test("the name of one airport finds it alone; a city with one airport is found as that", async () => {
    expect(await codes("heathrow")).toEqual(["LHR"])
    expect(await codes("rome")).toEqual(["FCO"])
    expect((await codes("rom"))[0]).toBe("FCO")
    expect((await codes("jkt"))[0]).toBe("CGK")
  })
})

describe("airports of a place", () => {
  test("an airport is itself, a city all of its own", async () => {
    expect(await airportsOf("VIE", false)).toEqual(["VIE"])
    expect(await airportsOf("LON", false)).toEqual(["LHR", "LGW", "LCY", "LTN", "STN"])
  })

  test("nearby ones follow by distance: Bratislava is 49 km from Vienna, Graz 125", async () => {
    expect(await airportsOf("VIE", true)).toEqual(["VIE", "BTS"])
    expect(await airportsOf("LHR", true)).toEqual(["LHR", "LCY", "LGW", "LTN", "STN"])
    expect(await airportsOf("USH", true)).toEqual(["USH"])
  })

  test("a city's nearby airports are those of all its airports together, its own ones first", async () => {
    for (const code of ["LON", "NYC", "MIL", "WAS", "TYO"]) {
      const own = await airportsOf(code, false)
      const all = await airportsOf(code, true)
      expect(all.slice(0, own.length)).toEqual(own)
      const each = await Promise.all(own.map((airport) => airportsOf(airport, true)))
      expect(new Set(all)).toEqual(new Set(each.flat()))
    }
    expect(await airportsOf("MIL", true)).toContain("LUG")
  })

  test("nearby is mutual and never a city", async () => {
    for (const place of readPlaces()) {
      const [self, ...others] = await airportsOf(place.code, true)
      expect(self).toBe(place.code)
      for (const other of others) {
        expect(await airportsOf(other, true)).toContain(place.code)
        expect(distanceKm(place, (await places.find(other))!)).toBeLessThanOrEqual(100)
      }
    }
  })

  test("an answer may be changed without harm to the next one", async () => {
    for (const nearby of [false, true]) {
      const answer = await airportsOf("LON", nearby)
      answer.reverse().pop()
      expect((await airportsOf("LON", nearby))[0]).toBe("LHR")
    }
    expect((await places.find("LON"))!.airports[0]).toBe("LHR")
  })
})
