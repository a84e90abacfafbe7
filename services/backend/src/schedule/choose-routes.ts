import type { Carrier } from "../../seed/carriers.ts"
import { readDemand } from "../../seed/demand.ts"
import type { Place } from "../../seed/places.ts"
import { areTied } from "../../seed/ties.ts"
import { distanceKm } from "./geography.ts"

/** Two places with flights in both directions; `from` is the busier one. */
export interface Route {
  from: Place
  to: Place
  distanceKm: number
  /** How much people fly between the two; relative, without a unit. */
  demand: number
  weeklyRoundTrips: number
}

const demand = readDemand()
/** For a place that the demand list does not know. */
const DEFAULT_WEIGHT = 1
const LONGEST_ROUTE_KM = 15_400
/** Bigger places have bigger aircraft, so their flights grow slower than their passengers. */
const WEIGHT_EXPONENT = 0.8
/** Within a country, and between countries that have ties, people fly more. */
const DOMESTIC_FACTOR = 8
const TIES_FACTOR = 6
const DISTANCE_EXPONENT = 0.6
/** Frequency draws people, so busy routes get more than their share. */
const CONCENTRATION = 1.35
const BALANCE_ROUNDS = 12
const DAILY = 7
/** Fewer flights a week open no route, near or far. */
const LEAST_WEEKLY = { near: 6, far: 4 }
const FAR_KM = 4_000

/**
 * The routes of the network and how often each is flown, together about `weeklyRoundTrips`. Demand is a gravity model;
 * a route has an end at a carrier's hub, unless that leaves places unconnected. The routes of the maximum spanning tree
 * are flown at least daily, so every place is served by its best route and reached from every other, even where that
 * takes more flights than asked for. Longest route first.
 */
export function chooseRoutes(places: Place[], carriers: Carrier[], weeklyRoundTrips: number): Route[] {
  const totals = new Map(places.map((place) => [place.code, weightOf(place) ** WEIGHT_EXPONENT]))
  const hubs = new Set(carriers.flatMap((carrier) => carrier.hubs))
  const atHub = candidateRoutes(places, totals, (a, b) => hubs.has(a.code) || hubs.has(b.code))
  const isWhole = spanningTree(places, atHub).size === places.length - 1
  const candidates = isWhole ? atHub : candidateRoutes(places, totals, () => true)
  const lifelines = spanningTree(places, candidates)

  const worthwhile = frequencies(candidates, new Set(), weeklyRoundTrips)
  const network = candidates.filter((route) => lifelines.has(route) || worthwhile.get(route)! > 0)
  // Who finds no direct flight changes planes: the flights that there are share the demand of those that are not.
  balance(network, totals, 1)
  const flown = frequencies(network, lifelines, weeklyRoundTrips)
  return network
    .map((route) => ({ ...route, weeklyRoundTrips: flown.get(route)! }))
    .filter((route) => route.weeklyRoundTrips > 0)
    .sort((a, b) => b.distanceKm - a.distanceKm || (pairName(a) < pairName(b) ? -1 : 1))
}

/** Weekly round trips in proportion to demand that come closest to the sum from below; lifelines are daily at least. */
function frequencies(routes: Route[], lifelines: Set<Route>, weeklyRoundTrips: number): Map<Route, number> {
  const flown = (route: Route, scale: number) => {
    const wanted = Math.floor(scale * route.demand)
    if (lifelines.has(route)) return Math.max(DAILY, wanted)
    return wanted < (route.distanceKm < FAR_KM ? LEAST_WEEKLY.near : LEAST_WEEKLY.far) ? 0 : wanted
  }
  const total = (scale: number) => routes.reduce((sum, route) => sum + flown(route, scale), 0)
  let [low, high] = [0, 1]
  while (total(high) < weeklyRoundTrips && high < 2 ** 40) high *= 2
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (total(middle) <= weeklyRoundTrips) low = middle
    else high = middle
  }
  return new Map(routes.map((route) => [route, flown(route, low)]))
}

/** Every pair that satisfies `flyable` within the range of the aircraft, with its demand. */
function candidateRoutes(
  places: Place[],
  totals: Map<string, number>,
  flyable: (a: Place, b: Place) => boolean,
): Route[] {
  const ordered = [...places].sort((a, b) => weightOf(b) - weightOf(a) || (a.code < b.code ? -1 : 1))
  const routes: Route[] = []
  for (const [index, from] of ordered.entries()) {
    for (const to of ordered.slice(index + 1)) {
      if (!flyable(from, to)) continue
      const km = distanceKm(from, to)
      if (km > LONGEST_ROUTE_KM) continue
      routes.push({ from, to, distanceKm: km, demand: attraction(from, to, km), weeklyRoundTrips: 0 })
    }
  }
  balance(routes, totals, BALANCE_ROUNDS)
  for (const route of routes) route.demand **= CONCENTRATION
  return routes
}

/** Fewer people fly far, and below 350 km the train and the car win. */
function attraction(from: Place, to: Place, km: number): number {
  const domestic = from.countryCode === to.countryCode
  const factor = domestic ? DOMESTIC_FACTOR : areTied(from.countryCode, to.countryCode) ? TIES_FACTOR : 1
  return (factor * Math.min(1, (km / 350) ** 2)) / (1 + km / 1000) ** DISTANCE_EXPONENT
}

/**
 * Turns attractions into demands whose sums at each place come near the place's total: the doubly constrained gravity
 * model, by Furness's iteration. Without it a place with many neighbours would have more flights than a lone one.
 */
function balance(routes: Route[], totals: Map<string, number>, rounds: number): void {
  const factors = new Map([...totals.keys()].map((code) => [code, 1]))
  for (let round = 0; round < rounds; round++) {
    const sums = new Map<string, number>()
    for (const { from, to, demand } of routes) {
      const flow = demand * factors.get(from.code)! * factors.get(to.code)!
      sums.set(from.code, (sums.get(from.code) ?? 0) + flow)
      sums.set(to.code, (sums.get(to.code) ?? 0) + flow)
    }
    for (const [code, flow] of sums) factors.set(code, factors.get(code)! * Math.sqrt(totals.get(code)! / flow))
  }
  for (const route of routes) route.demand *= factors.get(route.from.code)! * factors.get(route.to.code)!
}

/** The routes of greatest demand that connect all places, by Kruskal's algorithm. */
function spanningTree(places: Place[], routes: Route[]): Set<Route> {
  const parents = new Map(places.map((place) => [place.code, place.code]))
  const root = (code: string): string => {
    const parent = parents.get(code)!
    if (parent === code) return code
    const top = root(parent)
    parents.set(code, top)
    return top
  }
  const tree = new Set<Route>()
  const byDemand = [...routes].sort((a, b) => b.demand - a.demand || (pairName(a) < pairName(b) ? -1 : 1))
  for (const route of byDemand) {
    const [a, b] = [root(route.from.code), root(route.to.code)]
    if (a === b) continue
    parents.set(a, b)
    tree.add(route)
  }
  return tree
}

function weightOf(place: Place): number {
  return demand.get(place.code)?.weight ?? DEFAULT_WEIGHT
}

function pairName(route: Route): string {
  return route.from.code + route.to.code
}
