import { expect, test } from "bun:test"
import { distanceKm } from "../src/schedule/geography.ts"
import { CITIES } from "./cities.ts"
import { readPlaces } from "./places.ts"

const places = new Map(readPlaces().map((place) => [place.code, place]))

test("a city's code is three letters, in order, once, and no airport's", () => {
  const codes = CITIES.map((city) => city.code)
  expect(codes.every((code) => /^[A-Z]{3}$/.test(code))).toBeTrue()
  expect(codes).toEqual([...new Set(codes)].sort())
  expect(codes.filter((code) => places.has(code))).toEqual([])
})

test("every airport of a city is built in, belongs to it alone and knows so", () => {
  const airports = CITIES.flatMap((city) => city.airports)
  expect(airports).toEqual([...new Set(airports)])
  for (const city of CITIES) for (const code of city.airports) expect(places.get(code)!.cityCode).toBe(city.code)
})

test("a city is called like its first airport's, with which the others share country, clock and neighbourhood", () => {
  for (const { name, airports } of CITIES) {
    const [first, ...others] = airports.map((code) => places.get(code)!)
    expect(first!.city).toBe(name)
    for (const other of others) {
      expect([other.countryCode, other.timeZone]).toEqual([first!.countryCode, first!.timeZone])
      expect(distanceKm(first!, other)).toBeLessThan(110)
    }
  }
})

test("airports that share a city's name share its code, but for cities whose code is an airport's", () => {
  const shared = [...Map.groupBy(places.values(), (place) => `${place.city}, ${place.country}`).values()]
    .filter((airports) => airports.length > 1 && airports.some(({ cityCode }) => cityCode !== airports[0]!.cityCode))
    .map((airports) => airports[0]!.city)
  expect(shared).toEqual([])
  const without = [...Map.groupBy(places.values(), (place) => place.city).values()]
    .filter((airports) => airports.length > 1 && !airports[0]!.cityCode)
    .map((airports) => airports[0]!.city)
  expect(without.sort()).toEqual([
    "Bangkok",
    "Brussels",
    "Chengdu",
    "Dallas",
    "Istanbul",
    "Orlando",
    "Shanghai",
    "Taipei",
  ])
})
