import type { FieldProblem } from "@airside/kernel/errors"
import { type Passenger, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { Cabin, SearchSort, type SliceRequest } from "@airside/protos/airside/flights/v1/flights"
import { formatCount } from "../format.ts"
import { queryOf } from "../query.ts"
import { type Filter, filterFields, filtersFrom } from "./filters.ts"
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

export const TRIPS = [
  ["return", "Return"],
  ["one_way", "One way"],
  ["multi_city", "Multi-city"],
] as const

/** These two know no names but their own: what is looked up in them is whatever somebody typed. */
export const CABIN_OF: Record<string, Cabin> = named({
  economy: Cabin.ECONOMY,
  premium_economy: Cabin.PREMIUM_ECONOMY,
  business: Cabin.BUSINESS,
  first: Cabin.FIRST,
})
export const SORT_OF: Record<string, SearchSort> = named({
  best: SearchSort.BEST,
  price: SearchSort.PRICE,
  duration: SearchSort.DURATION,
  departure: SearchSort.DEPARTURE,
})
export const MOST_SLICES = 6
/** Offers a page, as it grows by "Show more". */
export const LIMITS = [20, 50, 100] as const

/** What is looked for, as the address says it: the whole state of the search is in there, typing errors included. */
export interface Search {
  trip: (typeof TRIPS)[number][0]
  /** A code, or what somebody typed. Empty on a multi-city trip, like the dates. */
  origin: string
  destination: string
  depart_date: string
  /** Empty on a one-way trip. */
  return_date: string
  /** Of a multi-city trip; else empty. */
  slices: SliceRequest[]
  cabin: string
  adults: string
  children: string
  infants: string
  /** "true" or empty. */
  nearby_airports: string
  sort: string
  limit: string
  filters: Filter[]
}

export function searchFrom(params: URLSearchParams): Search {
  const slices = writtenSlices(params)
  const trip = tripOf(params, slices)
  const first = slices[0] ?? { origin: "", destination: "", date: "" }
  const single = trip !== "multi_city"
  const there = {
    origin: text(params, "origin") || first.origin,
    destination: text(params, "destination") || first.destination,
    date: text(params, "depart_date") || first.date,
  }
  const search: Search = {
    trip,
    origin: single ? there.origin : "",
    destination: single ? there.destination : "",
    depart_date: single ? there.date : "",
    return_date: trip === "return" ? text(params, "return_date") : "",
    slices: single ? [] : slices.length > 0 ? slices : onward(there, text(params, "return_date")),
    cabin: text(params, "cabin") || "economy",
    adults: text(params, "adults") || "1",
    children: text(params, "children") || "0",
    infants: text(params, "infants") || "0",
    nearby_airports: text(params, "nearby_airports") === "true" ? "true" : "",
    sort: text(params, "sort") in SORT_OF ? text(params, "sort") : "best",
    limit: String(LIMITS.find((limit) => String(limit) === text(params, "limit")) ?? LIMITS[0]),
    filters: [],
  }
  return { ...search, filters: filtersFrom(params, directionsOf(search)) }
}

/** For how many slices filters are told apart: a trip there and back has two before the day of the second is known. */
const directionsOf = (search: Search): number => (search.trip === "return" ? 2 : slicesOf(search).length)

/** The slices of any trip, in their order: one, there and back, or several. */
export function slicesOf(search: Search): SliceRequest[] {
  if (search.trip === "multi_city") return search.slices
  const { origin, destination, depart_date: date, return_date } = search
  return return_date ? thereAndBack({ origin, destination, date }, return_date) : [{ origin, destination, date }]
}

/** The same trip with other slices; there are as many as before. */
export function withSlices(search: Search, slices: readonly SliceRequest[]): Search {
  if (search.trip === "multi_city") return { ...search, slices: [...slices] }
  const [there, back] = slices
  const { origin, destination, date } = there!
  return { ...search, origin, destination, depart_date: date, return_date: back?.date ?? search.return_date }
}

/** The address of a page about this search; what is as usual is left out. */
export const searchUrl = (path: string, search: Search, more: readonly (readonly [string, string])[] = []): string =>
  `${path}?${queryOf([...searchFields(search), ...more])}`

/** The search as fields of a form or an address. */
export const searchFields = (search: Search): (readonly [name: string, value: string])[] => [
  ...routeFields(search),
  ...OPTIONS.filter(([name, usual]) => search[name] !== usual).map(([name]) => [name, search[name]] as const),
  ...filterFields(search.filters, directionsOf(search)),
]

/** Whose usual value an address leaves out; undefined: it is always said. */
const OPTIONS = [
  ["cabin", undefined],
  ["adults", undefined],
  ["children", "0"],
  ["infants", "0"],
  ["nearby_airports", ""],
  ["sort", "best"],
  ["limit", "20"],
] as const

/** Every problem that can be seen without asking backend. */
export function problemsOf(search: Search): FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const [index, { date }] of slicesOf(search).entries()) {
    const field = fieldOf(search, index, "date")
    if (!date) problems.push({ field, message: "Choose the day of your flight." })
  }
  for (const field of ["adults", "children", "infants"] as const) {
    if (!/^\d{1,2}$/.test(search[field])) problems.push({ field, message: "Give a number of passengers." })
  }
  if (!(search.cabin in CABIN_OF)) problems.push({ field: "cabin", message: "Choose one of the cabins." })
  return problems
}

/** The form's field for a part of a slice; backend names it the same in its problems. */
export function fieldOf(search: Search, index: number, part: keyof SliceRequest): string {
  if (search.trip === "multi_city") return `slices[${index}].${part}`
  return part === "date" ? ["depart_date", "return_date"][index]! : part
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
export const partyInWords = (search: Search): string => `${peopleInWords(search)} · ${cabinOf(search)}`

/** "Economy". */
export const cabinOf = ({ cabin }: Search): string => CABINS.find(([value]) => value === cabin)?.[1] ?? ""

/** "2 adults, 1 infant". */
export function peopleInWords(search: Search): string {
  const people = [
    [Number(search.adults), "adult", "adults"],
    [Number(search.children), "child", "children"],
    [Number(search.infants), "infant", "infants"],
  ] as const
  const words = people.filter(([count]) => count > 0).map(([count, one, many]) => formatCount(count, one, many))
  return words.join(", ")
}

export const cabinInWords = (cabin: Cabin): string =>
  CABINS.find(([value]) => CABIN_OF[value] === cabin)?.[1] ?? "Economy"

/** Slices as an address has them, "LHR-JFK-2027-01-10", or as the form sends them, each part in a field of its own. */
function writtenSlices(params: URLSearchParams): SliceRequest[] {
  const short = params.getAll("slice").flatMap((slice) => {
    const [, origin, destination, date] = /^([A-Za-z]{3})-([A-Za-z]{3})-(\d{4}-\d\d-\d\d)$/.exec(slice) ?? []
    return origin ? [{ origin: origin.toUpperCase(), destination: destination!.toUpperCase(), date: date! }] : []
  })
  if (short.length > 0) return short.slice(0, MOST_SLICES)
  const rows = Array.from({ length: MOST_SLICES }, (_, index) => index)
  return rows
    .filter((index) => params.has(`slices[${index}].origin`))
    .map((index) => ({
      origin: text(params, `slices[${index}].origin`),
      destination: text(params, `slices[${index}].destination`),
      date: text(params, `slices[${index}].date`),
    }))
}

/** What was said last: the form's own kind of trip comes before the button that asks for another kind. */
function tripOf(params: URLSearchParams, slices: readonly SliceRequest[]): Search["trip"] {
  const said = TRIPS.find(([trip]) => trip === params.getAll("trip").at(-1))?.[0]
  if (said) return said
  return slices.length > 0 ? "multi_city" : impliedTrip(text(params, "depart_date"), text(params, "return_date"))
}

/** What is meant by days alone. */
const impliedTrip = (departDate: string, returnDate: string): Search["trip"] =>
  departDate && !returnDate ? "one_way" : "return"

/** Without what every object inherits, such as "constructor". */
function named<T>(table: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), table)
}

function routeFields(search: Search): [string, string][] {
  const { trip, origin, destination, depart_date, return_date, slices } = search
  if (trip !== "multi_city") {
    const there: [string, string][] = [
      ["origin", origin],
      ["destination", destination],
      ["depart_date", depart_date],
    ]
    if (trip !== impliedTrip(depart_date, return_date)) there.unshift(["trip", trip])
    return return_date === "" ? there : [...there, ["return_date", return_date]]
  }
  const short = slices.map(({ origin, destination, date }) => `${origin}-${destination}-${date}`)
  if (short.every((slice) => /^[A-Z]{3}-[A-Z]{3}-\d{4}-\d\d-\d\d$/.test(slice)))
    return short.map((each) => ["slice", each])
  return slices.flatMap((slice, index) =>
    (["origin", "destination", "date"] as const).map((part): [string, string] => [
      `slices[${index}].${part}`,
      slice[part],
    ]),
  )
}

function thereAndBack(there: SliceRequest, returnDate: string): SliceRequest[] {
  return [there, { origin: there.destination, destination: there.origin, date: returnDate }]
}

/** The second of several flights begins where the first one ends, and leads back when a day for that was named. */
function onward(there: SliceRequest, returnDate: string): SliceRequest[] {
  const [first, back] = thereAndBack(there, returnDate)
  return [first!, returnDate ? back! : { ...back!, destination: "" }]
}
