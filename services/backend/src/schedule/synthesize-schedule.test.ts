import { expect, test } from "bun:test"
import { AIRCRAFT, type AircraftCode } from "../../seed/aircraft.ts"
import { CARRIERS } from "../../seed/carriers.ts"
import { type Place, readPlaces } from "../../seed/places.ts"
import { CABINS } from "./base-fare.ts"
import { distanceKm } from "./geography.ts"
import { type FlightTemplate, synthesizeSchedule } from "./synthesize-schedule.ts"

const places = readPlaces()
const placeOf = new Map(places.map((place) => [place.code, place]))
const schedule = synthesizeSchedule(places, { seed: 1, dailyFlights: 6_000 })

test("the same seed gives the same schedule, also for places in another order; another seed another one", () => {
  expect(Bun.hash(JSON.stringify(synthesizeSchedule(places, { seed: 1, dailyFlights: 6_000 })))).toBe(
    Bun.hash(JSON.stringify(schedule)),
  )
  expect(synthesizeSchedule([...places].reverse(), { seed: 1, dailyFlights: 6_000 })).toEqual(schedule)
  expect(synthesizeSchedule(places, { seed: 2, dailyFlights: 6_000 })).not.toEqual(schedule)
})

test("about as many flights leave on an average day as asked for, on each weekday within 15 per cent", () => {
  const days = weekdayCounts(schedule)
  const mean = days.reduce((sum, count) => sum + count, 0) / 7
  expect(Math.abs(mean / 6_000 - 1)).toBeLessThan(0.03)
  for (const count of days) expect(Math.abs(count / mean - 1)).toBeLessThan(0.15)
})

test("ten times the flights over 800 places come out as well, in seconds", () => {
  const twins = places.slice(0, 800 - places.length).map((place, index) => ({
    ...place,
    code: `${String.fromCharCode(65 + (index % 26))}${100 + index}`.slice(0, 4),
    latitude: place.latitude * 0.95,
  }))
  const start = performance.now()
  const big = synthesizeSchedule([...places, ...twins], { seed: 1, dailyFlights: 60_000 })
  expect(performance.now() - start).toBeLessThan(15_000)
  expect(Math.abs(weekdayCounts(big).reduce((sum, count) => sum + count, 0) / 7 / 60_000 - 1)).toBeLessThan(0.03)
  expectUniqueNumbers(big)
})

test("a carrier has a flight number once, from 1 to 9999", () => {
  expectUniqueNumbers(schedule)
  const codes = new Set(CARRIERS.map((carrier) => carrier.code))
  expect(codes.size).toBe(CARRIERS.length)
  expect(new Set(schedule.map((flight) => flight.carrierCode))).toEqual(codes)
})

test("every place can be reached from every other, daily at least from its neighbour", () => {
  for (const direction of [["origin", "destination"] as const, ["destination", "origin"] as const]) {
    expect(reachable("LHR", direction).size).toBe(places.length)
  }
  const daily = new Set(schedule.filter((flight) => flight.days.length === 7).map((flight) => flight.origin))
  expect(daily.size).toBe(places.length)
})

test("a few far-flung places without a hub are connected too", () => {
  const lonely = places.filter((place) => ["CHT", "INN", "USH", "LYR", "NBO", "PKR"].includes(place.code))
  const flights = synthesizeSchedule(lonely, { seed: 1, dailyFlights: 50 })
  expect(reachable("CHT", ["origin", "destination"], flights).size).toBe(lonely.length)
  expectUniqueNumbers(flights)
})

test("every flight has a way back by the same aircraft, carrier and days a week", () => {
  const key = (flight: FlightTemplate, from: string, to: string) =>
    [flight.carrierCode, flight.aircraft, flight.days.length, from, to].join()
  const there = schedule.map((flight) => key(flight, flight.origin, flight.destination))
  const back = schedule.map((flight) => key(flight, flight.destination, flight.origin))
  expect(there.sort()).toEqual(back.sort())
})

test("no aircraft flies beyond its range, nor a turboprop where a jet would go", () => {
  for (const flight of schedule) {
    expect(km(flight)).toBeLessThanOrEqual(AIRCRAFT[flight.aircraft as AircraftCode].rangeKm)
    if (flight.aircraft === "ATR 72") expect(km(flight)).toBeLessThanOrEqual(900)
  }
  expect(new Set(schedule.map((flight) => flight.aircraft)).size).toBe(Object.keys(AIRCRAFT).length)
})

test("block times fit the distance, and flying east is faster than west at middle latitudes", () => {
  for (const flight of schedule) {
    const { cruiseKmh, allowanceMinutes } = AIRCRAFT[flight.aircraft as AircraftCode]
    const hours = (flight.durationMinutes - allowanceMinutes) / 60
    expect(flight.durationMinutes % 5).toBe(0)
    if (km(flight) > 800) expect(Math.abs(km(flight) / hours / cruiseKmh - 1)).toBeLessThan(0.2)
    const slowest = allowanceMinutes + (60 * 1.045 * km(flight)) / (cruiseKmh - 75) + 2.5
    if (km(flight) <= 800) expect(flight.durationMinutes).toBeWithin(25, Math.max(25, slowest) + 1)
  }
  let compared = 0
  for (const flight of schedule) {
    const [from, to] = [placeOf.get(flight.origin)!, placeOf.get(flight.destination)!]
    const eastwardDegrees = (to.longitude - from.longitude + 360) % 360
    const middle = [from, to].every(({ latitude }) => Math.abs(latitude) > 30 && Math.abs(latitude) < 60)
    if (!middle || from.latitude * to.latitude < 0 || eastwardDegrees < 20 || eastwardDegrees > 120) continue
    const back = between(to.code, from.code).find(({ aircraft }) => aircraft === flight.aircraft)!
    expect(flight.durationMinutes).toBeLessThan(back.durationMinutes)
    compared++
  }
  expect(compared).toBeGreaterThan(200)
})

test("short-hauls sleep at night, and nobody leaves or lands unreasonably early", () => {
  for (const flight of schedule) {
    const minute = Number(flight.departureTime.slice(0, 2)) * 60 + Number(flight.departureTime.slice(3))
    expect(flight.departureTime).toMatch(/^([01]\d|2[0-3]):[0-5][05]$/)
    if (flight.durationMinutes < 330) expect(minute).toBeWithin(345, 1351)
    else expect(minute > 90 && minute < 390).toBeFalse()
  }
})

test("mornings and evenings are busier than midday", () => {
  const perHour = (from: number, to: number) =>
    schedule.filter(
      (flight) => Number(flight.departureTime.slice(0, 2)) >= from && Number(flight.departureTime.slice(0, 2)) < to,
    ).length /
    (to - from)
  expect(perHour(7, 10)).toBeGreaterThan(perHour(13, 16))
  expect(perHour(17, 19)).toBeGreaterThan(perHour(13, 16))
})

test("operating days are weekdays in order, never none", () => {
  for (const { days } of schedule) {
    expect(days.length).toBeGreaterThan(0)
    expect(days).toEqual([...new Set(days)].filter((day) => day >= 0 && day <= 6).sort())
  }
})

test("fares are whole and positive and rise from cabin to cabin; capacities are the aircraft's", () => {
  for (const { aircraft, cabins } of schedule) {
    expect(cabins.map((cabin) => cabin.cabin)).toEqual(CABINS.filter((cabin) => cabins.some((c) => c.cabin === cabin)))
    let last = 0
    for (const { cabin, capacity, fareMinorUnits } of cabins) {
      expect(fareMinorUnits % 100).toBe(0)
      expect(fareMinorUnits).toBeGreaterThan(last)
      expect(capacity).toBe((AIRCRAFT[aircraft as AircraftCode].cabins as Record<string, number>)[cabin]!)
      last = fareMinorUnits
    }
  }
})

test("a fare grows with the distance, but a kilometre gets cheaper", () => {
  const economy = (from: string, to: string) =>
    Math.min(...between(from, to).map((flight) => flight.cabins[0]!.fareMinorUnits))
  expect(economy("LHR", "JFK")).toBeGreaterThan(2 * economy("LHR", "DUB"))
  expect(economy("LHR", "JFK") / 5_540).toBeLessThan(economy("LHR", "DUB") / 450)
})

test("the routes that everybody looks for first have several flights a day", () => {
  const big = "LHR-JFK DEL-BOM SYD-MEL CDG-NCE HND-CTS LAX-JFK GRU-SDU MAD-BCN JED-RUH DXB-LHR HKG-TPE"
  for (const route of big.split(" ")) {
    const [from, to] = route.split("-") as [string, string]
    expect({ route, weekly: weekly(from, to) >= 13 && weekly(to, from) >= 13 }).toEqual({ route, weekly: true })
  }
})

function km(flight: FlightTemplate): number {
  return distanceKm(placeOf.get(flight.origin) as Place, placeOf.get(flight.destination) as Place)
}

function between(from: string, to: string): FlightTemplate[] {
  return schedule.filter((flight) => flight.origin === from && flight.destination === to)
}

function weekly(from: string, to: string): number {
  return between(from, to).reduce((sum, flight) => sum + flight.days.length, 0)
}

function weekdayCounts(flights: FlightTemplate[]): number[] {
  return [0, 1, 2, 3, 4, 5, 6].map((day) => flights.filter((flight) => flight.days.includes(day)).length)
}

function expectUniqueNumbers(flights: FlightTemplate[]): void {
  expect(new Set(flights.map((flight) => `${flight.carrierCode} ${flight.flightNumber}`)).size).toBe(flights.length)
  expect(flights.filter((flight) => !/^[1-9]\d{0,3}$/.test(flight.flightNumber))).toEqual([])
}

function reachable(
  start: string,
  [from, to]: readonly ["origin" | "destination", "origin" | "destination"],
  flights = schedule,
): Set<string> {
  const next = Map.groupBy(flights, (flight) => flight[from])
  const seen = new Set([start])
  for (const place of seen) for (const flight of next.get(place) ?? []) seen.add(flight[to])
  return seen
}
