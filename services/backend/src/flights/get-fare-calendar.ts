import { civilDate } from "@airside/kernel/clock"
import { Problems } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { GetFareCalendarRequest, GetFareCalendarResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { findDepartures } from "./departures.ts"
import { makeOffer } from "./make-offer.ts"
import { parseCounts, parseRoute } from "./parse-search.ts"
import { isSellable } from "./sales.ts"

/** The lowest price of SearchFlights for each day of a month; none where nothing can be bought. Reasons: INVALID_REQUEST. */
export async function getFareCalendar(
  context: CallContext,
  request: GetFareCalendarRequest,
): Promise<GetFareCalendarResponse> {
  const problems = new Problems()
  const { origin, destination, cabin } = await parseRoute(context, problems, request)
  const counts = parseCounts(context, problems, request)
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(request.month)) problems.add("month", "is not a month (YYYY-MM)")
  problems.throwIfAny()

  const month = Temporal.PlainYearMonth.from(request.month)
  const days = Array.from({ length: month.daysInMonth }, (_, index) => month.toPlainDate({ day: index + 1 }).toString())
  const today = civilDate(context.clock(), origin!.timeZone)
  const horizon = Temporal.PlainDate.from(today).add({ days: context.rules.saleHorizonDays }).toString()
  const sold = days.filter((day) => day >= today && day <= horizon)
  const lowest = new Map<string, bigint>()
  if (sold.length > 0) {
    const route = {
      origin: origin!.code,
      destination: destination!.code,
      fromDate: sold[0]!,
      untilDate: sold.at(-1)!,
      cabin,
    }
    for (const departure of await findDepartures(context.database.sql, route)) {
      if (!isSellable(context, departure, counts.adults + counts.children)) continue
      const total = makeOffer(context, [departure], "standard", counts).price!.total!.minorUnits
      const known = lowest.get(departure.date)
      if (known === undefined || total < known) lowest.set(departure.date, total)
    }
  }
  return {
    days: days.map((date) => {
      const total = lowest.get(date)
      return { date, lowestPrice: total === undefined ? undefined : money(context.rules.currency, total) }
    }),
  }
}
