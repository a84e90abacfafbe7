import { civilDate } from "@airside/kernel/clock"
import { addDays, isCivilDate } from "../format.ts"
import { text } from "./form.tsx"
import type { Search } from "./search-query.ts"

/** Shown at a time. */
export const MONTHS = 2

/** Which day is being chosen. */
export interface Step {
  isReturn: boolean
  wayBack: boolean
}

export function stepOf(search: Search, params: URLSearchParams): Step {
  const isReturn = search.trip === "return"
  return { isReturn, wayBack: isReturn && text(params, "way") === "back" && isCivilDate(search.depart_date) }
}

export interface Months {
  /** YYYY-MM. */
  first: string
  earlier: string | undefined
  later: string | undefined
  /** Days that are sold, a day of tolerance included: backend judges them at the origin. */
  earliest: string
  latest: string
}

/** The months that are asked for, or those of the day that is chosen; never such that nothing is sold in them. */
export function monthsFrom(params: URLSearchParams, search: Search, { wayBack }: Step, horizonDays: number): Months {
  const earliest = civilDate(new Date(), "Pacific/Pago_Pago")
  const latest = addDays(earliest, horizonDays + 2)
  const [thisMonth, lastMonth] = [earliest.slice(0, 7), addDays(earliest, horizonDays).slice(0, 7)]
  const chosen = wayBack ? search.return_date || search.depart_date : search.depart_date
  const asked = [`${text(params, "month")}-01`, chosen].find(isCivilDate)?.slice(0, 7) ?? thisMonth
  const first = asked < thisMonth ? thisMonth : asked > lastMonth ? lastMonth : asked
  const shifted = (months: number) => Temporal.PlainYearMonth.from(first).add({ months }).toString()
  const earlier = shifted(-MONTHS) < thisMonth ? thisMonth : shifted(-MONTHS)
  return {
    first,
    earlier: first > thisMonth ? earlier : undefined,
    later: shifted(MONTHS) <= lastMonth ? shifted(MONTHS) : undefined,
    earliest,
    latest,
  }
}
