import type { Leg } from "./legs.ts"
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
export function connects({ designatorOf }: Timetable, before: Leg, next: Leg, minutes: number): boolean {
  const wait = next.departure - before.arrival
  if (wait > LONGEST_CONNECTION_MINUTES) return false
  return wait >= minutes || (wait >= 0 && designatorOf[before.flight] === designatorOf[next.flight])
}

/** Of the legs in order of departure those that reach the next one: the later, the cheaper. */
export function bagBefore(timetable: Timetable, legs: readonly Leg[], next: Leg, minutes: number): Leg[] {
  const bag: Leg[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (let index = legs.length - 1; index >= 0; index--) {
    const leg = legs[index]!
    if (leg.price >= cheapest || !connects(timetable, leg, next, minutes)) continue
    cheapest = leg.price
    bag.push(leg)
  }
  return bag
}

/** Of the legs in order of arrival those that the one before reaches: the later, the cheaper. */
export function bagAfter(timetable: Timetable, before: Leg, legs: readonly Leg[], minutes: number): Leg[] {
  const bag: Leg[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (const leg of legs) {
    if (leg.price >= cheapest || !connects(timetable, before, leg, minutes)) continue
    cheapest = leg.price
    bag.push(leg)
  }
  return bag
}
