import type { LegTable } from "./legs.ts"
import type { Timetable } from "./timetable.ts"

/** A wait of a day or more is a stopover, and another journey (IATA's limit for international fares). */
export const LONGEST_CONNECTION_MINUTES = 1440

/** The least time between a flight of one route and another flight of the next one. */
export function connectionMinutes(timetable: Timetable, arriving: number, departing: number): number {
  const { routeIsDomestic, routeOrigin, domesticConnectionMinutes, internationalConnectionMinutes } = timetable
  const airport = routeOrigin[departing]!
  const isDomestic = routeIsDomestic[arriving] === 1 && routeIsDomestic[departing] === 1
  return isDomestic ? domesticConnectionMinutes[airport]! : internationalConnectionMinutes[airport]!
}

/** As connectionMinutes, but nothing where one may stay aboard. */
export function leastWait(timetable: Timetable, arriving: number, departing: number): number {
  const { routeIsContinued, routeContinues } = timetable
  const mayStay = routeIsContinued[arriving] === 1 && routeContinues[departing] === 1
  return mayStay ? 0 : connectionMinutes(timetable, arriving, departing)
}

/**
 * Whether one flight can be taken after another: within a day, and not before there was time to change. Who stays aboard
 * needs none: legs with the same designator are one flight (IATA SSIM, chapter 2).
 */
function connects({ designatorOf }: Timetable, legs: LegTable, before: number, next: number, minutes: number): boolean {
  const wait = legs.departure[next]! - legs.arrival[before]!
  if (wait > LONGEST_CONNECTION_MINUTES) return false
  return wait >= minutes || (wait >= 0 && designatorOf[legs.flight[before]!] === designatorOf[legs.flight[next]!])
}

/** Of the legs in order of departure those that reach the next one: the later, the cheaper. */
export function bagBefore(
  timetable: Timetable,
  legs: LegTable,
  list: readonly number[],
  next: number,
  minutes: number,
): number[] {
  const bag: number[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (let index = list.length - 1; index >= 0; index--) {
    const leg = list[index]!
    const price = legs.price[leg]!
    if (price >= cheapest || !connects(timetable, legs, leg, next, minutes)) continue
    cheapest = price
    bag.push(leg)
  }
  return bag
}

/** Of the legs in order of arrival those that the one before reaches: the later, the cheaper. */
export function bagAfter(
  timetable: Timetable,
  legs: LegTable,
  before: number,
  list: readonly number[],
  minutes: number,
): number[] {
  const bag: number[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (const leg of list) {
    const price = legs.price[leg]!
    if (price >= cheapest || !connects(timetable, legs, before, leg, minutes)) continue
    cheapest = price
    bag.push(leg)
  }
  return bag
}
