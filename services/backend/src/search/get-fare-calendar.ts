import { Problems } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { GetFareCalendarRequest, GetFareCalendarResponse, Place } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { itinerariesByDay, lowestPrice } from "./days-on-sale.ts"
import { parseFilters } from "./parse-filters.ts"
import { daysOnSale, parseConditions, parsePlaces } from "./parse-search.ts"

const MOST_MONTHS = 2

/**
 * The lowest price of SearchFlights, asked the same for each day of a month or two; none where nothing can be bought.
 * Reasons: INVALID_REQUEST.
 */
export async function getFareCalendar(
  context: CallContext,
  request: GetFareCalendarRequest,
): Promise<GetFareCalendarResponse> {
  const problems = new Problems()
  const { origin, destination } = await parsePlaces(context, problems, request)
  const conditions = parseConditions(context, problems, request)
  const [filters] = parseFilters(problems, request.filters, 1)
  const dates = parseMonths(context, problems, request, origin)
  problems.throwIfAny()

  const { nearbyAirports } = request
  const journey = { origin: origin!, destination: destination!, ...conditions, nearbyAirports, filters: filters! }
  const found = await itinerariesByDay(context, journey, dates)
  return {
    days: dates.map((date) => {
      const lowest = lowestPrice(found.get(date))
      return { date, lowestPrice: lowest === undefined ? undefined : money(context.rules.currency, BigInt(lowest)) }
    }),
  }
}

/** The days of the months, of which one at least is on sale. */
function parseMonths(
  context: CallContext,
  problems: Problems,
  { month, months }: GetFareCalendarRequest,
  origin: Place | undefined,
): string[] {
  const areMonths = months >= 0 && months <= MOST_MONTHS
  if (!areMonths) problems.add("months", `must be 1 or ${MOST_MONTHS}`)
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    problems.add("month", month === "" ? "is missing" : "is not a month (YYYY-MM)")
    return []
  }
  const first = Temporal.PlainYearMonth.from(month)
  const dates = Array.from({ length: areMonths ? months || 1 : 1 }, (_, index) =>
    datesOf(first.add({ months: index })),
  ).flat()
  const { today, horizon } = daysOnSale(context, origin)
  if (dates[0]! > horizon) problems.add("month", `is too far ahead: flights are sold until ${horizon}`)
  else if (dates.at(-1)! < today) problems.add("month", "is in the past")
  return dates
}

const datesOf = (month: Temporal.PlainYearMonth): string[] =>
  Array.from({ length: month.daysInMonth }, (_, index) => month.toPlainDate({ day: index + 1 }).toString())
