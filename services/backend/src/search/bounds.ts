import { adultFare, dayFare, fareOf } from "../flights/fares.ts"
import type { SliceQuery } from "./find-itineraries.ts"
import { durationOfWeight, MOST_TIMES_THE_BEST, weighedPrice } from "./rank-itineraries.ts"
import type { Timetable } from "./timetable.ts"
import { createUnbeaten } from "./unbeaten.ts"

/**
 * What need not be looked at, because rank-itineraries.ts will not show it: with connections, an itinerary that another
 * one beats; one that weighs more than so many times the best and is beaten in price, duration and connections; and
 * anything over routes of which even the cheapest and quickest flights are such. Itineraries come with more and more
 * flights: what was found has no more connections than what is asked about.
 */
export interface Bounds {
  /** What the cheapest flight of a route costs the party at the least. */
  leastPrice(route: number): number
  /** The same of the cheapest way from one airport to another by two flights. */
  leastPriceBetween(from: number, to: number): number
  /** The longest that an itinerary at such a price may take to be shown, in minutes. */
  longestDuration(price: number, flights: number): number
  /** False when no itinerary of so many flights that costs and takes no less will be shown. */
  allows(price: number, durationMinutes: number, flights: number): boolean
  /** True when one that costs no less and leaves and arrives then will not be shown, another one being better. */
  isBeaten(price: number, departure: number, arrival: number, flights: number): boolean
  /** Counts an itinerary in; false when it will not be shown. */
  takes(price: number, departure: number, arrival: number, flights: number): boolean
}

export function createBounds(timetable: Timetable, query: SliceQuery): Bounds {
  const { airports, leastFare, leastWay, routeCharge, unit } = timetable
  const { adults, children, infants } = query.counts
  const fares = adults + children * LEAST_CHILD_SHARE + infants * LEAST_INFANT_SHARE
  const perBaseFare = leastShare(query, unit) * fares
  const rounding = ROUNDING_UNITS * unit * fares
  const seats = adults + children
  const leastFares = leastFare[query.cabin]!
  const leastWayFares = leastWay.fare[query.cabin]!
  let mostWeight = Number.POSITIVE_INFINITY
  /** The Pareto set of price and duration. */
  const frontPrices: number[] = []
  const frontDurations: number[] = []
  const unbeaten = createUnbeaten()

  const leastDuration = (price: number) => {
    let least = Number.POSITIVE_INFINITY
    for (let index = 0; index < frontPrices.length; index++) {
      if (frontPrices[index]! <= price && frontDurations[index]! < least) least = frontDurations[index]!
    }
    return least
  }
  // A route that has no such cabin costs infinitely.
  const allows = (price: number, durationMinutes: number, flights: number) =>
    price < Number.POSITIVE_INFINITY &&
    (weighedPrice(price, durationMinutes, flights) <= mostWeight || durationMinutes <= leastDuration(price))

  return {
    leastPrice: (route) => Math.max(0, leastFares[route]! * perBaseFare - rounding) + routeCharge[route]! * seats,
    leastPriceBetween(from, to) {
      const at = to * airports.length + from
      return Math.max(0, leastWayFares[at]! * perBaseFare - 2 * rounding) + leastWay.charge[at]! * seats
    },
    longestDuration: (price, flights) => Math.max(leastDuration(price), durationOfWeight(mostWeight, price, flights)),
    allows,
    isBeaten: unbeaten.beat,
    takes(price, departure, arrival, flights) {
      const durationMinutes = arrival - departure
      const isWorse = unbeaten.beat(price, departure, arrival, flights)
      if (flights > 1 && (isWorse || !allows(price, durationMinutes, flights))) return false
      if (isWorse) return true
      unbeaten.add(price, departure, arrival, flights)
      if (leastDuration(price) <= durationMinutes) return true
      let kept = 0
      for (let index = 0; index < frontPrices.length; index++) {
        if (frontPrices[index]! >= price && frontDurations[index]! >= durationMinutes) continue
        frontPrices[kept] = frontPrices[index]!
        frontDurations[kept++] = frontDurations[index]!
      }
      frontPrices.length = kept
      frontDurations.length = kept
      frontPrices.push(price)
      frontDurations.push(durationMinutes)
      const weight = MOST_TIMES_THE_BEST * weighedPrice(price, durationMinutes, flights)
      mostWeight = Math.min(mostWeight, weight * TOLERANCE)
      return true
    },
  }
}

/** What remains of a base fare on the quietest weekday, in an empty cabin, bought as early as the last leg may be. */
function leastShare({ brand, day, nowMinute }: SliceQuery, unit: number): number {
  const daysBefore = Math.floor(day - nowMinute / 1440) + LATEST_LEG_DAYS
  let least = Number.POSITIVE_INFINITY
  for (let weekday = 0; weekday < 7; weekday++) {
    least = Math.min(least, adultFare(dayFare(LARGE, weekday), brand, daysBefore, 0, 1, unit))
  }
  return least / LARGE
}

/** More than what rounding makes of the last digits of a weight. */
const TOLERANCE = 1 + 1e-9

/** The last flight leaves at most so many days after the day that was asked for; the earlier it is bought, the cheaper. */
const LATEST_LEG_DAYS = 6
/** Large enough for rounding to vanish. */
const LARGE = 10 ** 10
/** More than what rounding to whole units takes off a fare, once for the fare and once for the brand. */
const ROUNDING_UNITS = 2
const LEAST_CHILD_SHARE = fareOf(LARGE, "child") / LARGE
const LEAST_INFANT_SHARE = fareOf(LARGE, "infant") / LARGE
