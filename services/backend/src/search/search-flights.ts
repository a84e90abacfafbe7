import { Failure, invalidRequest } from "@airside/kernel/errors"
import type {
  BatchSearchFlightsRequest,
  BatchSearchFlightsResponse,
  SearchFlightsRequest,
  SearchFlightsResponse,
  Slice,
} from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { askEngine, type Moment, presentMoment } from "./ask-engine.ts"
import { facetsOf } from "./facets.ts"
import { itineraryOffers } from "./itinerary-offers.ts"
import { type ParsedSearch, type ParsedSlice, parseSearchFlights } from "./parse-search-flights.ts"
import { type RankedItinerary, rankItineraries } from "./rank-itineraries.ts"
import { routeCode } from "./route-code.ts"

/** An answer is true for so long at most, whatever is told of changes. */
const LONGEST_VALID_MINUTES = 1

/** Itineraries with seats for the whole party, ranked. Reasons: INVALID_REQUEST. */
export async function searchFlights(
  context: CallContext,
  request: SearchFlightsRequest,
): Promise<SearchFlightsResponse> {
  const search = await parseSearchFlights(context, request)
  const moment = await presentMoment(context)
  const answers = search.slices.map((slice) => answerSlice(context, moment, search, slice))
  const routes = new Set(answers.flatMap(({ routes }) => [...routes]))
  return {
    slices: answers.map(({ slice }) => slice),
    routes: [...routes].map((route) => routeCodeOf(moment, route)),
    validUntilTime: new Date(60_000 * Math.min(...answers.map(({ validUntil }) => validUntil))),
  }
}

const MOST_SEARCHES = 32

/** Several searches, for the price of one call. Reasons: INVALID_REQUEST. */
export async function batchSearchFlights(
  context: CallContext,
  { requests }: BatchSearchFlightsRequest,
): Promise<BatchSearchFlightsResponse> {
  if (requests.length === 0 || requests.length > MOST_SEARCHES)
    throw invalidRequest([{ field: "requests", message: `must be 1 to ${MOST_SEARCHES}` }])
  const results = await Promise.all(requests.map(async (request) => ({ response: await allowed(context, request) })))
  return { results }
}

/** Undefined for a search that is refused. */
async function allowed(
  context: CallContext,
  request: SearchFlightsRequest,
): Promise<SearchFlightsResponse | undefined> {
  try {
    return await searchFlights(context, request)
  } catch (error) {
    if (error instanceof Failure && error.code === "INVALID_ARGUMENT") return undefined
    throw error
  }
}

function answerSlice(context: CallContext, moment: Moment, search: ParsedSearch, slice: ParsedSlice) {
  const { origin, destination, date, filters } = slice
  const question = { ...search, ...slice }
  const { found, routes } = askEngine(context, moment, question)
  const ranked = rankItineraries(found, search.sort)
  const isFiltered = Object.values(filters).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
  // What one could choose does not narrow with what one has chosen.
  const everything = isFiltered ? askEngine(context, moment, { ...question, filters: undefined }) : { found, routes }
  const offered = isFiltered ? rankItineraries(everything.found, search.sort) : ranked
  const answer: Slice = {
    origin,
    destination,
    date,
    ...itineraryOffers(context, moment, ranked.slice(0, search.limit), search, filters),
    found: ranked.length,
    ...facetsOf(moment.timetable, offered, context.rules.currency),
  }
  return { slice: answer, routes: everything.routes, validUntil: validUntil(context, moment, [...ranked, ...offered]) }
}

/** The minute in which a sale closes, or a fare takes its next step towards departure. */
function validUntil({ rules }: CallContext, { now }: Moment, itineraries: readonly RankedItinerary[]): number {
  const nowMinute = now.getTime() / 60_000
  let until = nowMinute + LONGEST_VALID_MINUTES
  for (const { legs } of itineraries) {
    for (const { departure } of legs) {
      const left = departure - nowMinute
      until = Math.min(until, nowMinute + (left % 1440), nowMinute + Math.max(0, left - rules.salesCloseMinutes))
    }
  }
  return until
}

const routeCodeOf = ({ timetable: { airports, routeOrigin, routeDestination } }: Moment, route: number) =>
  routeCode(airports[routeOrigin[route]!]!.code, airports[routeDestination[route]!]!.code)
