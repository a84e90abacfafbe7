import { Problems } from "@airside/kernel/errors"
import { money } from "@airside/kernel/money"
import type { GetFareGridRequest, GetFareGridResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { lowestPrices } from "./get-fare-calendar.ts"
import { parseCounts, parseDepartureDate, parseRoute } from "./parse-search.ts"

const MOST_DAYS_AROUND = 3

/** The lowest price for each pair of days around the wished ones. Reasons: INVALID_REQUEST. */
export async function getFareGrid(context: CallContext, request: GetFareGridRequest): Promise<GetFareGridResponse> {
  const problems = new Problems()
  const { origin, destination, cabin } = await parseRoute(context, problems, request)
  const counts = parseCounts(context, problems, request)
  const departDate = parseDepartureDate(context, problems, "depart_date", request.departDate, origin)
  if (request.returnDate !== "") {
    parseDepartureDate(context, problems, "return_date", request.returnDate, destination)
    if (request.returnDate < departDate) problems.add("return_date", "is before the departure")
  }
  if (request.daysAround < 0 || request.daysAround > MOST_DAYS_AROUND) {
    problems.add("days_around", `must be from 1 to ${MOST_DAYS_AROUND}`)
  }
  problems.throwIfAny()
  const around = (date: string) => daysAround(date, request.daysAround || MOST_DAYS_AROUND)
  const [there, back] = [origin!, destination!]
  const out = await lowestPrices(context, { origin: there, destination: back, cabin, counts }, around(departDate))
  const cell = (depart: string, returning: string, lowest: bigint | undefined) => ({
    departDate: depart,
    returnDate: returning,
    lowestPrice: lowest === undefined ? undefined : money(context.rules.currency, lowest),
  })
  if (request.returnDate === "") return { cells: around(departDate).map((day) => cell(day, "", out.get(day))) }
  const home = await lowestPrices(
    context,
    { origin: back, destination: there, cabin, counts },
    around(request.returnDate),
  )
  return {
    cells: around(departDate).flatMap((day) =>
      around(request.returnDate)
        .filter((returning) => returning >= day)
        .map((returning) => {
          const [one, other] = [out.get(day), home.get(returning)]
          return cell(day, returning, one === undefined || other === undefined ? undefined : one + other)
        }),
    ),
  }
}

function daysAround(date: string, days: number): string[] {
  const middle = Temporal.PlainDate.from(date)
  return Array.from({ length: 2 * days + 1 }, (_, index) => middle.add({ days: index - days }).toString())
}
