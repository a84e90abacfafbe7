import { Problems } from "@airside/kernel/errors"
import {
  OfferView,
  type Place,
  type SearchFilters,
  type SearchFlightsRequest,
  SearchSort,
} from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import type { View } from "../flights/make-offer.ts"
import { parseFilters } from "./parse-filters.ts"
import { airportsOfRoute, type Conditions, parseConditions, parseDepartureDate, parsePlaces } from "./parse-search.ts"
import type { Sort } from "./rank-itineraries.ts"

export interface ParsedSearch extends Conditions {
  slices: ParsedSlice[]
  sort: Sort
  limit: number
  view: View
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

const SORTS: Record<SearchSort, Sort> = {
  [SearchSort.UNSPECIFIED]: "best",
  [SearchSort.BEST]: "best",
  [SearchSort.PRICE]: "price",
  [SearchSort.DURATION]: "duration",
  [SearchSort.DEPARTURE]: "departure",
}

const VIEWS: Record<OfferView, View> = {
  [OfferView.UNSPECIFIED]: "full",
  [OfferView.BASIC]: "basic",
  [OfferView.FULL]: "full",
}

/** Throws INVALID_REQUEST, which names every field that is wrong. */
export async function parseSearchFlights(context: Context, request: SearchFlightsRequest): Promise<ParsedSearch> {
  const problems = new Problems()
  const conditions = parseConditions(context, problems, request)
  const sort = SORTS[request.sort]
  if (sort === undefined) problems.add("sort", "is not an order that we know")
  if (request.limit < 0 || request.limit > LARGEST_LIMIT) problems.add("limit", `must be from 1 to ${LARGEST_LIMIT}`)
  const view = VIEWS[request.offerView]
  if (!view) problems.add("offer_view", "is no view that we know")
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
    ...conditions,
    sort: sort!,
    limit: request.limit || DEFAULT_LIMIT,
    view: view!,
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
