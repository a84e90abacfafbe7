import { Problems } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { GetFareCalendarRequest, GetFareCalendarResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { itinerariesByDay, lowestPrice } from "./days-on-sale.ts"
import { parseCabin, parseCounts, parseMaxConnections, parsePlaces } from "./parse-search.ts"

const MOST_MONTHS = 2

/** The lowest price of SearchFlights for each day of a month or two; none where nothing can be bought. Reasons: INVALID_REQUEST. */
export async function getFareCalendar(
  context: CallContext,
  request: GetFareCalendarRequest,
): Promise<GetFareCalendarResponse> {
  const problems = new Problems()
  const { origin, destination } = await parsePlaces(context, problems, request)
  const cabin = parseCabin(problems, request.cabin)
  const counts = parseCounts(context, problems, request)
  const maxConnections = parseMaxConnections(problems, request.maxConnections)
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(request.month)) problems.add("month", "is not a month (YYYY-MM)")
  if (request.months < 0 || request.months > MOST_MONTHS) problems.add("months", `must be 1 or ${MOST_MONTHS}`)
  problems.throwIfAny()

  const first = Temporal.PlainYearMonth.from(request.month)
  const dates = Array.from({ length: request.months || 1 }, (_, index) => datesOf(first.add({ months: index }))).flat()
  const journey = { origin: origin!, destination: destination!, cabin, counts, maxConnections }
  const found = await itinerariesByDay(context, journey, dates)
  return {
    days: dates.map((date) => {
      const lowest = lowestPrice(found.get(date))
      return { date, lowestPrice: lowest === undefined ? undefined : money(context.rules.currency, BigInt(lowest)) }
    }),
  }
}

const datesOf = (month: Temporal.PlainYearMonth): string[] =>
  Array.from({ length: month.daysInMonth }, (_, index) => month.toPlainDate({ day: index + 1 }).toString())
