import type { Brand, PassengerCounts } from "../flights/fares.ts"
import type { Availability } from "./availability.ts"
import { type Bounds, createBounds } from "./bounds.ts"
import { bagAfter, bagBefore, connectionMinutes, LONGEST_CONNECTION_MINUTES, leastWait } from "./connections.ts"
import { FARTHER } from "./least-way.ts"
import {
  addLastLegs,
  createLegTable,
  departureDay,
  firstLegs,
  LATEST,
  type Leg,
  legOf,
  legsBetween,
  type Party,
} from "./legs.ts"
import type { Timetable } from "./timetable.ts"

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

export interface Itinerary {
  legs: readonly Leg[]
  departure: number
  arrival: number
  price: number
}

export interface Found {
  found: Itinerary[]
  /** Every route whose seats and prices had a say, some more than once. */
  routes: number[]
}

/**
 * Every itinerary worth comparing: RAPTOR's rounds (Delling, Pajor and Werneck, "Round-Based Public Transit Routing",
 * 2012), where round n extends by one flight what round n - 1 reached, in its multicriteria form, which keeps a bag of
 * labels an airport. A bag is pruned here by departure and price on the way out and by arrival and price on the way in,
 * around each flight that joins them: what falls out leaves no later, arrives no earlier and costs no less than what
 * stays, over the same middle flight, so that no rule of connections can tell them apart. What bounds.ts knows will not be
 * shown is not pursued; what is found may still be beaten by what is found later, and choosing is rank-itineraries.ts's
 * work. No airport is visited twice, and one that the slice may begin or end at is no place to connect.
 */
export function findItineraries(timetable: Timetable, availability: Availability, query: SliceQuery): Found {
  const { firstRoute, routeOrigin, routeDestination, firstRouteInto, routesInto, leastMinutes, airports } = timetable
  const search: Search = {
    timetable,
    availability,
    // Whole minutes, for the inner loop: no flight leaves between two of them.
    query: { ...query, nowMinute: Math.ceil(query.nowMinute), salesCloseMinute: Math.ceil(query.salesCloseMinute) },
    legs: LEGS,
    seats: query.counts.adults + query.counts.children,
    bounds: createBounds(timetable, query),
    routes: [],
    found: [],
  }
  const { bounds } = search
  LEGS.count = 0
  const isDestination = markedOf(airports.length, query.destinations)
  const isEnd = markedOf(airports.length, [...query.origins, ...query.destinations])
  const { connectingAirports } = query.filters
  const mayConnect = (airport: number) =>
    isEnd[airport] === 0 && (connectingAirports === undefined || connectingAirports.has(airport))
  const end = (route: number, airport: number): End => ({
    route,
    airport,
    minutes: leastMinutes[route]!,
    price: bounds.leastPrice(route),
    legs: undefined,
    from: LATEST,
    until: 0,
    firstDay: 0,
    lastDay: 0,
  })

  const reached: End[] = []
  for (const origin of query.origins) {
    for (let route = firstRoute[origin]!; route < firstRoute[origin + 1]!; route++) {
      const airport = routeDestination[route]!
      if (isDestination[airport] === 1) direct(search, route)
      else if (query.maxConnections > 0 && mayConnect(airport)) reached.push(end(route, airport))
    }
  }
  const leading: (End[] | undefined)[] = new Array(airports.length)
  for (const destination of query.destinations) {
    for (let index = firstRouteInto[destination]!; index < firstRouteInto[destination + 1]!; index++) {
      const route = routesInto[index]!
      const airport = routeOrigin[route]!
      if (query.maxConnections === 0 || !mayConnect(airport)) continue
      const known = leading[airport]
      if (known) known.push(end(route, airport))
      else leading[airport] = [end(route, airport)]
    }
  }
  for (const out of reached) for (const into of leading[out.airport] ?? []) joinOne(search, out, into)
  if (query.maxConnections < 2) return search
  for (const out of reached) {
    if (out.legs?.length === 0 || !mayLead(search, out)) continue
    const afterLast = firstRoute[out.airport + 1]!
    for (let middle = firstRoute[out.airport]!; middle < afterLast; middle++) {
      const ends = leading[routeDestination[middle]!]
      if (ends === undefined) continue
      for (const into of ends) joinTwo(search, out, middle, into)
    }
  }
  return search
}

interface Search extends Found, Party {
  bounds: Bounds
}

/** A route out of an origin or into a destination, and the airport at its other end. */
interface End {
  route: number
  airport: number
  /** What it takes and costs at the least. */
  minutes: number
  price: number
  /** As soon as they have been looked up. */
  legs: number[] | undefined
  /** The instants between which the legs out arrive, or the legs in were asked for by departure. */
  from: number
  until: number
  /** The local days of departure of which the legs in were looked up. */
  firstDay: number
  lastDay: number
}

function markedOf(count: number, members: readonly number[]): Uint8Array {
  const marked = new Uint8Array(count)
  for (const member of members) marked[member] = 1
  return marked
}

function add({ query: { filters }, bounds, found, legs }: Search, list: readonly number[]) {
  const departure = legs.departure[list[0]!]!
  const arrival = legs.arrival[list[list.length - 1]!]!
  let price = 0
  for (const leg of list) price += legs.price[leg]!
  if (filters.longestDurationMinutes > 0 && arrival - departure > filters.longestDurationMinutes) return
  if (filters.highestPrice > 0 && price > filters.highestPrice) return
  if (!bounds.takes(price, departure, arrival, list.length)) return
  found.push({ legs: list.map((leg) => legOf(legs, leg)), departure, arrival, price })
}

function direct(search: Search, route: number) {
  search.routes.push(route)
  for (const leg of firstLegs(search, route, true)) add(search, [leg])
}

/** Out, and in by another flight. */
function joinOne(search: Search, out: End, into: End) {
  const { timetable, bounds, legs } = search
  const wait = leastWait(timetable, out.route, into.route)
  if (!bounds.allows(out.price + into.price, out.minutes + wait + into.minutes, 2)) return
  const first = legsOut(search, out)
  if (first.length === 0) return
  const lastDeparture = legs.departure[first[first.length - 1]!]!
  const longest = bounds.longestDuration(out.price + into.price, 2)
  const latest = Math.min(out.until + LONGEST_CONNECTION_MINUTES, lastDeparture + longest - into.minutes)
  const minutes = connectionMinutes(timetable, out.route, into.route)
  for (const leg of legsIn(search, into, out.from + wait, latest)) {
    for (const before of bagBefore(timetable, legs, first, leg, minutes)) add(search, [before, leg])
  }
}

/** False when no two more flights from where this route ends make an itinerary that will be shown. */
function mayLead({ timetable, query, bounds }: Search, out: End): boolean {
  const { leastWay, airports } = timetable
  for (const destination of query.destinations) {
    const minutes = leastWay.minutes[destination * airports.length + out.airport]!
    if (minutes === FARTHER) continue
    const price = out.price + bounds.leastPriceBetween(out.airport, destination)
    if (bounds.allows(price, out.minutes + minutes, 3)) return true
  }
  return false
}

/**
 * Out, on by another flight, and in by a third. Whatever the middle flight, its ends are known: only between those that
 * could be shown if it were the cheapest is it looked up.
 */
function joinTwo(search: Search, out: End, middle: number, into: End) {
  const { timetable, bounds, legs } = search
  const waitBefore = leastWait(timetable, out.route, middle)
  const waitAfter = leastWait(timetable, middle, into.route)
  const minutes = timetable.leastMinutes[middle]!
  const between = waitBefore + minutes + waitAfter
  const least = bounds.leastPrice(middle)
  if (!bounds.allows(out.price + least + into.price, out.minutes + between + into.minutes, 3)) return
  const first = legsOut(search, out)
  if (first.length === 0) return
  const lastDeparture = legs.departure[first[first.length - 1]!]!
  const longest = bounds.longestDuration(out.price + least + into.price, 3)
  const last = legsIn(
    search,
    into,
    out.from + between,
    Math.min(
      out.until + 2 * LONGEST_CONNECTION_MINUTES + LONGEST_FLIGHT_MINUTES,
      lastDeparture + longest - into.minutes,
    ),
  )
  let from = LATEST
  let until = 0
  const { departure, arrival, price } = legs
  for (let index = 0; index < first.length; index++) {
    const before = first[index]!
    const leaves = departure[before]!
    const arrives = arrival[before]!
    const known = price[before]! + least
    // What is too dear remains so when it arrives later.
    let tooDear = Number.POSITIVE_INFINITY
    for (let at = 0; at < last.length; at++) {
      const end = last[at]!
      if (departure[end]! - arrives < between || price[end]! >= tooDear) continue
      const duration = arrival[end]! - leaves
      if (duration > longest) break
      const total = known + price[end]!
      if (!bounds.allows(total, duration, 3) || bounds.isBeaten(total, leaves, arrival[end]!, 3)) {
        tooDear = price[end]!
        continue
      }
      from = Math.min(from, arrives + waitBefore)
      until = Math.max(until, Math.min(arrives + LONGEST_CONNECTION_MINUTES, departure[end]! - waitAfter - minutes))
    }
  }
  if (from > until) return
  search.routes.push(middle)
  const minutesBefore = connectionMinutes(timetable, out.route, middle)
  const minutesAfter = connectionMinutes(timetable, middle, into.route)
  for (const leg of legsBetween(search, middle, from, until)) {
    const after = bagAfter(timetable, legs, leg, last, minutesAfter)
    if (after.length === 0) continue
    for (const before of bagBefore(timetable, legs, first, leg, minutesBefore)) {
      for (const end of after) add(search, [before, leg, end])
    }
  }
}

/** What leads out on the day, by departure; from then on the route's least price is that of these legs. */
function legsOut(search: Search, out: End): number[] {
  if (!out.legs) {
    search.routes.push(out.route)
    out.legs = firstLegs(search, out.route, false)
    const { arrival, price } = search.legs
    out.price = Number.POSITIVE_INFINITY
    for (const leg of out.legs) {
      out.price = Math.min(out.price, price[leg]!)
      out.from = Math.min(out.from, arrival[leg]!)
      out.until = Math.max(out.until, arrival[leg]!)
    }
  }
  return out.legs
}

/**
 * By arrival, the legs into a destination that leave between two instants, with others of the same days and of those that
 * were looked up before.
 */
function legsIn(search: Search, into: End, from: number, until: number): number[] {
  if (into.legs && from >= into.from && until <= into.until) return into.legs
  const { timetable } = search
  const firstDay = departureDay(timetable, into.route, from)
  const lastDay = departureDay(timetable, into.route, until)
  if (!into.legs) {
    search.routes.push(into.route)
    into.legs = []
    into.firstDay = firstDay
    into.lastDay = firstDay - 1
  }
  if (firstDay < into.firstDay) {
    into.legs = addLastLegs(search, into.route, firstDay, into.firstDay - 1, into.legs)
    into.firstDay = firstDay
  }
  if (lastDay > into.lastDay) {
    into.legs = addLastLegs(search, into.route, into.lastDay + 1, lastDay, into.legs)
    into.lastDay = lastDay
  }
  into.from = Math.min(from, into.from)
  into.until = Math.max(until, into.until)
  return into.legs
}

/** No flight is longer (the database sees to that). */
const LONGEST_FLIGHT_MINUTES = 2880
/** For all searches, for each is over before the next begins; large enough for most. */
const LEGS = createLegTable(1024)
