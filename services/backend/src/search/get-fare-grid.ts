import { Problems } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { FareGridCell, GetFareGridRequest, GetFareGridResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { itinerariesByDay, lowestPrice } from "./days-on-sale.ts"
import type { Itinerary } from "./find-itineraries.ts"
import { parseFilters } from "./parse-filters.ts"
import { parseConditions, parseDepartureDate, parsePlaces } from "./parse-search.ts"
import { rankItineraries } from "./rank-itineraries.ts"

const MOST_DAYS_AROUND = 3

/**
 * The lowest price of SearchFlights, asked the same for the days around the wished ones; there and back, of what can be
 * flown together. Reasons: INVALID_REQUEST.
 */
export async function getFareGrid(context: CallContext, request: GetFareGridRequest): Promise<GetFareGridResponse> {
  const problems = new Problems()
  const { origin, destination } = await parsePlaces(context, problems, request)
  const conditions = parseConditions(context, problems, request)
  const [filters, filtersBack] = parseFilters(problems, request.filters, request.returnDate === "" ? 1 : 2)
  const departDate = parseDepartureDate(context, problems, "depart_date", request.departDate, origin)
  if (request.returnDate !== "") {
    parseDepartureDate(context, problems, "return_date", request.returnDate, destination)
    if (request.returnDate < departDate) problems.add("return_date", "is before the departure")
  }
  if (request.daysAround < 0 || request.daysAround > MOST_DAYS_AROUND) {
    problems.add("days_around", `must be from 1 to ${MOST_DAYS_AROUND}`)
  }
  problems.throwIfAny()

  const around = (date: string) => datesAround(date, request.daysAround || MOST_DAYS_AROUND)
  const { nearbyAirports } = request
  const there = { origin: origin!, destination: destination!, ...conditions, nearbyAirports, filters: filters! }
  const out = await itinerariesByDay(context, there, around(departDate))
  const cell = (depart: string, returning: string, lowest: number | undefined): FareGridCell => ({
    departDate: depart,
    returnDate: returning,
    lowestPrice: lowest === undefined ? undefined : money(context.rules.currency, BigInt(lowest)),
  })
  if (request.returnDate === "") {
    return { cells: around(departDate).map((date) => cell(date, "", lowestPrice(out.get(date)))) }
  }
  const back = { ...there, origin: destination!, destination: origin!, filters: filtersBack! }
  const home = await itinerariesByDay(context, back, around(request.returnDate))
  const [shownOut, shownHome] = [shownOf(out), shownOf(home)]
  return {
    cells: around(departDate).flatMap((date) =>
      around(request.returnDate)
        .filter((returning) => returning >= date)
        .map((returning) => cell(date, returning, lowestTogether(shownOut.get(date)!, shownHome.get(returning)!))),
    ),
  }
}

/** Those that SearchFlights shows: the others cannot be chosen, though they may leave or land at a better time. */
const shownOf = (found: ReadonlyMap<string, readonly Itinerary[]>) =>
  new Map([...found].map(([date, itineraries]) => [date, rankItineraries(itineraries, "price")]))

/** Of a way there and a way back that leaves after it has arrived. */
function lowestTogether(out: readonly Itinerary[], home: readonly Itinerary[]): number | undefined {
  let lowest: number | undefined
  for (const there of out) {
    for (const back of home) {
      const price = there.price + back.price
      if (back.departure >= there.arrival && (lowest === undefined || price < lowest)) lowest = price
    }
  }
  return lowest
}

function datesAround(date: string, days: number): string[] {
  const middle = Temporal.PlainDate.from(date)
  return Array.from({ length: 2 * days + 1 }, (_, index) => middle.add({ days: index - days }).toString())
}
