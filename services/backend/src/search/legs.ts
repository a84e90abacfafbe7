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

/** Where legs are looked up, and for whom. */
export interface Party {
  timetable: Timetable
  availability: Availability
  query: SliceQuery
  /** Infants on a lap take none. */
  seats: number
}

const MINUTES_OF_DAY = 1440

/** What leaves on the day that was asked for, by departure; `isLast` when it leads straight to a destination. */
export function firstLegs(party: Party, route: number, isLast: boolean): Leg[] {
  const { timetable, query } = party
  const { departure, arrival } = query.filters
  const legs: Leg[] = []
  addLegs(party, route, query.day, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, legs)
  const fitting =
    departure || (isLast && arrival)
      ? legs.filter(
          (leg) =>
            (!departure || isWithin(departure, timetable.departureMinute[leg.flight]!)) &&
            (!isLast || !arrival || isWithin(arrival, localArrival(timetable, route, leg))),
        )
      : legs
  return inOrderOf(fitting, (leg) => leg.departure)
}

/** What leaves between two instants, both included, in no order. */
export function legsBetween(party: Party, route: number, from: number, until: number): Leg[] {
  const { zones, zoneOf, routeOrigin } = party.timetable
  const zone = zoneOf[routeOrigin[route]!]!
  const firstDay = Math.floor((from + zones.offsetAt(zone, from)) / MINUTES_OF_DAY)
  const lastDay = Math.floor((until + zones.offsetAt(zone, until)) / MINUTES_OF_DAY)
  const legs: Leg[] = []
  for (let day = firstDay; day <= lastDay; day++) addLegs(party, route, day, from, until, legs)
  return legs
}

/** What leads into a destination and leaves between two instants, by arrival. */
export function lastLegs(party: Party, route: number, from: number, until: number): Leg[] {
  const { timetable, query } = party
  const { arrival } = query.filters
  const legs = legsBetween(party, route, from, until)
  const fitting = arrival ? legs.filter((leg) => isWithin(arrival, localArrival(timetable, route, leg))) : legs
  return inOrderOf(fitting, (leg) => leg.arrival)
}

/** The route's flights on that local day that leave between two instants, can still be sold and have seats for all. */
function addLegs(party: Party, route: number, day: number, from: number, until: number, legs: Leg[]) {
  const { timetable, availability, query, seats } = party
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
  const end = firstFlight[route + 1]!
  for (let flight = firstFlight[route]!; flight < end; flight++) {
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
    legs.push({
      flight,
      route,
      day,
      departure,
      arrival: departure + durationMinutes[flight]!,
      price: partyPrice(brandFare(standard, brand, timetable.unit), charge, counts),
      standardFare: standard,
      seatsLeft: capacity - taken,
    })
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
