import type { Carrier } from "../../seed/carriers.ts"
import type { Place } from "../../seed/places.ts"
import { routesOfGateways } from "./gateways.ts"
import { distanceKm } from "./geography.ts"
import { attraction, balance, byWeight, pull, weightOf } from "./gravity.ts"

/** Two places with flights in both directions; `from` is the busier one. */
export interface Route {
  from: Place
  to: Place
  distanceKm: number
  /** How much people fly between the two; relative, without a unit. */
  demand: number
  weeklyRoundTrips: number
}

const LONGEST_ROUTE_KM = 15_400
/**
 * The small places have their daily flights whatever their demand is, and so many are small that the busy ones would
 * be left with few: what remains is shared out by more than the weight.
 */
const WEIGHT_EXPONENT = 1.8
/** Frequency draws people, so busy routes get more than their share. */
const CONCENTRATION = 1.2
const BALANCE_ROUNDS = 12
const DAILY = 7
/** The share of the flights that routes of gateways may have when they are flown daily, beyond what connects all places. */
const DAILY_SHARE = 0.8
/** Fewer flights a week open no route; who needs more than an hourly one, or seven a day far away, flies bigger aircraft. */
const WEEKLY = { near: { least: 28, most: 119 }, far: { least: 7, most: 49 } }
const FAR_KM = 4_000
/** Two places that are no further apart and of such a product of weights have a daily flight. */
const BUSY_KM = 2_000
const BUSY_WEIGHTS = 1_800
/** A daily route that is so short and between places of such a weight is flown twice a day at least. */
const SHUTTLE_KM = 600
const SHUTTLE_WEIGHT = 5

/**
 * The routes of the network and how often each is flown, together about `weeklyRoundTrips`. A route has an end at a
 * carrier's hub, unless that leaves places unconnected. Flown at least daily are those of the maximum spanning tree,
 * so every place is reached from every other, even where that takes more flights than asked for; and, as far as the
 * flights suffice, those between busy places that are not far and those of the gateways, so nearly every place is
 * reached with two connections. The other flights go where people want to: demand is a gravity model. Longest route first.
 */
export function chooseRoutes(places: Place[], carriers: Carrier[], weeklyRoundTrips: number): Route[] {
  const totals = new Map(places.map((place) => [place.code, weightOf(place) ** WEIGHT_EXPONENT]))
  const hubs = new Set(carriers.flatMap((carrier) => carrier.hubs))
  const atHub = candidateRoutes(places, totals, (a, b) => hubs.has(a.code) || hubs.has(b.code))
  const isWhole = spanningTree(places, atHub).size === places.length - 1
  const candidates = isWhole ? atHub : candidateRoutes(places, totals, () => true)
  const daily = spanningTree(places, candidates)
  const mostDaily = (DAILY_SHARE * weeklyRoundTrips) / DAILY
  const atGateways = routesOfGateways(
    places,
    places.filter(({ code }) => hubs.has(code)),
    candidates,
  )
  for (const route of [...candidates.filter(isBusy), ...atGateways]) if (daily.size < mostDaily) daily.add(route)

  const worthwhile = frequencies(candidates, daily, weeklyRoundTrips)
  const network = candidates.filter((route) => worthwhile.get(route)! > 0)
  // Who finds no direct flight changes planes: the flights that there are share the demand of those that are not.
  balance(network, totals, 1)
  const flown = frequencies(network, daily, weeklyRoundTrips)
  return network
    .map((route) => ({ ...route, weeklyRoundTrips: flown.get(route)! }))
    .filter((route) => route.weeklyRoundTrips > 0)
    .sort((a, b) => b.distanceKm - a.distanceKm || (pairName(a) < pairName(b) ? -1 : 1))
}

/** Weekly round trips in proportion to demand that come closest to the sum from below; some are daily at least. */
function frequencies(routes: Route[], daily: Set<Route>, weeklyRoundTrips: number): Map<Route, number> {
  const flown = (route: Route, scale: number) => {
    const { least, most } = route.distanceKm < FAR_KM ? WEEKLY.near : WEEKLY.far
    const wanted = Math.min(most, Math.floor(scale * route.demand))
    if (daily.has(route)) return Math.max(isShuttle(route) ? 2 * DAILY : DAILY, wanted)
    return wanted < least ? 0 : wanted
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

/** Two busy places that are not far: nobody would expect to change planes. */
function isBusy({ from, to, distanceKm: km }: Route): boolean {
  return km <= BUSY_KM && weightOf(from) * weightOf(to) >= BUSY_WEIGHTS
}

/** There in the morning and back in the evening. */
function isShuttle({ from, to, distanceKm: km }: Route): boolean {
  return km <= SHUTTLE_KM && Math.min(weightOf(from), weightOf(to)) >= SHUTTLE_WEIGHT
}

/** Every pair that satisfies `flyable` within the range of the aircraft, with its demand. */
function candidateRoutes(
  places: Place[],
  totals: Map<string, number>,
  flyable: (a: Place, b: Place) => boolean,
): Route[] {
  const ordered = byWeight(places)
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

/** The routes of greatest pull that connect all places, by Kruskal's algorithm. */
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
  const byPull = routes
    .map((route) => ({ route, pull: pull(route) }))
    .sort((a, b) => b.pull - a.pull || (pairName(a.route) < pairName(b.route) ? -1 : 1))
  for (const { route } of byPull) {
    const [a, b] = [root(route.from.code), root(route.to.code)]
    if (a === b) continue
    parents.set(a, b)
    tree.add(route)
  }
  return tree
}

function pairName(route: Route): string {
  return route.from.code + route.to.code
}
