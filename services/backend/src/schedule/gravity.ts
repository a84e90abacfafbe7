import { readDemand } from "../../seed/demand.ts"
import type { Place } from "../../seed/places.ts"
import { areTied } from "../../seed/ties.ts"
import type { Route } from "./choose-routes.ts"

const demand = readDemand()
/** For a place that the demand list does not know. */
const DEFAULT_WEIGHT = 1
/** Within a country, and between countries that have ties, people fly more. */
const DOMESTIC_FACTOR = 8
const TIES_FACTOR = 3
const DISTANCE_EXPONENT = 0.6

/** How much a place is flown to and from: about millions of passengers a year. */
export function weightOf(place: Place): number {
  return demand.get(place.code)?.weight ?? DEFAULT_WEIGHT
}

/** The busiest place first. */
export function byWeight(places: Place[]): Place[] {
  return [...places].sort((a, b) => weightOf(b) - weightOf(a) || (a.code < b.code ? -1 : 1))
}

/** How much two places attract each other, whatever their size: fewer people fly far, and below 350 km the train and the car win. */
export function attraction(from: Place, to: Place, km: number): number {
  const domestic = from.countryCode === to.countryCode
  const factor = domestic ? DOMESTIC_FACTOR : areTied(from.countryCode, to.countryCode) ? TIES_FACTOR : 1
  return (factor * Math.min(1, (km / 350) ** 2)) / (1 + km / 1000) ** DISTANCE_EXPONENT
}

/** How much two places are drawn to each other with all their people, who would rather not travel far for a flight on. */
export function pull({ from, to, distanceKm: km }: Route): number {
  return attraction(from, to, km) * Math.sqrt((weightOf(from) * weightOf(to)) / (1 + km / 1000))
}

/**
 * Turns attractions into demands whose sums at each place come near the place's total: the doubly constrained gravity
 * model, by Furness's iteration. Without it a place with many neighbours would have more flights than a lone one.
 */
export function balance(routes: Route[], totals: Map<string, number>, rounds: number): void {
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
