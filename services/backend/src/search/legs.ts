import { weekdayOf } from "../flights/civil-date.ts"
import { brandFare, dayFare, partyPrice, standardFare } from "../flights/fares.ts"
import { type Availability, capacityIn, takenIn, takenOf } from "./availability.ts"
import type { MinuteWindow, SliceQuery } from "./find-itineraries.ts"
import { operates, type Timetable } from "./timetable.ts"

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

/**
 * All legs that a search has looked up, as arrays of numbers: there a leg is its index, and only of what is found objects
 * are made. A lookup may put larger arrays in place of these.
 */
export interface LegTable {
  count: number
  flight: Uint32Array
  route: Uint32Array
  day: Int32Array
  departure: Int32Array
  arrival: Int32Array
  price: Float64Array
  standardFare: Float64Array
  seatsLeft: Uint16Array
}

/** Where legs are looked up, and for whom. */
export interface Party {
  timetable: Timetable
  availability: Availability
  query: SliceQuery
  legs: LegTable
  /** Infants on a lap take none. */
  seats: number
}

const MINUTES_OF_DAY = 1440
/** Instants before and after all others, and whole as they are. */
const EARLIEST = 0
export const LATEST = 0x7fffffff

/** With room for so many legs at first. */
export const createLegTable = (size: number): LegTable => ({
  count: 0,
  flight: new Uint32Array(size),
  route: new Uint32Array(size),
  day: new Int32Array(size),
  departure: new Int32Array(size),
  arrival: new Int32Array(size),
  price: new Float64Array(size),
  standardFare: new Float64Array(size),
  seatsLeft: new Uint16Array(size),
})

export const legOf = (legs: LegTable, leg: number): Leg => ({
  flight: legs.flight[leg]!,
  route: legs.route[leg]!,
  day: legs.day[leg]!,
  departure: legs.departure[leg]!,
  arrival: legs.arrival[leg]!,
  price: legs.price[leg]!,
  standardFare: legs.standardFare[leg]!,
  seatsLeft: legs.seatsLeft[leg]!,
})

/** What leaves on the day that was asked for, by departure; `isLast` when it leads straight to a destination. */
export function firstLegs(party: Party, route: number, isLast: boolean): number[] {
  const { timetable, query, legs } = party
  const { departure, arrival } = query.filters
  const found: number[] = []
  addLegs(party, route, query.day, EARLIEST, LATEST, found)
  const fitting =
    departure || (isLast && arrival)
      ? found.filter(
          (leg) =>
            (!departure || isWithin(departure, timetable.departureMinute[legs.flight[leg]!]!)) &&
            (!isLast || !arrival || isWithin(arrival, localArrival(party, leg))),
        )
      : found
  return inOrderOf(fitting, legs.departure)
}

/** What leaves between two instants, both included, in no order. */
export function legsBetween(party: Party, route: number, from: number, until: number): number[] {
  const lastDay = departureDay(party.timetable, route, until)
  const found: number[] = []
  for (let day = departureDay(party.timetable, route, from); day <= lastDay; day++) {
    addLegs(party, route, day, from, until, found)
  }
  return found
}

/** The local day of an instant where the route begins. */
export function departureDay({ zones, zoneOf, routeOrigin }: Timetable, route: number, instant: number): number {
  return Math.floor((instant + zones.offsetAt(zoneOf[routeOrigin[route]!]!, instant)) / MINUTES_OF_DAY)
}

/** Adds to legs into a destination those of further days; all of them by arrival. */
export function addLastLegs(party: Party, route: number, firstDay: number, lastDay: number, known: number[]): number[] {
  const { arrival } = party.query.filters
  const { count } = party.legs
  for (let day = firstDay; day <= lastDay; day++) addLegs(party, route, day, EARLIEST, LATEST, known)
  const fitting = arrival ? known.filter((leg) => leg < count || isWithin(arrival, localArrival(party, leg))) : known
  return inOrderOf(fitting, party.legs.arrival)
}

/** The route's flights on that local day that leave between two instants, can still be sold and have seats for all. */
function addLegs(party: Party, route: number, day: number, from: number, until: number, found: number[]) {
  const { timetable, availability, query, seats, legs } = party
  const { zones, zoneOf, routeOrigin, firstFlight, departureMinute, durationMinutes, carrierOf } = timetable
  const { cabin, brand, counts, nowMinute, salesCloseMinute } = query
  const { carriers } = query.filters
  const zone = zoneOf[routeOrigin[route]!]!
  const capacities = timetable.capacity[cabin]!
  const baseFares = timetable.baseFare[cabin]!
  const charge = timetable.routeCharge[route]!
  const weekday = weekdayOf(day)
  const offset = zones.steadyOffset(zone, day)
  const midnight = day * MINUTES_OF_DAY - (offset ?? 0)
  const firstOfRoute = firstFlight[route]!
  const end = firstFlight[route + 1]!
  if (legs.count + end - firstOfRoute > legs.flight.length) grow(legs, 2 * (legs.count + end - firstOfRoute))
  for (let flight = firstOfRoute; flight < end; flight++) {
    const minute = departureMinute[flight]!
    const departure = offset === undefined ? zones.instantOf(zone, day, minute) : midnight + minute
    if (departure < from || departure > until || departure < salesCloseMinute) continue
    if (!operates(timetable, flight, day) || capacities[flight] === 0) continue
    if (carriers && !carriers.has(carrierOf[flight]!)) continue
    const packed = takenOf(availability, flight, day, cabin)
    const capacity = packed === undefined ? capacities[flight]! : capacityIn(packed)
    const taken = packed === undefined ? 0 : takenIn(packed)
    if (capacity - taken < seats) continue
    const daysBefore = Math.floor((departure - nowMinute) / MINUTES_OF_DAY)
    const standard = standardFare(dayFare(baseFares[flight]!, weekday), daysBefore, taken, capacity, timetable.unit)
    const leg = legs.count++
    legs.flight[leg] = flight
    legs.route[leg] = route
    legs.day[leg] = day
    legs.departure[leg] = departure
    legs.arrival[leg] = departure + durationMinutes[flight]!
    legs.price[leg] = partyPrice(brandFare(standard, brand, timetable.unit), charge, counts)
    legs.standardFare[leg] = standard
    legs.seatsLeft[leg] = capacity - taken
    found.push(leg)
  }
}

function grow(legs: LegTable, size: number) {
  const larger = createLegTable(size)
  larger.flight.set(legs.flight)
  larger.route.set(legs.route)
  larger.day.set(legs.day)
  larger.departure.set(legs.departure)
  larger.arrival.set(legs.arrival)
  larger.price.set(legs.price)
  larger.standardFare.set(legs.standardFare)
  larger.seatsLeft.set(legs.seatsLeft)
  Object.assign(legs, { ...larger, count: legs.count })
}

function localArrival({ timetable, legs }: Party, leg: number): number {
  const { zones, zoneOf, routeDestination } = timetable
  const arrival = legs.arrival[leg]!
  const local = arrival + zones.offsetAt(zoneOf[routeDestination[legs.route[leg]!]!]!, arrival)
  return ((local % MINUTES_OF_DAY) + MINUTES_OF_DAY) % MINUTES_OF_DAY
}

const isWithin = ({ from, until }: MinuteWindow, minute: number): boolean =>
  from <= until ? minute >= from && minute <= until : minute >= from || minute <= until

/** By insertion: a schedule is in order but where clocks change and where a slow flight is overtaken. */
function inOrderOf(list: number[], instants: Int32Array): number[] {
  for (let index = 1; index < list.length; index++) {
    const leg = list[index]!
    const instant = instants[leg]!
    let at = index
    for (; at > 0 && instants[list[at - 1]!]! > instant; at--) list[at] = list[at - 1]!
    list[at] = leg
  }
  return list
}
