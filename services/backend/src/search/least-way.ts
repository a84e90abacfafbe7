import type { Timetable } from "./timetable.ts"

/**
 * What it takes and costs at the least to get from one airport to another by two flights, at destination × airports +
 * origin, for a search asks about many origins and one destination: no such way takes or costs less, whatever the day,
 * the connection and the seats that are taken.
 */
export interface LeastWay {
  /** Without waiting; FARTHER where two flights do not lead. */
  minutes: Uint16Array
  /** The sum of base fares by cabin, and of charges, each the least that there is, in minor units up to a limit. */
  fare: readonly Uint32Array[]
  charge: Uint32Array
}

export const FARTHER = 0xffff
const MOST = 0xffffffff

type Routes = Omit<Timetable, "leastWay">

export function leastWaysOf(routes: Routes): LeastWay {
  const { leastFare, routeCharge, leastMinutes } = routes
  const pairs = routes.airports.length ** 2
  return {
    minutes: leastSums(routes, leastMinutes, new Uint16Array(pairs).fill(FARTHER)),
    fare: leastFare.map((fares) => leastSums(routes, fares, new Uint32Array(pairs).fill(MOST))),
    charge: leastSums(routes, routeCharge, new Uint32Array(pairs).fill(MOST)),
  }
}

function leastSums<Sums extends Uint16Array | Uint32Array>(
  { airports, firstRoute, routeDestination }: Routes,
  values: ArrayLike<number>,
  sums: Sums,
): Sums {
  for (let origin = 0; origin < airports.length; origin++) {
    for (let out = firstRoute[origin]!; out < firstRoute[origin + 1]!; out++) {
      const via = routeDestination[out]!
      const value = values[out]!
      for (let onward = firstRoute[via]!; onward < firstRoute[via + 1]!; onward++) {
        const at = routeDestination[onward]! * airports.length + origin
        const sum = value + values[onward]!
        if (sum < sums[at]!) sums[at] = sum
      }
    }
  }
  return sums
}
