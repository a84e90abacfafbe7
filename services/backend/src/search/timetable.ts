import { minorDigits } from "@airside/kernel/money"
import type { CabinName } from "../flights/cabins.ts"
import { dayOf, weekdayOf } from "../flights/civil-date.ts"
import { type LeastWay, leastWaysOf } from "./least-way.ts"
import { createZones, type Zones } from "./zones.ts"

export const CABIN_NAMES: readonly CabinName[] = ["economy", "premium_economy", "business", "first"]

/** A schedule template as the database has it. */
export interface ScheduledFlight {
  id: string
  version: number
  carrier: string
  number: string
  origin: string
  destination: string
  /** Local minutes of the day at the origin. */
  departureMinute: number
  durationMinutes: number
  aircraft: string
  /** Bit 0 is Monday. */
  weekdays: number
  /** Civil dates, YYYY-MM-DD. */
  effectiveFrom: string
  effectiveUntil: string
  /** A cabin that the flight does not have is missing. */
  cabins: Partial<Record<CabinName, { capacity: number; fareMinorUnits: number }>>
}

export interface Airport {
  code: string
  name: string
  timeZone: string
  country: string
  /** Of each passenger for a departure, in minor units. */
  domesticCharge: number
  internationalCharge: number
  /** Least time between arrival and departure: when both flights are domestic, and when one is not. */
  domesticConnectionMinutes: number
  internationalConnectionMinutes: number
}

/**
 * Everything that search looks at but the seats that are taken, as arrays of numbers: a flight is its index, and so is
 * an airport. Flights are ordered by route (origin, then destination), then by departure time, so that a route is a
 * range of flights and an airport a range of routes. Nothing in here changes; a new schedule is a new timetable.
 */
export interface Timetable {
  zones: Zones
  /** Minor units of one major unit of the selling currency. */
  unit: number

  airports: readonly Airport[]
  airportNumbers: ReadonlyMap<string, number>
  zoneOf: Uint16Array
  domesticConnectionMinutes: Uint16Array
  internationalConnectionMinutes: Uint16Array

  /** The routes from airport a are firstRoute[a] to firstRoute[a + 1] - 1. */
  firstRoute: Uint32Array
  routeOrigin: Uint16Array
  /** The routes to airport a, in routesInto from firstRouteInto[a] to firstRouteInto[a + 1] - 1. */
  firstRouteInto: Uint32Array
  routesInto: Uint32Array
  routeDestination: Uint16Array
  routeIsDomestic: Uint8Array
  /** Marks routes with a flight that goes on from where it lands under the same designator, and with one that came so. */
  routeIsContinued: Uint8Array
  routeContinues: Uint8Array
  /** Of each passenger with a seat, in minor units. */
  routeCharge: Float64Array
  /** Of the route's flights the lowest base fare by cabin, and the least time. */
  leastFare: readonly Float64Array[]
  leastMinutes: Uint16Array
  /** Between any two airports. */
  leastWay: LeastWay

  /** The flights of route r are firstFlight[r] to firstFlight[r + 1] - 1. */
  firstFlight: Uint32Array
  flights: readonly ScheduledFlight[]
  flightNumbers: ReadonlyMap<string, number>
  departureMinute: Uint16Array
  durationMinutes: Uint16Array
  weekdays: Uint8Array
  fromDay: Int32Array
  untilDay: Int32Array
  carriers: readonly Carrier[]
  carrierNumbers: ReadonlyMap<string, number>
  carrierOf: Uint16Array
  /** A number for carrier and flight number: legs of one flight share it. */
  designatorOf: Uint32Array
  /** Such as "QV204". */
  designators: readonly string[]
  /** By cabin, in the order of CABIN_NAMES; 0 where a flight has no such cabin. */
  capacity: readonly Uint16Array[]
  /** By cabin, in minor units. */
  baseFare: readonly Float64Array[]
}

/** True when the flight leaves on that local day. */
export const operates = ({ weekdays, fromDay, untilDay }: Timetable, flight: number, day: number): boolean =>
  ((weekdays[flight]! >> weekdayOf(day)) & 1) === 1 && day >= fromDay[flight]! && day <= untilDay[flight]!

export interface Carrier {
  code: string
  name: string
}

export interface ScheduleRows {
  airports: readonly Airport[]
  carriers: readonly Carrier[]
  flights: readonly ScheduledFlight[]
}

/** Flights between airports that are not there are left out. The days are those on which clocks are known. */
export function buildTimetable(
  rows: ScheduleRows,
  { currency, firstDay, lastDay }: { currency: string; firstDay: number; lastDay: number },
): Timetable {
  const airports = rows.airports.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const airportNumbers = new Map(airports.map(({ code }, index) => [code, index]))
  const flights = rows.flights
    .filter(({ origin, destination }) => airportNumbers.has(origin) && airportNumbers.has(destination))
    .toSorted(inOrder)
  const zones = createZones(firstDay, lastDay)
  const routes = routesOf(flights)
  const ends = routes.map(({ flight }) => flights[flight]!)
  const routeOrigin = Uint16Array.from(ends, ({ origin }) => airportNumbers.get(origin)!)
  const routeDestination = Uint16Array.from(ends, ({ destination }) => airportNumbers.get(destination)!)
  const flightsOf = routes.map(({ flight }, route) => flights.slice(flight, routes[route + 1]?.flight))
  const isDomestic = (route: number) =>
    airports[routeOrigin[route]!]!.country === airports[routeDestination[route]!]!.country
  const { designatorOf, designators } = designatorsOf(flights)
  const carriers = rows.carriers.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const carrierNumbers = new Map(carriers.map(({ code }, index) => [code, index]))
  const timetable = {
    zones,
    unit: 10 ** minorDigits(currency),
    airports,
    airportNumbers,
    zoneOf: Uint16Array.from(airports, ({ timeZone }) => zones.numberOf(timeZone)),
    domesticConnectionMinutes: Uint16Array.from(airports, (airport) => airport.domesticConnectionMinutes),
    internationalConnectionMinutes: Uint16Array.from(airports, (airport) => airport.internationalConnectionMinutes),
    firstRoute: startsOf(routeOrigin, airports.length),
    firstRouteInto: startsOf(routeDestination, airports.length),
    routesInto: Uint32Array.from(routes.keys()).sort((a, b) => routeDestination[a]! - routeDestination[b]! || a - b),
    routeOrigin,
    routeDestination,
    routeIsDomestic: Uint8Array.from(ends, (_, route) => (isDomestic(route) ? 1 : 0)),
    ...throughRoutes(flights, designatorOf, routes),
    routeCharge: Float64Array.from(ends, (_, route) => {
      const { domesticCharge, internationalCharge } = airports[routeOrigin[route]!]!
      return isDomestic(route) ? domesticCharge : internationalCharge
    }),
    leastFare: CABIN_NAMES.map((cabin) =>
      Float64Array.from(flightsOf, (own) =>
        Math.min(...own.map(({ cabins }) => cabins[cabin]?.fareMinorUnits ?? Number.POSITIVE_INFINITY)),
      ),
    ),
    leastMinutes: Uint16Array.from(flightsOf, (own) => Math.min(...own.map((flight) => flight.durationMinutes))),
    firstFlight: Uint32Array.from([...routes.map(({ flight }) => flight), flights.length]),
    flights,
    flightNumbers: new Map(flights.map(({ id }, index) => [id, index])),
    departureMinute: Uint16Array.from(flights, (flight) => flight.departureMinute),
    durationMinutes: Uint16Array.from(flights, (flight) => flight.durationMinutes),
    weekdays: Uint8Array.from(flights, (flight) => flight.weekdays),
    fromDay: Int32Array.from(flights, (flight) => dayOf(flight.effectiveFrom)),
    untilDay: Int32Array.from(flights, (flight) => dayOf(flight.effectiveUntil)),
    carriers,
    carrierNumbers,
    carrierOf: Uint16Array.from(flights, ({ carrier }) => carrierNumbers.get(carrier)!),
    designatorOf,
    designators,
    capacity: CABIN_NAMES.map((cabin) => Uint16Array.from(flights, ({ cabins }) => cabins[cabin]?.capacity ?? 0)),
    baseFare: CABIN_NAMES.map((cabin) =>
      Float64Array.from(flights, ({ cabins }) => cabins[cabin]?.fareMinorUnits ?? 0),
    ),
  }
  return { ...timetable, leastWay: leastWaysOf(timetable) }
}

/** By route, then by time of departure; the rest only so that the same schedule always has the same order. */
function inOrder(a: ScheduledFlight, b: ScheduledFlight): number {
  if (a.origin !== b.origin) return a.origin < b.origin ? -1 : 1
  if (a.destination !== b.destination) return a.destination < b.destination ? -1 : 1
  if (a.departureMinute !== b.departureMinute) return a.departureMinute - b.departureMinute
  if (a.carrier !== b.carrier) return a.carrier < b.carrier ? -1 : 1
  if (a.number !== b.number) return a.number < b.number ? -1 : 1
  return a.id < b.id ? -1 : 1
}

/** Where each route's flights begin. */
function routesOf(flights: readonly ScheduledFlight[]): { flight: number }[] {
  const routes: { flight: number }[] = []
  for (const [flight, { origin, destination }] of flights.entries()) {
    const before = flights[flight - 1]
    if (before?.origin !== origin || before.destination !== destination) routes.push({ flight })
  }
  return routes
}

function designatorsOf(flights: readonly ScheduledFlight[]): Pick<Timetable, "designatorOf" | "designators"> {
  const numbers = new Map<string, number>()
  const designators: string[] = []
  const designatorOf = Uint32Array.from(flights, ({ carrier, number }) => {
    const key = `${carrier} ${number}`
    const known = numbers.get(key) ?? designators.push(carrier + number) - 1
    numbers.set(key, known)
    return known
  })
  return { designatorOf, designators }
}

/** The routes between which one may stay aboard: legs under one designator, one ending where the other begins. */
function throughRoutes(
  flights: readonly ScheduledFlight[],
  designatorOf: Uint32Array,
  routes: readonly { flight: number }[],
): Pick<Timetable, "routeIsContinued" | "routeContinues"> {
  const departing = new Set(flights.map(({ origin }, flight) => `${designatorOf[flight]} ${origin}`))
  const arriving = new Set(flights.map(({ destination }, flight) => `${designatorOf[flight]} ${destination}`))
  const marked = (is: (flight: ScheduledFlight, designator: number) => boolean) =>
    Uint8Array.from(routes, ({ flight: first }, route) => {
      const end = routes[route + 1]?.flight ?? flights.length
      return flights.slice(first, end).some((flight, index) => is(flight, designatorOf[first + index]!)) ? 1 : 0
    })
  return {
    routeIsContinued: marked(({ destination }, designator) => departing.has(`${designator} ${destination}`)),
    routeContinues: marked(({ origin }, designator) => arriving.has(`${designator} ${origin}`)),
  }
}

/** Where the entries of each owner begin in a list that is ordered by owner, and where the last ones end. */
function startsOf(owners: Uint16Array, count: number): Uint32Array {
  const starts = new Uint32Array(count + 1)
  for (const owner of owners) starts[owner + 1]!++
  for (let owner = 0; owner < count; owner++) starts[owner + 1]! += starts[owner]!
  return starts
}
