import { expect, test } from "bun:test"
import { AIRCRAFT } from "../../seed/aircraft.ts"
import { readPlaces } from "../../seed/places.ts"
import { blockMinutes } from "./block-time.ts"
import { distanceKm, pointBetween } from "./geography.ts"

const place = new Map(readPlaces().map((place) => [place.code, place]))
const at = (code: string) => place.get(code)!

test("distances are those of the great circle", () => {
  expect(distanceKm(at("LHR"), at("JFK"))).toBeCloseTo(5_540, -2)
  expect(distanceKm(at("AKL"), at("HNL"))).toBeCloseTo(7_090, -2)
  expect(distanceKm(at("VIE"), at("VIE"))).toBe(0)
})

test("points between two places lie on the way, over the date line too", () => {
  const middle = pointBetween(at("HND"), at("LAX"), 0.5)
  expect(distanceKm(at("HND"), middle)).toBeCloseTo(distanceKm(at("HND"), at("LAX")) / 2, 3)
  expect(Math.abs(middle.longitude)).toBeGreaterThan(165)
})

test("block times are what timetables print, give or take a quarter of an hour", () => {
  const printed = [
    ["LHR", "JFK", "777-300ER", 475],
    ["JFK", "LHR", "777-300ER", 420],
    ["VIE", "INN", "E190", 65],
    ["HND", "LAX", "787-9", 605],
    ["LAX", "HND", "787-9", 700],
    ["SYD", "MEL", "737-8", 95],
    ["DEL", "BOM", "A320neo", 135],
  ] as const
  for (const [from, to, aircraft, minutes] of printed) {
    const ours = blockMinutes(AIRCRAFT[aircraft], at(from), at(to))
    expect({ from, to, near: Math.abs(ours - minutes) <= 15 || ours }).toEqual({ from, to, near: true })
  }
})

test("at the equator the direction makes no difference", () => {
  const [west, east] = [
    { latitude: 0, longitude: 10 },
    { latitude: 0, longitude: 50 },
  ]
  expect(blockMinutes(AIRCRAFT["787-9"], west, east)).toBe(blockMinutes(AIRCRAFT["787-9"], east, west))
})
