import { expect, test } from "bun:test"
import { readPlaces } from "../../seed/places.ts"
import { realMinutes } from "./local-duration.ts"

const places = new Map(readPlaces().map((place) => [place.code, place]))
const minutes = (from: string, to: string, hours: number, rest: number) =>
  realMinutes(hours * 60 + rest, places.get(from)!, places.get(to)!)

test("inside one zone the local duration is the real one", () => {
  expect(minutes("DEL", "BOM", 2, 10)).toBe(130)
})

test("the zones' difference comes off, half hours too", () => {
  expect(minutes("LHR", "DEL", 14, 0)).toBe(510) // +5:30
  expect(minutes("ADL", "PER", 0, 55)).toBe(205) // -2:30 in January, when Adelaide has summer time
  expect(minutes("KTM", "DEL", 1, 30)).toBe(105) // -0:15
})

test("an arrival before the departure by the clock is a flight west, or over the date line", () => {
  expect(minutes("JFK", "LAX", 3, 15)).toBe(375)
  expect(minutes("AKL", "HNL", 10, 0)).toBe(540) // arrives 23 hours earlier by the calendar
  expect(minutes("HNL", "AKL", 8, 30)).toBe(570)
})

test("a local duration that no aircraft could make is none", () => {
  expect(minutes("DEL", "BOM", 0, 20)).toBeUndefined()
  expect(minutes("DEL", "BOM", 20, 0)).toBeUndefined()
  expect(minutes("JFK", "LHR", 5, 0)).toBeUndefined()
})
