import type { SearchFilters } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { BRANDS } from "../flights/brands.ts"
import type { CabinName } from "../flights/cabins.ts"
import { dayOf } from "../flights/civil-date.ts"
import { BRAND_NAMES, type Brand, type PassengerCounts } from "../flights/fares.ts"
import type { Availability } from "./availability.ts"
import { type Filters, type Found, findItineraries } from "./find-itineraries.ts"
import { CABIN_NAMES, type Timetable } from "./timetable.ts"

/** The schedule and the seats that are taken at one moment. */
export interface Moment {
  timetable: Timetable
  availability: Availability
  now: Date
}

export const presentMoment = async ({ schedule, clock }: Pick<Context, "schedule" | "clock">): Promise<Moment> => ({
  ...(await schedule.current()),
  now: clock(),
})

export interface Question {
  /** Airports' codes. */
  origins: readonly string[]
  destinations: readonly string[]
  /** Civil date at the origin. */
  date: string
  cabin: CabinName
  counts: PassengerCounts
  maxConnections: number
  filters?: SearchFilters | undefined
}

/** Every itinerary worth comparing at the lowest fare that the filters allow. An airport without flights has none. */
export function askEngine({ rules }: Pick<Context, "rules">, moment: Moment, question: Question): Found {
  const { timetable, availability, now } = moment
  const { filters, counts, maxConnections } = question
  const nowMinute = now.getTime() / 60_000
  return findItineraries(timetable, availability, {
    origins: numbersOf(timetable.airportNumbers, narrowed(question.origins, filters?.originAirports)),
    destinations: numbersOf(timetable.airportNumbers, narrowed(question.destinations, filters?.destinationAirports)),
    day: dayOf(question.date),
    cabin: CABIN_NAMES.indexOf(question.cabin),
    brand: brandsAllowed(filters)[0]!,
    counts,
    maxConnections,
    salesCloseMinute: nowMinute + rules.salesCloseMinutes,
    nowMinute,
    filters: filters ? toFilters(timetable, filters) : NO_FILTERS,
  })
}

/** Lowest first. */
export const brandsAllowed = (filters: SearchFilters | undefined): readonly Brand[] =>
  filters?.checkedBag ? BRANDS_WITH_BAG : BRAND_NAMES

const BRANDS_WITH_BAG = BRAND_NAMES.filter((brand) => BRANDS[brand].checkedBags > 0)
const NO_FILTERS: Filters = { longestDurationMinutes: 0, highestPrice: 0 }

const narrowed = (codes: readonly string[], wanted: readonly string[] = []) =>
  wanted.length === 0 ? codes : codes.filter((code) => wanted.includes(code))

const numbersOf = (numbers: ReadonlyMap<string, number>, codes: readonly string[]): number[] =>
  codes.flatMap((code) => numbers.get(code) ?? [])

/** What is named but not known allows nothing. */
const namedOf = (numbers: ReadonlyMap<string, number>, codes: readonly string[]) =>
  codes.length === 0 ? undefined : new Set(numbersOf(numbers, codes))

const toFilters = ({ carrierNumbers, airportNumbers }: Timetable, filters: SearchFilters): Filters => ({
  departure: filters.departure && { from: filters.departure.fromMinute, until: filters.departure.untilMinute },
  arrival: filters.arrival && { from: filters.arrival.fromMinute, until: filters.arrival.untilMinute },
  carriers: namedOf(carrierNumbers, filters.carriers),
  connectingAirports: namedOf(airportNumbers, filters.connectingAirports),
  longestDurationMinutes: filters.longestDurationMinutes,
  highestPrice: Number(filters.highestPriceMinorUnits),
})
