import { Problems } from "@airside/kernel/errors"
import {
  type Offer,
  type Place,
  type SearchFlightsRequest,
  type SearchFlightsResponse,
  SearchSort,
  Slice,
} from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import type { CabinName } from "./cabins.ts"
import { findDepartures } from "./departures.ts"
import type { PassengerCounts } from "./fares.ts"
import { makeOffer } from "./make-offer.ts"
import { airportsOfRoute, parseCounts, parseDepartureDate, parseRoute } from "./parse-search.ts"
import { isSellable } from "./sales.ts"

const DEFAULT_LIMIT = 20
const LARGEST_LIMIT = 100

/** Direct flights with seats for the whole party, one slice a direction. Reasons: INVALID_REQUEST. */
export async function searchFlights(
  context: CallContext,
  request: SearchFlightsRequest,
): Promise<SearchFlightsResponse> {
  const search = await parseSearch(context, request)
  const slices = await Promise.all(
    search.slices.map(async (slice) => {
      const { origin, destination, date } = slice
      const offers = await findOffers(context, slice, search)
      return Slice.fromPartial({ origin: origin.code, destination: destination.code, date, offers })
    }),
  )
  return { slices, routes: [], validUntilTime: undefined }
}

interface Search {
  slices: { origin: Place; destination: Place; date: string }[]
  nearbyAirports: boolean
  cabin: CabinName
  counts: PassengerCounts
  sort: SearchSort
  limit: number
}

async function parseSearch(context: CallContext, request: SearchFlightsRequest): Promise<Search> {
  const problems = new Problems()
  const { origin, destination, cabin } = await parseRoute(context, problems, request)
  const counts = parseCounts(context, problems, request)
  const departDate = parseDepartureDate(context, problems, "depart_date", request.departDate, origin)
  if (request.returnDate !== "") {
    parseDepartureDate(context, problems, "return_date", request.returnDate, destination)
    if (request.returnDate < departDate) problems.add("return_date", "is before the departure")
  }
  if (ORDERS[request.sort] === undefined) problems.add("sort", "is not an order that we know")
  if (request.limit < 0 || request.limit > LARGEST_LIMIT) problems.add("limit", `must be from 1 to ${LARGEST_LIMIT}`)
  if (request.maxConnections !== undefined && (request.maxConnections < 0 || request.maxConnections > 2)) {
    problems.add("max_connections", "must be from 0 to 2")
  }
  problems.throwIfAny()
  const there = { origin: origin!, destination: destination!, date: departDate }
  const back = { origin: there.destination, destination: there.origin, date: request.returnDate }
  return {
    slices: request.returnDate === "" ? [there] : [there, back],
    nearbyAirports: request.nearbyAirports,
    cabin,
    counts,
    sort: request.sort,
    limit: request.limit || DEFAULT_LIMIT,
  }
}

async function findOffers(context: CallContext, slice: Search["slices"][number], search: Search): Promise<Offer[]> {
  const departures = await findDepartures(context.database.sql, {
    ...(await airportsOfRoute(context, slice.origin, slice.destination, search.nearbyAirports)),
    fromDate: slice.date,
    untilDate: slice.date,
    cabin: search.cabin,
  })
  const seats = search.counts.adults + search.counts.children
  return departures
    .filter((departure) => isSellable(context, departure, seats))
    .map((departure) => makeOffer(context, [departure], search.counts))
    .sort(ORDERS[search.sort])
    .slice(0, search.limit)
}

type Order = (a: Offer, b: Offer) => number

const price = (offer: Offer) => Number(offer.price!.total!.minorUnits)
/** An hour on the way weighs as much as a tenth of the price. */
const cost = (offer: Offer) => price(offer) * (1 + offer.durationMinutes / 600)
/** The same search always answers in the same order. */
const tie: Order = (a, b) => {
  const [left, right] = [a, b].map((offer) => `${offer.segments[0]!.departsAt} ${offer.segments[0]!.flightNumber}`)
  return left! < right! ? -1 : left! > right! ? 1 : 0
}

const ORDERS: Record<SearchSort, Order> = {
  [SearchSort.UNSPECIFIED]: (a, b) => cost(a) - cost(b) || tie(a, b),
  [SearchSort.BEST]: (a, b) => cost(a) - cost(b) || tie(a, b),
  [SearchSort.PRICE]: (a, b) => price(a) - price(b) || tie(a, b),
  [SearchSort.DURATION]: (a, b) => a.durationMinutes - b.durationMinutes || tie(a, b),
  [SearchSort.DEPARTURE]: tie,
}
