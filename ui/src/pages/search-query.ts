import type { FieldProblem } from "@airside/kernel/errors"
import { type Passenger, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { Cabin, SearchFlightsRequest, SearchSort } from "@airside/protos/airside/flights/v1/flights"
import { formatCount } from "../format.ts"
import { text } from "./form.tsx"

export const CABINS = [
  ["economy", "Economy"],
  ["premium_economy", "Premium economy"],
  ["business", "Business"],
  ["first", "First"],
] as const

export const SORTS = [
  ["best", "Best"],
  ["price", "Cheapest"],
  ["duration", "Fastest"],
  ["departure", "Earliest"],
] as const

const CABIN_OF: Record<string, Cabin> = {
  economy: Cabin.ECONOMY,
  premium_economy: Cabin.PREMIUM_ECONOMY,
  business: Cabin.BUSINESS,
  first: Cabin.FIRST,
}
const SORT_OF: Record<string, SearchSort> = {
  best: SearchSort.BEST,
  price: SearchSort.PRICE,
  duration: SearchSort.DURATION,
  departure: SearchSort.DEPARTURE,
}
const MOST_OFFERS = 100

/** What is looked for, as the address says it: the whole state of the search is in there, typing errors included. */
export interface Search {
  /** A code, or what somebody typed. */
  origin: string
  destination: string
  depart_date: string
  return_date: string
  cabin: string
  adults: string
  children: string
  infants: string
  sort: string
}

export function searchFrom(params: URLSearchParams): Search {
  return {
    origin: text(params, "origin"),
    destination: text(params, "destination"),
    depart_date: text(params, "depart_date"),
    return_date: text(params, "return_date"),
    cabin: text(params, "cabin") || "economy",
    adults: text(params, "adults") || "1",
    children: text(params, "children") || "0",
    infants: text(params, "infants") || "0",
    sort: text(params, "sort") || "best",
  }
}

/** The address of a page about this search; what is as usual is left out. */
export function searchUrl(path: string, search: Search, more: readonly (readonly [string, string])[] = []): string {
  const params = new URLSearchParams(searchFields(search) as [string, string][])
  for (const [name, value] of more) params.append(name, value)
  return `${path}?${params}`
}

/** The search as fields of a form or an address. */
export function searchFields(search: Search): (readonly [name: string, value: string])[] {
  const usual: Record<string, string> = { return_date: "", children: "0", infants: "0", sort: "best" }
  return Object.entries(search).filter(([name, value]) => value !== usual[name])
}

/** Every problem that can be seen without asking backend. */
export function problemsOf(search: Search): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (!search.depart_date) problems.push({ field: "depart_date", message: "Choose the day of your flight." })
  for (const field of ["adults", "children", "infants"] as const) {
    if (!/^\d{1,2}$/.test(search[field])) problems.push({ field, message: "Give a number of passengers." })
  }
  if (!(search.cabin in CABIN_OF)) problems.push({ field: "cabin", message: "Choose one of the cabins." })
  return problems
}

export function toRequest(search: Search): SearchFlightsRequest {
  return SearchFlightsRequest.fromPartial({
    origin: search.origin,
    destination: search.destination,
    departDate: search.depart_date,
    returnDate: search.return_date,
    cabin: CABIN_OF[search.cabin] ?? Cabin.ECONOMY,
    adults: Number(search.adults),
    children: Number(search.children),
    infants: Number(search.infants),
    sort: SORT_OF[search.sort] ?? SearchSort.BEST,
    limit: MOST_OFFERS,
  })
}

/** Passengers of the types searched for, still without names: enough to ask for a price. */
export function unnamedPassengers(search: Search): Passenger[] {
  const some = (count: string, type: PassengerType): Passenger[] =>
    Array.from({ length: Math.min(Number(count) || 0, 9) }, () => ({
      id: "",
      type,
      givenName: "",
      familyName: "",
      birthDate: "",
      gender: 0,
    }))
  return [
    ...some(search.adults, PassengerType.ADULT),
    ...some(search.children, PassengerType.CHILD),
    ...some(search.infants, PassengerType.INFANT),
  ]
}

/** "2 adults, 1 infant · Economy". */
export function partyInWords(search: Search): string {
  const people = [
    [Number(search.adults), "adult", "adults"],
    [Number(search.children), "child", "children"],
    [Number(search.infants), "infant", "infants"],
  ] as const
  const words = people.filter(([count]) => count > 0).map(([count, one, many]) => formatCount(count, one, many))
  return `${words.join(", ")} · ${CABINS.find(([value]) => value === search.cabin)?.[1] ?? ""}`
}

export const cabinInWords = (cabin: Cabin): string =>
  CABINS.find(([value]) => CABIN_OF[value] === cabin)?.[1] ?? "Economy"
