import type { Place } from "../../seed/places.ts"
import type { Route } from "./choose-routes.ts"
import { distanceKm } from "./geography.ts"
import { byWeight, pull, weightOf } from "./gravity.ts"

/** A gateway is a busy hub, unless a busier one is near, or one that is alone in its part of the world. */
const BUSY_WEIGHT = 50
const NEAR_KM = 600
const LEAST_WEIGHT = 10
const ALONE_KM = 2_000

/** Gateways that are no further apart are joined, and each with so many of those further away that attract it most. */
const TRUNK_KM = 7_000
const LONG_TRUNKS = 4

/** How many gateways a place is joined with: two where it has half a million passengers a year, five where 30 million. */
const gatewaysOf = (weight: number) => Math.floor(1 + (2 * weight) ** 0.35)
/** Times the square root of its weight, how far a place's flights go for that. */
const FEEDER_KM = 4_500
/** Gateways closer together than this lead to much the same places. */
const SPREAD_KM = 3_000

/**
 * The routes that bring nearly any two places within two connections of each other: between gateways first, then from
 * each other place to the best of them, every place's first before any second one. `routes` are those that can be flown.
 */
export function routesOfGateways(places: Place[], hubs: Place[], routes: Route[]): Route[] {
  const gateways = chooseGateways(hubs)
  return [...trunks(gateways, routes), ...feeders(places, gateways, routes)]
}

function chooseGateways(hubs: Place[]): Set<Place> {
  const gateways = new Set<Place>()
  for (const hub of byWeight(hubs)) {
    const apart = kmToNext(hub, gateways)
    const isBusy = weightOf(hub) >= BUSY_WEIGHT && apart >= NEAR_KM
    if (isBusy || (weightOf(hub) >= LEAST_WEIGHT && apart >= ALONE_KM)) gateways.add(hub)
  }
  return gateways
}

/** A gateway that is alone in its part of the world is joined with all, for nothing else leads there. */
function trunks(gateways: Set<Place>, routes: Route[]): Route[] {
  const alone = new Set([...gateways].filter((gateway) => kmToNext(gateway, gateways) >= ALONE_KM))
  const long = new Map([...gateways].map((gateway) => [gateway, 0]))
  return routes
    .filter(({ from, to }) => gateways.has(from) && gateways.has(to))
    .sort((a, b) => b.demand - a.demand)
    .filter(({ from, to, distanceKm: km }) => {
      if (km <= TRUNK_KM || alone.has(from) || alone.has(to)) return true
      const [ofFrom, ofTo] = [long.get(from)!, long.get(to)!]
      if (ofFrom >= LONG_TRUNKS && ofTo >= LONG_TRUNKS) return false
      long.set(from, ofFrom + 1).set(to, ofTo + 1)
      return true
    })
}

function feeders(places: Place[], gateways: Set<Place>, routes: Route[]): Route[] {
  const toGateways = Map.groupBy(
    routes.filter(({ from, to }) => gateways.has(from) !== gateways.has(to)),
    ({ from, to }) => (gateways.has(from) ? to : from),
  )
  return byWeight(places)
    .flatMap((place) => feedersOf(place, toGateways.get(place) ?? []).map((route, rank) => ({ route, rank })))
    .sort((a, b) => a.rank - b.rank)
    .map(({ route }) => route)
}

/** The nearest and busiest gateway first; each further one leads somewhere else, and none but the first is too far. */
function feedersOf(place: Place, routes: Route[]): Route[] {
  const weight = weightOf(place)
  const longestKm = FEEDER_KM * Math.sqrt(weight)
  const chosen = new Map<Place, Route>()
  while (chosen.size < gatewaysOf(weight)) {
    let best: { gateway: Place; route: Route; gain: number } | undefined
    for (const route of routes) {
      const gateway = route.from === place ? route.to : route.from
      if (chosen.has(gateway) || (chosen.size > 0 && route.distanceKm > longestKm)) continue
      const gain = pull(route) * Math.min(1, kmToNext(gateway, chosen.keys()) / SPREAD_KM)
      if (!best || gain > best.gain) best = { gateway, route, gain }
    }
    if (!best) break
    chosen.set(best.gateway, best.route)
  }
  return [...chosen.values()]
}

/** Infinity when there is none but the place itself. */
function kmToNext(place: Place, others: Iterable<Place>): number {
  let nearest = Number.POSITIVE_INFINITY
  for (const other of others) if (other !== place) nearest = Math.min(nearest, distanceKm(place, other))
  return nearest
}
