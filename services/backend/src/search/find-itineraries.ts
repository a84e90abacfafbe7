import { type Brand, brandFare, dayFare, type PassengerCounts, partyPrice, standardFare } from "../flights/fares.ts"
import { type Availability, capacityIn, takenIn, takenOf } from "./availability.ts"
import { type Bounds, createBounds } from "./bounds.ts"
import { operates, type Timetable, weekdayOf } from "./timetable.ts"

/** One slice as the engine is asked for it. Airports, carriers and cabins are the timetable's numbers. */
export interface SliceQuery {
  origins: readonly number[]
  destinations: readonly number[]
  /** Local day of departure at the origin, since 1970-01-01. */
  day: number
  cabin: number
  brand: Brand
  counts: PassengerCounts
  maxConnections: number
  /** The instant in minutes since 1970-01-01T00:00Z before which nothing leaves that can still be sold. */
  salesCloseMinute: number
  /** The present instant, in minutes and parts of them. */
  nowMinute: number
  filters: Filters
}

/** Undefined and zero: anything goes. */
export interface Filters {
  departure?: MinuteWindow | undefined
  arrival?: MinuteWindow | undefined
  carriers?: ReadonlySet<number> | undefined
  connectingAirports?: ReadonlySet<number> | undefined
  longestDurationMinutes: number
  highestPrice: number
}

/** Minutes of the day, both included; from 1320 until 360 is the night. */
export interface MinuteWindow {
  from: number
  until: number
}

/** A flight on a day, for the whole party. Instants are minutes since 1970-01-01T00:00Z, prices minor units. */
export interface Leg {
  flight: number
  route: number
  day: number
  departure: number
  arrival: number
  price: number
  /** Of one adult, in minor units: what every brand's fare follows from. */
  standardFare: number
  seatsLeft: number
}

export interface Itinerary {
  legs: readonly Leg[]
  departure: number
  arrival: number
  price: number
}

export interface Found {
  found: Itinerary[]
  /** Every route whose seats and prices had a say. */
  routes: Set<number>
}

/** A wait of a day or more is a stopover, and another journey (IATA's limit for international fares). */
export const LONGEST_CONNECTION_MINUTES = 1440

/**
 * Every itinerary worth comparing: RAPTOR's rounds (Delling, Pajor and Werneck, "Round-Based Public Transit Routing",
 * 2012), where round n extends by one flight what round n - 1 reached, in its multicriteria form, which keeps a bag of
 * labels an airport. A bag is pruned here by departure and price on the way out and by arrival and price on the way in,
 * around each flight that joins them: what falls out leaves no later, arrives no earlier and costs no less than what
 * stays, over the same middle flight, so that no rule of connections can tell them apart. What is found may still be
 * beaten by an itinerary another way; choosing is rank-itineraries.ts's work. No airport is visited twice, and one that
 * the slice may begin or end at is no place to connect.
 */
export function findItineraries(timetable: Timetable, availability: Availability, query: SliceQuery): Found {
  const { firstRoute, routeOrigin, routeDestination, firstRouteInto, routesInto, routeBetween, airports } = timetable
  const search: Search = {
    timetable,
    availability,
    query,
    seats: query.counts.adults + query.counts.children,
    legsOut: new Map(),
    lastLegs: new Map(),
    bounds: createBounds(timetable, query),
    routes: new Set(),
    found: [],
  }
  const isDestination = markedOf(airports.length, query.destinations)
  const isEnd = markedOf(airports.length, [...query.origins, ...query.destinations])
  const { connectingAirports } = query.filters
  const mayConnect = (airport: number) =>
    isEnd[airport] === 0 && (connectingAirports === undefined || connectingAirports.has(airport))

  const reached: number[] = []
  for (const origin of query.origins) {
    for (let out = firstRoute[origin]!; out < firstRoute[origin + 1]!; out++) {
      const via = routeDestination[out]!
      if (isDestination[via] === 1) for (const leg of firstLegs(search, out, true)) add(search, [leg])
      else if (query.maxConnections > 0 && mayConnect(via)) reached.push(out)
    }
  }
  const leading: number[] = []
  for (const destination of query.destinations) {
    for (let index = firstRouteInto[destination]!; index < firstRouteInto[destination + 1]!; index++) {
      const into = routesInto[index]!
      if (query.maxConnections > 0 && mayConnect(routeOrigin[into]!)) leading.push(into)
    }
  }
  for (const into of leading) {
    const via = routeOrigin[into]!
    for (const out of reached) if (routeDestination[out] === via) joinOne(search, out, into)
  }
  if (query.maxConnections < 2) return search
  for (const into of leading) {
    const next = routeOrigin[into]!
    for (const out of reached) {
      const middle = routeBetween[routeDestination[out]! * airports.length + next]!
      if (middle >= 0) joinTwo(search, out, middle, into)
    }
  }
  return search
}

interface Search extends Found {
  timetable: Timetable
  availability: Availability
  query: SliceQuery
  /** Infants on a lap take none. */
  seats: number
  /** What was looked up of the routes out of the origins. */
  legsOut: Map<number, Leg[]>
  /** What was looked up of the routes into the destinations, by arrival. */
  lastLegs: Map<number, Leg[]>
  bounds: Bounds
}

function markedOf(count: number, members: readonly number[]): Uint8Array {
  const marked = new Uint8Array(count)
  for (const member of members) marked[member] = 1
  return marked
}

function add({ query: { filters }, bounds, found }: Search, legs: readonly Leg[]) {
  const { departure } = legs[0]!
  const { arrival } = legs[legs.length - 1]!
  let price = 0
  for (const leg of legs) price += leg.price
  if (filters.longestDurationMinutes > 0 && arrival - departure > filters.longestDurationMinutes) return
  if (filters.highestPrice > 0 && price > filters.highestPrice) return
  if (bounds.takes(price, arrival - departure, legs.length)) found.push({ legs, departure, arrival, price })
}

/** Out, and in by another flight. */
function joinOne(search: Search, out: number, into: number) {
  const { timetable, bounds } = search
  const { leastMinutes } = timetable
  const wait = connectionMinutes(timetable, out, into)
  const longest = bounds.longestDuration(bounds.leastPrice(out) + bounds.leastPrice(into), 2)
  if (leastMinutes[out]! + wait + leastMinutes[into]! > longest) return
  const first = legsOut(search, out)
  for (const leg of lastLegs(search, into)) for (const before of bagBefore(first, leg, wait)) add(search, [before, leg])
}

/** Out, on by another flight, and in by a third. */
function joinTwo(search: Search, out: number, middle: number, into: number) {
  const { timetable, bounds } = search
  const { leastMinutes } = timetable
  const waitBefore = connectionMinutes(timetable, out, middle)
  const waitAfter = connectionMinutes(timetable, middle, into)
  const leastPrice = bounds.leastPrice(out) + bounds.leastPrice(middle) + bounds.leastPrice(into)
  const longest = bounds.longestDuration(leastPrice, 3)
  const leastAfter = leastMinutes[middle]! + waitAfter + leastMinutes[into]!
  if (leastMinutes[out]! + waitBefore + leastAfter > longest) return
  const first = legsOut(search, out)
  const last = lastLegs(search, into)
  if (first.length === 0 || last.length === 0) return
  let earliest = Number.POSITIVE_INFINITY
  let latest = 0
  for (const { arrival } of first) {
    earliest = Math.min(earliest, arrival + waitBefore)
    latest = Math.max(latest, arrival + LONGEST_CONNECTION_MINUTES)
  }
  latest = Math.min(latest, first[first.length - 1]!.departure + longest - leastAfter)
  for (const leg of legsBetween(search, middle, earliest, latest)) {
    const after = bagAfter(leg, last, waitAfter)
    if (after.length === 0) continue
    for (const before of bagBefore(first, leg, waitBefore)) for (const end of after) add(search, [before, leg, end])
  }
}

/** Of the legs in order of departure those that reach the next one: the later, the cheaper. */
function bagBefore(legs: readonly Leg[], next: Leg, wait: number): Leg[] {
  const bag: Leg[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (let index = legs.length - 1; index >= 0; index--) {
    const leg = legs[index]!
    const pause = next.departure - leg.arrival
    if (leg.price >= cheapest || pause < wait || pause > LONGEST_CONNECTION_MINUTES) continue
    cheapest = leg.price
    bag.push(leg)
  }
  return bag
}

/** Of the legs in order of arrival those that the one before reaches: the later, the cheaper. */
function bagAfter(before: Leg, legs: readonly Leg[], wait: number): Leg[] {
  const bag: Leg[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (const leg of legs) {
    const pause = leg.departure - before.arrival
    if (leg.price >= cheapest || pause < wait || pause > LONGEST_CONNECTION_MINUTES) continue
    cheapest = leg.price
    bag.push(leg)
  }
  return bag
}

/** The least time between a flight of one route and the next one's. */
export function connectionMinutes(timetable: Timetable, arriving: number, departing: number): number {
  const { routeIsDomestic, routeOrigin, domesticConnectionMinutes, internationalConnectionMinutes } = timetable
  const airport = routeOrigin[departing]!
  const isDomestic = routeIsDomestic[arriving] === 1 && routeIsDomestic[departing] === 1
  return isDomestic ? domesticConnectionMinutes[airport]! : internationalConnectionMinutes[airport]!
}

/** What leaves on the day that was asked for, by departure; `isLast` when it leads straight to a destination. */
function firstLegs(search: Search, route: number, isLast: boolean): Leg[] {
  const { timetable, query } = search
  search.routes.add(route)
  const legs: Leg[] = []
  const { departure, arrival } = query.filters
  for (let flight = timetable.firstFlight[route]!; flight < timetable.firstFlight[route + 1]!; flight++) {
    if (departure && !isWithin(departure, timetable.departureMinute[flight]!)) continue
    const leg = legOn(search, route, flight, query.day)
    if (leg && !(isLast && arrival && !isWithin(arrival, localArrival(timetable, route, leg)))) legs.push(leg)
  }
  return inOrderOf(legs, (leg) => leg.departure)
}

/** What leads out on the day to somewhere to connect, by departure. */
function legsOut(search: Search, route: number): Leg[] {
  const known = search.legsOut.get(route)
  if (known) return known
  const legs = firstLegs(search, route, false)
  search.legsOut.set(route, legs)
  return legs
}

/** What leaves between two instants, in no order. */
function legsBetween(search: Search, route: number, from: number, until: number): Leg[] {
  const { zones, zoneOf, routeOrigin, firstFlight } = search.timetable
  search.routes.add(route)
  const zone = zoneOf[routeOrigin[route]!]!
  const firstDay = Math.floor((from + zones.offsetAt(zone, from)) / MINUTES_OF_DAY)
  const lastDay = Math.floor((until + zones.offsetAt(zone, until)) / MINUTES_OF_DAY)
  const legs: Leg[] = []
  for (let day = firstDay; day <= lastDay; day++) {
    for (let flight = firstFlight[route]!; flight < firstFlight[route + 1]!; flight++) {
      const leg = legOn(search, route, flight, day)
      if (leg && leg.departure >= from && leg.departure <= until) legs.push(leg)
    }
  }
  return legs
}

/** Every leg into a destination that the journey could end with, by arrival. */
function lastLegs(search: Search, route: number): Leg[] {
  const known = search.lastLegs.get(route)
  if (known) return known
  const { timetable, query } = search
  const { arrival } = query.filters
  const from = (query.day - 1) * MINUTES_OF_DAY
  const between = legsBetween(search, route, from, from + LONGEST_WAY_MINUTES)
  const fitting = arrival ? between.filter((leg) => isWithin(arrival, localArrival(timetable, route, leg))) : between
  const legs = inOrderOf(fitting, (leg) => leg.arrival)
  search.lastLegs.set(route, legs)
  return legs
}

const MINUTES_OF_DAY = 1440
/** From the day before, for a day begins up to 14 h earlier in the east, over a day of departures, two flights and two connections. */
const LONGEST_WAY_MINUTES = 6 * MINUTES_OF_DAY

/** The flight on that local day at the party's price, if it leaves, can still be sold and has seats for all. */
function legOn({ timetable, availability, query, seats }: Search, route: number, flight: number, day: number) {
  if (!operates(timetable, flight, day)) return undefined
  if (query.filters.carriers && !query.filters.carriers.has(timetable.carrierOf[flight]!)) return undefined
  const { zones, zoneOf, routeOrigin, departureMinute, durationMinutes } = timetable
  const departure = zones.instantOf(zoneOf[routeOrigin[route]!]!, day, departureMinute[flight]!)
  if (departure < query.salesCloseMinute) return undefined
  const packed = takenOf(availability, flight, day, query.cabin)
  const capacity = packed === undefined ? timetable.capacity[query.cabin]![flight]! : capacityIn(packed)
  const taken = packed === undefined ? 0 : takenIn(packed)
  if (capacity - taken < seats || timetable.capacity[query.cabin]![flight] === 0) return undefined
  const daysBefore = Math.floor((departure - query.nowMinute) / MINUTES_OF_DAY)
  const baseFare = dayFare(timetable.baseFare[query.cabin]![flight]!, weekdayOf(day))
  const standard = standardFare(baseFare, daysBefore, taken, capacity, timetable.unit)
  const fare = brandFare(standard, query.brand, timetable.unit)
  return {
    flight,
    route,
    day,
    departure,
    arrival: departure + durationMinutes[flight]!,
    price: partyPrice(fare, timetable.routeCharge[route]!, query.counts),
    standardFare: standard,
    seatsLeft: capacity - taken,
  }
}

function localArrival({ zones, zoneOf, routeDestination }: Timetable, route: number, { arrival }: Leg): number {
  const local = arrival + zones.offsetAt(zoneOf[routeDestination[route]!]!, arrival)
  return ((local % MINUTES_OF_DAY) + MINUTES_OF_DAY) % MINUTES_OF_DAY
}

const isWithin = ({ from, until }: MinuteWindow, minute: number): boolean =>
  from <= until ? minute >= from && minute <= until : minute >= from || minute <= until

/** Sorts where it must: a schedule is in order but where clocks change and where a slow flight is overtaken. */
function inOrderOf(legs: Leg[], key: (leg: Leg) => number): Leg[] {
  for (let index = 1; index < legs.length; index++) {
    if (key(legs[index - 1]!) > key(legs[index]!)) return legs.sort((a, b) => key(a) - key(b))
  }
  return legs
}
