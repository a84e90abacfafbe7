import type { Itinerary } from "./find-itineraries.ts"

export type Sort = "best" | "price" | "duration" | "departure"

export interface RankedItinerary extends Itinerary {
  /** In the Pareto set: no other one is as good in price, duration and connections and better in one. */
  isChoice: boolean
}

/** With connections and outside the Pareto set, what weighs more than so many times the best is left out. */
export const MOST_TIMES_THE_BEST = 1.5

/** An hour on the way weighs as much as a tenth of the price, a connection as much as an hour. */
const HOUR_SHARE = 0.1
const CONNECTION_HOURS = 1

/**
 * Leaves out what another itinerary beats: one that leaves no earlier, arrives no later, has no more connections and
 * costs no more. Direct flights stay whatever beats them. Best means the Pareto set of price, duration and connections
 * first, then the rest, each by price weighed with time. The same itineraries always come in the same order.
 */
export function rankItineraries(found: readonly Itinerary[], sort: Sort): RankedItinerary[] {
  const byCost = found.map(candidateOf).sort((a, b) => a.cost - b.cost || inTime(a, b))
  const kept: Candidate[] = []
  // Whatever beats an itinerary costs no more, so it came before.
  for (const each of byCost) if (each.legs.length === 1 || !kept.some((other) => beats(other, each))) kept.push(each)
  const most = MOST_TIMES_THE_BEST * (byCost[0]?.cost ?? 0)
  const choices: RankedItinerary[] = []
  const others: RankedItinerary[] = []
  for (const each of kept) {
    const { legs, departure, arrival, price, cost } = each
    const isChoice = !kept.some((other) => isBetterChoice(other, each))
    if (isChoice) choices.push({ legs, departure, arrival, price, isChoice })
    else if (legs.length === 1 || cost <= most) others.push({ legs, departure, arrival, price, isChoice })
  }
  const ranked = choices.concat(others)
  return sort === "best" ? ranked : ranked.sort(ORDERS[sort])
}

interface Candidate extends Itinerary {
  cost: number
  duration: number
}

function candidateOf({ legs, departure, arrival, price }: Itinerary): Candidate {
  const duration = arrival - departure
  return { legs, departure, arrival, price, cost: weighedPrice(price, duration, legs.length), duration }
}

type Order = (a: Itinerary, b: Itinerary) => number

const durationOf = ({ departure, arrival }: Itinerary) => arrival - departure

/** The price with the time of so many flights weighed in, in minor units. */
export function weighedPrice(price: number, durationMinutes: number, flights: number): number {
  const hours = durationMinutes / 60 + CONNECTION_HOURS * (flights - 1)
  return price * (1 + HOUR_SHARE * hours)
}

/** The minutes with which so many flights at a price weigh so much. */
export const durationOfWeight = (weight: number, price: number, flights: number): number =>
  price === 0
    ? Number.POSITIVE_INFINITY
    : 60 * ((weight / price - 1) / HOUR_SHARE - CONNECTION_HOURS * (flights - 1)) + TOLERANCE

/** More than what rounding in the last digits makes of minutes. */
const TOLERANCE = 1e-3

/** By departure, then arrival, connections, price and the flights themselves. */
const inTime: Order = (a, b) =>
  a.departure - b.departure ||
  a.arrival - b.arrival ||
  a.legs.length - b.legs.length ||
  a.price - b.price ||
  firstDifference(a, b)

function firstDifference(a: Itinerary, b: Itinerary): number {
  const index = a.legs.findIndex(({ flight }, position) => flight !== b.legs[position]!.flight)
  return index < 0 ? 0 : a.legs[index]!.flight - b.legs[index]!.flight
}

const ORDERS: Record<Exclude<Sort, "best">, Order> = {
  price: (a, b) => a.price - b.price || durationOf(a) - durationOf(b) || inTime(a, b),
  duration: (a, b) => durationOf(a) - durationOf(b) || a.price - b.price || inTime(a, b),
  departure: inTime,
}

const beats = (a: Itinerary, b: Itinerary): boolean =>
  a.departure >= b.departure && a.arrival <= b.arrival && a.legs.length <= b.legs.length && a.price <= b.price

const isBetterChoice = (a: Candidate, b: Candidate): boolean =>
  a.price <= b.price &&
  a.duration <= b.duration &&
  a.legs.length <= b.legs.length &&
  (a.price < b.price || a.duration < b.duration || a.legs.length < b.legs.length)
