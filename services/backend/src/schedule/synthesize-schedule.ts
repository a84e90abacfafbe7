import { AIRCRAFT } from "../../seed/aircraft.ts"
import { CARRIERS } from "../../seed/carriers.ts"
import type { Place } from "../../seed/places.ts"
import { assignCarriers, type FlightNumbers } from "./assign-carriers.ts"
import { type FlightCabin, priceCabins } from "./base-fare.ts"
import { blockMinutes } from "./block-time.ts"
import { chooseAircraft } from "./choose-aircraft.ts"
import { chooseRoutes, type Route } from "./choose-routes.ts"
import { operatingDays, shiftDays } from "./operating-days.ts"
import { seededRandom } from "./random.ts"
import { clockTime, planRotation } from "./timetable.ts"
import { utcOffsetMinutes } from "./utc-offset.ts"

/** A flight of the weekly schedule, the same every week of its period. */
export interface FlightTemplate {
  carrierCode: string
  /** "1" to "9999", unique for the carrier over the whole network. */
  flightNumber: string
  /** Place codes. */
  origin: string
  destination: string
  /** Local "HH:MM" at the origin. */
  departureTime: string
  /** Gate to gate. */
  durationMinutes: number
  /** What people call the type; in the built-in network a key into AIRCRAFT. */
  aircraft: string
  /** Ascending weekdays of the local departure at the origin, 0 = Monday. */
  days: number[]
  /** From economy forward, fares rising. */
  cabins: FlightCabin[]
  /** First and last local departure date, "YYYY-MM-DD"; always, without. */
  effectiveFrom?: string
  effectiveUntil?: string
}

/**
 * A weekly schedule between the given places, of about `dailyFlights` departures a day on average over the week:
 * gravity demand, hubs, aircraft by distance and demand, block times with the jet streams, a return for every flight.
 * The same places and seed give the same schedule. All places are served daily and connected, so there are never
 * fewer than about two flights a day for each. Offsets from UTC are those of January 2027.
 */
export function synthesizeSchedule(
  places: Place[],
  { seed, dailyFlights }: { seed: number; dailyFlights: number },
): FlightTemplate[] {
  const random = seededRandom(seed)
  const offsets = new Map(places.map((place) => [place.code, utcOffsetMinutes(place.timeZone)]))
  const carriers = assignCarriers(CARRIERS, places, random)
  return chooseRoutes(places, CARRIERS, (dailyFlights * 7) / 2).flatMap((route) => {
    const nextNumbers = carriers.forRoute(route)
    const frequencies = operatingDays(route.weeklyRoundTrips, random)
    const plan = {
      route,
      offsets,
      level: 0.88 + 0.24 * random(),
      gapMinutes: Math.min(60, Math.floor(240 / frequencies.length)),
      taken: { [route.from.code]: [], [route.to.code]: [] },
    }
    return frequencies.flatMap((days, slot) => {
      const share = (slot + random()) / frequencies.length
      // Every other aircraft spends the night at the far end, so that both ends have flights in the morning.
      const [home, away] = slot % 2 === 0 ? [route.from, route.to] : [route.to, route.from]
      return roundTrip(plan, { home, away, days, share, numbers: nextNumbers() }, random)
    })
  })
}

interface RoutePlan {
  route: Route
  offsets: Map<string, number>
  /** Of the fares; 1 is usual. */
  level: number
  /** Between departures in the same direction. */
  gapMinutes: number
  /** Departures planned so far, by their origin, in minutes of the day. */
  taken: Record<string, number[]>
}

interface RoundTrip {
  home: Place
  away: Place
  /** Of the outbound flight. */
  days: number[]
  /** When in the day's departures to leave home, 0 to 1. */
  share: number
  numbers: FlightNumbers
}

function roundTrip(plan: RoutePlan, trip: RoundTrip, random: () => number): FlightTemplate[] {
  const { home, away, days, numbers } = trip
  const aircraft = chooseAircraft(plan.route, random)
  const type = AIRCRAFT[aircraft]
  const leg = {
    outboundMinutes: blockMinutes(type, home, away),
    inboundMinutes: blockMinutes(type, away, home),
    turnaroundMinutes: type.turnaroundMinutes + 5 * Math.floor(8 * random()),
    morningMinutes: 5 * Math.floor(30 * random()),
    homeOffset: plan.offsets.get(home.code)!,
    awayOffset: plan.offsets.get(away.code)!,
  }
  const outboundTaken = plan.taken[home.code]!
  const inboundTaken = plan.taken[away.code]!
  const rotation = planRotation(leg, trip.share, plan.gapMinutes, outboundTaken, inboundTaken)
  outboundTaken.push(rotation.outbound)
  inboundTaken.push(rotation.inbound)
  const common = { carrierCode: numbers.carrierCode, aircraft }
  const cabins = () => priceCabins(type, plan.route.distanceKm, plan.level * (0.7 + 0.6 * random()))
  return [
    {
      ...common,
      flightNumber: String(numbers.outbound),
      origin: home.code,
      destination: away.code,
      departureTime: clockTime(rotation.outbound),
      durationMinutes: leg.outboundMinutes,
      days,
      cabins: cabins(),
    },
    {
      ...common,
      flightNumber: String(numbers.inbound),
      origin: away.code,
      destination: home.code,
      departureTime: clockTime(rotation.inbound),
      durationMinutes: leg.inboundMinutes,
      days: shiftDays(days, rotation.inboundDayShift),
      cabins: cabins(),
    },
  ]
}
