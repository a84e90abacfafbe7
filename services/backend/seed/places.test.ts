import { expect, test } from "bun:test"
import tzLookup from "@photostructure/tz-lookup"
import { readDemand } from "./demand.ts"
import { readPlaces } from "./places.ts"

const places = readPlaces()

/** Where the zone is right and the look-up, which works with simplified borders, is not. */
const LOOKUP_IS_WRONG = new Set([
  "BAH", // an island that the look-up gives to Iran
  "URC", // Xinjiang's flights keep Beijing time
])

test("there are at least 200 places, each with a code of its own, in the order of their codes", () => {
  const codes = places.map((place) => place.code)
  expect(codes.length).toBeGreaterThanOrEqual(200)
  expect(codes.every((code) => /^[A-Z]{3}$/.test(code))).toBeTrue()
  expect(codes).toEqual([...new Set(codes)].sort())
})

test("every place has a name, a city and a country, none padded", () => {
  for (const place of places) {
    for (const text of [place.name, place.city, place.country]) expect(text).toMatch(/^\S(.*\S)?$/)
    expect(place.countryCode).toMatch(/^[A-Z]{2}$/)
    expect(place.country).not.toBe(place.countryCode)
  }
})

test("coordinates are on the globe and not in the Gulf of Guinea", () => {
  for (const { latitude, longitude } of places) {
    expect(Math.abs(latitude)).toBeLessThan(80)
    expect(Math.abs(longitude)).toBeLessThanOrEqual(180)
    expect(Math.hypot(latitude, longitude)).toBeGreaterThan(1)
  }
})

test("every zone is known here and has the offsets of the place's coordinates, winter and summer", () => {
  const wrong = places
    .filter(({ code }) => !LOOKUP_IS_WRONG.has(code))
    .filter(({ timeZone, latitude, longitude }) => offsets(timeZone) !== offsets(tzLookup(latitude, longitude)))
  expect(wrong).toEqual([])
})

test("all continents are there, with the places that make a search interesting", () => {
  const codes = new Set(places.map((place) => place.code))
  const wanted =
    "LHR JFK HND SYD GRU JNB DEL INN GRZ LNZ BGO TOS FNC HBA LST DRW KTM ADL CHT APW AKL HNL ANC KEF SCL USH"
  for (const code of `${wanted} NBO CPT MLE PPT LGW LCY EWR LGA NRT ORY LIN MXP BGY`.split(" "))
    expect(codes).toContain(code)
})

test("each place has a demand, and nothing else has one", () => {
  const demand = readDemand()
  expect([...demand.keys()].sort()).toEqual(places.map((place) => place.code))
  for (const place of places) {
    expect(demand.get(place.code)!.city).toBe(place.city)
    expect(demand.get(place.code)!.weight).toBeGreaterThan(0)
  }
})

function offsets(timeZone: string): string {
  return ["2027-01-01T12:00", "2027-07-01T12:00"]
    .map((noon) => Temporal.PlainDateTime.from(noon).toZonedDateTime(timeZone).offset)
    .join()
}
