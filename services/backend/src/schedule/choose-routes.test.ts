import { expect, test } from "bun:test"
import { CARRIERS } from "../../seed/carriers.ts"
import { readDemand } from "../../seed/demand.ts"
import { type Place, readPlaces } from "../../seed/places.ts"
import { chooseRoutes, type Route } from "./choose-routes.ts"
import { pull } from "./gravity.ts"
import { seededRandom } from "./random.ts"

const places = readPlaces()
const demand = readDemand()
const ROUND_TRIPS = 21_000
const routes = chooseRoutes(places, CARRIERS, ROUND_TRIPS)
const joined = neighbours(routes)
const MOST_CONNECTIONS = 2

test("of any two places 97 per cent are two connections apart, of those that people travel between 99.5", () => {
  const within = new Map(places.map(({ code }) => [code, reached(code)]))
  const weightOf = ({ code }: Place) => demand.get(code)!.weight
  const pairs = places.flatMap((from) => places.filter((to) => to !== from).map((to) => ({ from, to })))
  const share = (weight: (pair: { from: Place; to: Place }) => number) => {
    const found = pairs.filter(({ from, to }) => within.get(from.code)!.has(to.code))
    const sum = (of: typeof pairs) => of.reduce((total, pair) => total + weight(pair), 0)
    return sum(found) / sum(pairs)
  }
  expect(share(() => 1)).toBeGreaterThan(0.97)
  expect(share(({ from, to }) => weightOf(from) * weightOf(to))).toBeGreaterThan(0.995)
})

test("from a small place to another one at the other end of the world there is a way", () => {
  const journeys =
    "VIE-SYD GRZ-HBA INN-DUD LNZ-CNS KLU-DRW BRS-CHC TRD-BZN GRZ-FAI SZG-NAN BGO-ADL LJU-HKD LUX-KCH SVG-OKA TLL-WLG"
  for (const journey of journeys.split(" ")) {
    const [from, to] = journey.split("-") as [string, string]
    expect({ journey, found: reached(from).has(to) }).toEqual({ journey, found: true })
  }
})

test("every place has a daily flight where it is drawn most, and a place that people fly to more has more of them", () => {
  const daily = (code: string) => routesAt(code).filter(({ weeklyRoundTrips }) => weeklyRoundTrips >= 7).length
  for (const { code } of places) expect(daily(code)).toBeGreaterThan(0)
  for (const [busier, quieter] of ["LHR VIE", "VIE GRZ", "SYD HBA", "JFK BZN", "BKK USM"].map((pair) =>
    pair.split(" "),
  )) {
    expect(daily(busier!)).toBeGreaterThan(daily(quieter!))
  }
})

test("no route is longer than aircraft fly, nor far for a place that few fly to and that has a nearer one", () => {
  for (const { from, to, distanceKm } of routes) {
    expect(distanceKm).toBeLessThanOrEqual(15_400)
    const smaller = demand.get(from.code)!.weight < demand.get(to.code)!.weight ? from : to
    const { weight } = demand.get(smaller.code)!
    if (weight >= 2 || distanceKm <= 4_500 * Math.sqrt(weight)) continue
    const first = routesAt(smaller.code).toSorted((a, b) => pull(b) - pull(a))
    expect(first.findIndex((route) => route.from === from && route.to === to)).toBeLessThan(2)
  }
})

test("the routes take as many round trips as there are; where those are few, a tree of daily ones remains", () => {
  const flown = (chosen: Route[]) => chosen.reduce((sum, { weeklyRoundTrips }) => sum + weeklyRoundTrips, 0)
  expect(flown(routes)).toBeWithin(0.98 * ROUND_TRIPS, ROUND_TRIPS + 1)
  expect(flown(chooseRoutes(places, CARRIERS, 7_000))).toBeWithin(6_800, 7_001)
  const least = chooseRoutes(places, CARRIERS, 100)
  expect(least).toHaveLength(places.length - 1)
  for (const { weeklyRoundTrips } of least) expect([7, 14]).toContain(weeklyRoundTrips)
})

test("a world of places by chance, at hubs and elsewhere, is whole, the same each time, and of places in any order", () => {
  const random = seededRandom(5)
  for (let round = 0; round < 10; round++) {
    const some = places.filter(() => random() < 0.05 + 0.1 * random())
    const chosen = chooseRoutes(some, CARRIERS, 40 * some.length)
    expect(chooseRoutes(some.toReversed(), CARRIERS, 40 * some.length)).toEqual(chosen)
    expect(reached(some[0]!.code, neighbours(chosen), some.length).size).toBe(some.length)
    for (const { weeklyRoundTrips } of chosen) expect(weeklyRoundTrips).toBeWithin(7, 120)
  }
})

function routesAt(code: string): Route[] {
  return routes.filter(({ from, to }) => from.code === code || to.code === code)
}

function neighbours(of: Route[]): Map<string, string[]> {
  const next = new Map<string, string[]>()
  for (const { from, to } of of) {
    next.set(from.code, [...(next.get(from.code) ?? []), to.code])
    next.set(to.code, [...(next.get(to.code) ?? []), from.code])
  }
  return next
}

/** What so many connections lead to. */
function reached(from: string, over = joined, connections = MOST_CONNECTIONS): Set<string> {
  let found = new Set([from])
  for (let flight = 0; flight <= connections; flight++) {
    found = new Set([...found].flatMap((code) => [code, ...(over.get(code) ?? [])]))
  }
  return found
}
