import { adultFare, dayFare, fareOf } from "../flights/fares.ts"
import type { SliceQuery } from "./find-itineraries.ts"
import { durationOfWeight, MOST_TIMES_THE_BEST, weighedPrice } from "./rank-itineraries.ts"
import type { Timetable } from "./timetable.ts"

/**
 * What need not be looked at: an itinerary that weighs more than so many times the best one and is beaten in price,
 * duration and connections too will not be shown (rank-itineraries.ts), and neither will anything over routes of which
 * even the cheapest flights are such.
 */
export interface Bounds {
  /** The longest that an itinerary at such a price may take to be shown, in minutes. */
  longestDuration(price: number, flights: number): number
  /** What the cheapest flight of a route costs the party at the least. */
  leastPrice(route: number): number
  /** Counts an itinerary of so many flights in; false when it will not be shown. */
  takes(price: number, durationMinutes: number, flights: number): boolean
}

interface Seen {
  price: number
  durationMinutes: number
  flights: number
}

export function createBounds(timetable: Timetable, query: SliceQuery): Bounds {
  const { leastFare, routeCharge, unit } = timetable
  const { adults, children, infants } = query.counts
  const fares = adults + children * LEAST_CHILD_SHARE + infants * LEAST_INFANT_SHARE
  const perBaseFare = leastShare(query, unit) * fares
  const leastFares = leastFare[query.cabin]!
  let lowestWeight = Number.POSITIVE_INFINITY
  let front: Seen[] = []

  const longestDuration = (price: number, flights: number) => {
    let longest = durationOfWeight(MOST_TIMES_THE_BEST * lowestWeight, price, flights)
    let unbeaten = Number.POSITIVE_INFINITY
    for (const seen of front) {
      if (seen.price <= price && seen.flights <= flights) unbeaten = Math.min(unbeaten, seen.durationMinutes)
    }
    if (unbeaten > longest) longest = unbeaten
    return longest
  }

  return {
    longestDuration,
    leastPrice: (route) =>
      Math.max(0, leastFares[route]! * perBaseFare - ROUNDING_UNITS * unit * fares) +
      routeCharge[route]! * (adults + children),
    takes(price, durationMinutes, flights) {
      if (flights > 1 && durationMinutes > longestDuration(price, flights)) return false
      lowestWeight = Math.min(lowestWeight, weighedPrice(price, durationMinutes, flights))
      const isNew = !front.some(
        (seen) => seen.price <= price && seen.durationMinutes <= durationMinutes && seen.flights <= flights,
      )
      if (isNew) {
        front = front.filter(
          (seen) => seen.price < price || seen.durationMinutes < durationMinutes || seen.flights < flights,
        )
        front.push({ price, durationMinutes, flights })
      }
      return true
    },
  }
}

/** What remains of a base fare on the quietest weekday, in an empty cabin, bought as early as the last leg may be. */
function leastShare({ brand, day, nowMinute }: SliceQuery, unit: number): number {
  const daysBefore = Math.floor(day - nowMinute / 1440) + LATEST_LEG_DAYS
  return Math.min(...WEEK.map((weekday) => adultFare(dayFare(LARGE, weekday), brand, daysBefore, 0, 1, unit) / LARGE))
}

const WEEK = [0, 1, 2, 3, 4, 5, 6]
/** The last flight leaves at most so many days after the day that was asked for; the earlier it is bought, the cheaper. */
const LATEST_LEG_DAYS = 6
/** Large enough for rounding to vanish. */
const LARGE = 10 ** 10
/** More than what rounding to whole units takes off a fare, once for the fare and once for the brand. */
const ROUNDING_UNITS = 2
const LEAST_CHILD_SHARE = fareOf(LARGE, "child") / LARGE
const LEAST_INFANT_SHARE = fareOf(LARGE, "infant") / LARGE
