import { civilDate } from "@airside/kernel/clock"
import type { Problems } from "@airside/kernel/errors"
import type { Cabin, Place } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { type CabinName, cabinNamed } from "../flights/cabins.ts"
import { dateOf, dayOf, isCivilDate } from "../flights/civil-date.ts"
import type { PassengerCounts } from "../flights/fares.ts"
import { ownAirports } from "../flights/places.ts"

type Counted = { adults: number; children: number; infants: number }

/** The places of a route, airports or cities; adds what is wrong with them under these names. */
export async function parsePlaces(
  { places }: Pick<Context, "places">,
  problems: Problems,
  route: { origin: string; destination: string },
  prefix = "",
): Promise<{ origin: Place | undefined; destination: Place | undefined }> {
  const [origin, destination] = await Promise.all([places.find(route.origin), places.find(route.destination)])
  const unknown = (code: string) => (code === "" ? "is missing" : "is not a place that we know")
  if (!origin) problems.add(`${prefix}origin`, unknown(route.origin))
  if (!destination) problems.add(`${prefix}destination`, unknown(route.destination))
  if (origin && destination && ownAirports(origin).some((code) => ownAirports(destination).includes(code)))
    problems.add(`${prefix}destination`, "is the same place as the origin")
  return { origin, destination }
}

/** How the party flies, whatever the way and the day. */
export interface Conditions {
  cabin: CabinName
  counts: PassengerCounts
  maxConnections: number
}

export const parseConditions = (
  context: Pick<Context, "rules">,
  problems: Problems,
  request: Counted & { cabin: Cabin; maxConnections?: number | undefined },
): Conditions => ({
  cabin: parseCabin(problems, request.cabin),
  counts: parseCounts(context, problems, request),
  maxConnections: parseMaxConnections(problems, request.maxConnections),
})

/** Economy when none is named. */
function parseCabin(problems: Problems, cabin: Cabin): CabinName {
  const name = cabinNamed(cabin)
  if (!name) problems.add("cabin", "is not a cabin")
  return name ?? "economy"
}

/** The passengers of a search: one adult when nothing is said. Every infant sits on a lap of its own. */
function parseCounts({ rules }: Pick<Context, "rules">, problems: Problems, request: Counted): PassengerCounts {
  const { adults, children, infants } = request
  for (const [field, count] of Object.entries({ adults, children, infants })) {
    if (count < 0) problems.add(field, "is negative")
  }
  if (adults === 0 && children === 0 && infants === 0) return { adults: 1, children: 0, infants: 0 }
  if (adults + children > rules.seatsPerBooking)
    problems.add("adults", `more than ${rules.seatsPerBooking} seats cannot be booked at once`)
  if (adults < 1) problems.add("adults", "children and infants need an adult to travel with")
  else if (infants > adults) problems.add("infants", "there are more infants than adults")
  return { adults, children, infants }
}

const MOST_CONNECTIONS = 2

/** As many as there can be when nothing is said. */
function parseMaxConnections(problems: Problems, connections: number | undefined): number {
  if (connections === undefined) return MOST_CONNECTIONS
  if (connections < 0 || connections > MOST_CONNECTIONS)
    problems.add("max_connections", `must be from 0 to ${MOST_CONNECTIONS}`)
  return connections
}

/** The airports to fly from and to, own ones before nearby ones; one that is only near to both ends is at neither. */
export async function airportsOfRoute(
  { places }: Pick<Context, "places">,
  origin: Place,
  destination: Place,
  nearby: boolean,
): Promise<{ origins: string[]; destinations: string[] }> {
  const [from, to] = await Promise.all([places.airportsOf(origin, nearby), places.airportsOf(destination, nearby)])
  return {
    origins: from.filter((code) => ownAirports(origin).includes(code) || !to.includes(code)),
    destinations: to.filter((code) => ownAirports(destination).includes(code) || !from.includes(code)),
  }
}

/** A date to fly on: a real one, not over yet at the origin and not beyond the sale horizon. */
export function parseDepartureDate(
  { rules, clock }: Pick<Context, "rules" | "clock">,
  problems: Problems,
  field: string,
  text: string,
  origin: Place | undefined,
): string {
  if (!isCivilDate(text)) {
    problems.add(field, text === "" ? "is missing" : "is not a date (YYYY-MM-DD)")
    return text
  }
  const { today, horizon } = daysOnSale({ rules, clock }, origin)
  if (text < today) problems.add(field, "is in the past")
  else if (text > horizon) problems.add(field, `is too far ahead: flights are sold until ${horizon}`)
  return text
}

/** The first and the last civil date at the origin for which flights are sold. */
export function daysOnSale({ rules, clock }: Pick<Context, "rules" | "clock">, origin: Place | undefined) {
  const today = civilDate(clock(), origin?.timeZone ?? "UTC")
  return { today, horizon: dateOf(dayOf(today) + rules.saleHorizonDays) }
}
