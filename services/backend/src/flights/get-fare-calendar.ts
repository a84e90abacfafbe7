import { civilDate } from "@airside/kernel/clock"
import { Problems } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { GetFareCalendarRequest, GetFareCalendarResponse, Place } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import type { CabinName } from "./cabins.ts"
import { findDepartures } from "./departures.ts"
import type { PassengerCounts } from "./fares.ts"
import { makeOffer } from "./make-offer.ts"
import { airportsOfRoute, parseCounts, parseRoute } from "./parse-search.ts"
import { isSellable } from "./sales.ts"

const MOST_MONTHS = 2

/** The lowest price of SearchFlights for each day of a month or two; none where nothing can be bought. Reasons: INVALID_REQUEST. */
export async function getFareCalendar(
  context: CallContext,
  request: GetFareCalendarRequest,
): Promise<GetFareCalendarResponse> {
  const problems = new Problems()
  const { origin, destination, cabin } = await parseRoute(context, problems, request)
  const counts = parseCounts(context, problems, request)
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(request.month)) problems.add("month", "is not a month (YYYY-MM)")
  if (request.months < 0 || request.months > MOST_MONTHS) problems.add("months", `must be 1 or ${MOST_MONTHS}`)
  problems.throwIfAny()

  const first = Temporal.PlainYearMonth.from(request.month)
  const days = Array.from({ length: request.months || 1 }, (_, index) => daysOf(first.add({ months: index }))).flat()
  const lowest = await lowestPrices(context, { origin: origin!, destination: destination!, cabin, counts }, days)
  return {
    days: days.map((date) => {
      const total = lowest.get(date)
      return { date, lowestPrice: total === undefined ? undefined : money(context.rules.currency, total) }
    }),
  }
}

const daysOf = (month: Temporal.PlainYearMonth): string[] =>
  Array.from({ length: month.daysInMonth }, (_, index) => month.toPlainDate({ day: index + 1 }).toString())

interface Journey {
  origin: Place
  destination: Place
  cabin: CabinName
  counts: PassengerCounts
}

/** The lowest price of each of these days, in order, on which something can be bought. */
export async function lowestPrices(
  context: CallContext,
  { origin, destination, cabin, counts }: Journey,
  days: readonly string[],
): Promise<Map<string, bigint>> {
  const today = civilDate(context.clock(), origin.timeZone)
  const horizon = Temporal.PlainDate.from(today).add({ days: context.rules.saleHorizonDays }).toString()
  const sold = days.filter((day) => day >= today && day <= horizon)
  const lowest = new Map<string, bigint>()
  if (sold.length === 0) return lowest
  const [fromDate, untilDate] = [sold[0]!, sold.at(-1)!]
  const route = { ...(await airportsOfRoute(context, origin, destination, false)), fromDate, untilDate, cabin }
  for (const departure of await findDepartures(context.database.sql, route)) {
    if (!isSellable(context, departure, counts.adults + counts.children)) continue
    const total = makeOffer(context, [departure], counts).price!.total!.minorUnits
    const known = lowest.get(departure.date)
    if (known === undefined || total < known) lowest.set(departure.date, total)
  }
  return lowest
}
