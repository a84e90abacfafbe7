import { Problems } from "@airside/kernel/errors"
import {
  type Place,
  type SearchFilters,
  type SearchFlightsRequest,
  SearchSort,
  type TimeWindow,
} from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import type { CabinName } from "../flights/cabins.ts"
import type { PassengerCounts } from "../flights/fares.ts"
import {
  airportsOfRoute,
  parseCabin,
  parseCounts,
  parseDepartureDate,
  parseMaxConnections,
  parsePlaces,
} from "./parse-search.ts"
import type { Sort } from "./rank-itineraries.ts"

export interface ParsedSearch {
  slices: ParsedSlice[]
  cabin: CabinName
  counts: PassengerCounts
  maxConnections: number
  sort: Sort
  limit: number
}

export interface ParsedSlice {
  /** As asked for: an airport's or a city's code. */
  origin: string
  destination: string
  /** Civil date at the origin. */
  date: string
  /** The airports that these stand for. */
  origins: string[]
  destinations: string[]
  filters: SearchFilters
}

const DEFAULT_LIMIT = 20
const LARGEST_LIMIT = 100
const FEWEST_SLICES = 2
const MOST_SLICES = 6
/** Of one filter. */
const MOST_NAMED = 50
const LAST_MINUTE = 1439

const SORTS: Record<SearchSort, Sort> = {
  [SearchSort.UNSPECIFIED]: "best",
  [SearchSort.BEST]: "best",
  [SearchSort.PRICE]: "price",
  [SearchSort.DURATION]: "duration",
  [SearchSort.DEPARTURE]: "departure",
}

/** Throws INVALID_REQUEST, which names every field that is wrong. */
export async function parseSearchFlights(context: Context, request: SearchFlightsRequest): Promise<ParsedSearch> {
  const problems = new Problems()
  const cabin = parseCabin(problems, request.cabin)
  const counts = parseCounts(context, problems, request)
  const maxConnections = parseMaxConnections(problems, request.maxConnections)
  const sort = SORTS[request.sort]
  if (sort === undefined) problems.add("sort", "is not an order that we know")
  if (request.limit < 0 || request.limit > LARGEST_LIMIT) problems.add("limit", `must be from 1 to ${LARGEST_LIMIT}`)
  const slices = await parseSlices(context, problems, request)
  const filters = parseFilters(problems, request.filters, slices.length)
  problems.throwIfAny()
  return {
    slices: await Promise.all(
      slices.map(async ({ origin, destination, date }, index) => ({
        origin: origin!.code,
        destination: destination!.code,
        date,
        ...(await airportsOfRoute(context, origin!, destination!, request.nearbyAirports)),
        filters: filters[index]!,
      })),
    ),
    cabin,
    counts,
    maxConnections,
    sort: sort!,
    limit: request.limit || DEFAULT_LIMIT,
  }
}

interface Slice {
  origin: Place | undefined
  destination: Place | undefined
  date: string
}

async function parseSlices(context: Context, problems: Problems, request: SearchFlightsRequest): Promise<Slice[]> {
  if (request.slices.length === 0) return parseOneWayOrReturn(context, problems, request)
  for (const [field, value] of Object.entries({
    origin: request.origin,
    destination: request.destination,
    depart_date: request.departDate,
    return_date: request.returnDate,
  })) {
    if (value !== "") problems.add(field, "must be empty when there are slices")
  }
  if (request.slices.length < FEWEST_SLICES || request.slices.length > MOST_SLICES) {
    problems.add("slices", `must be from ${FEWEST_SLICES} to ${MOST_SLICES}`)
    return []
  }
  const slices: Slice[] = []
  for (const [index, { origin, destination, date }] of request.slices.entries()) {
    const prefix = `slices[${index}].`
    const places = await parsePlaces(context, problems, { origin, destination }, prefix)
    slices.push({ ...places, date: parseDepartureDate(context, problems, `${prefix}date`, date, places.origin) })
    if (index > 0 && date < request.slices[index - 1]!.date) problems.add(`${prefix}date`, "is before the slice before")
  }
  return slices
}

async function parseOneWayOrReturn(
  context: Context,
  problems: Problems,
  request: SearchFlightsRequest,
): Promise<Slice[]> {
  const { origin, destination } = await parsePlaces(context, problems, request)
  const there = {
    origin,
    destination,
    date: parseDepartureDate(context, problems, "depart_date", request.departDate, origin),
  }
  if (request.returnDate === "") return [there]
  const date = parseDepartureDate(context, problems, "return_date", request.returnDate, destination)
  if (date < there.date) problems.add("return_date", "is before the departure")
  return [there, { origin: destination, destination: origin, date }]
}

const NO_FILTERS: SearchFilters = {
  departure: undefined,
  arrival: undefined,
  carriers: [],
  connectingAirports: [],
  originAirports: [],
  destinationAirports: [],
  longestDurationMinutes: 0,
  highestPriceMinorUnits: 0n,
  checkedBag: false,
}

/** One entry a slice. */
function parseFilters(problems: Problems, filters: readonly SearchFilters[], slices: number): SearchFilters[] {
  if (filters.length > 1 && filters.length !== slices) problems.add("filters", "must be one, or one a slice")
  for (const [index, filter] of filters.slice(0, MOST_SLICES).entries()) {
    const prefix = `filters[${index}].`
    parseWindow(problems, `${prefix}departure`, filter.departure)
    parseWindow(problems, `${prefix}arrival`, filter.arrival)
    for (const [field, codes] of Object.entries({
      carriers: filter.carriers,
      connecting_airports: filter.connectingAirports,
      origin_airports: filter.originAirports,
      destination_airports: filter.destinationAirports,
    })) {
      if (codes.length > MOST_NAMED) problems.add(prefix + field, `names more than ${MOST_NAMED}`)
    }
    if (filter.longestDurationMinutes < 0) problems.add(`${prefix}longest_duration_minutes`, "is negative")
    if (filter.highestPriceMinorUnits < 0n) problems.add(`${prefix}highest_price_minor_units`, "is negative")
  }
  return Array.from({ length: slices }, (_, index) => filters[filters.length > 1 ? index : 0] ?? NO_FILTERS)
}

function parseWindow(problems: Problems, field: string, window: TimeWindow | undefined) {
  if (!window) return
  for (const [name, minute] of [
    ["from_minute", window.fromMinute],
    ["until_minute", window.untilMinute],
  ] as const) {
    if (minute < 0 || minute > LAST_MINUTE) problems.add(`${field}.${name}`, `must be from 0 to ${LAST_MINUTE}`)
  }
}
