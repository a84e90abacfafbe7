import { SearchFilters } from "@airside/protos/airside/flights/v1/flights"
import { formatDuration } from "../format.ts"
import { toWindow } from "../time-window.ts"

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/
const CODE = /^[A-Z]{3}$/

/** What a list of offers can be narrowed to, by the names in the address: what a value looks like, and says. */
const FILTERS = {
  max_connections: { pattern: /^[01]$/, words: (value: string) => (value === "0" ? "Direct only" : "At most 1 stop") },
  departure_from: { pattern: TIME, words: (value: string) => `Leaves ${value} or later` },
  departure_until: { pattern: TIME, words: (value: string) => `Leaves by ${value}` },
  arrival_from: { pattern: TIME, words: (value: string) => `Arrives ${value} or later` },
  arrival_until: { pattern: TIME, words: (value: string) => `Arrives by ${value}` },
  carrier: { pattern: /^[A-Z0-9]{2,3}$/, words: (_: string, name: string) => name },
  origin_airport: { pattern: CODE, words: (_: string, name: string) => `From ${name}` },
  destination_airport: { pattern: CODE, words: (_: string, name: string) => `To ${name}` },
  connecting_airport: { pattern: CODE, words: (_: string, name: string) => `Via ${name}` },
  longest_duration_minutes: {
    pattern: /^[1-9]\d{1,3}$/,
    words: (value: string) => `At most ${formatDuration(Number(value))}`,
  },
  highest_price: { pattern: /^[1-9]\d{0,8}$/, words: (value: string) => `At most ${value}` },
  checked_bag: { pattern: /^true$/, words: () => "With a checked bag" },
}

export type FilterName = keyof typeof FILTERS
const NAMES = Object.keys(FILTERS) as FilterName[]

/** Of these there may be several; any one of them will do. */
const SEVERAL: readonly FilterName[] = ["carrier", "origin_airport", "destination_airport", "connecting_airport"]
/** These hold for every slice of the trip, the others for one. */
const WHOLE_TRIP: readonly FilterName[] = ["max_connections", "carrier", "checked_bag"]
const MOST_OF_A_NAME = 30

/** One thing that somebody asked for. */
export interface Filter {
  name: FilterName
  value: string
  /** Index of the slice that it concerns; not set: all of them. */
  slice?: number
}

/**
 * The filters of an address. `departure_from` concerns every slice, `departure_from.2` the second alone. What is
 * malformed, or concerns a slice that the trip has not, is left out.
 */
export function filtersFrom(params: URLSearchParams, slices: number): Filter[] {
  const given = Map.groupBy(params, ([key]) => key)
  const named = new Set([...given.keys()].map((key) => key.split(".")[0]))
  return NAMES.filter((name) => named.has(name)).flatMap((name) => {
    const values = (key: string) => {
      const all = given.get(key)?.map(([, value]) => value) ?? []
      const valid = all.filter((value) => FILTERS[name].pattern.test(value))
      return SEVERAL.includes(name) ? [...new Set(valid)].sort().slice(0, MOST_OF_A_NAME) : valid.slice(-1)
    }
    if (WHOLE_TRIP.includes(name)) return values(name).map((value) => ({ name, value }))
    return Array.from({ length: slices }, (_, slice) => {
      const own = values(`${name}.${slice + 1}`)
      return (own.length > 0 ? own : values(name)).map((value) => ({ name, value, slice }))
    }).flat()
  })
}

/** The name in address and form of a filter of one slice of so many. */
export const filterKey = (name: FilterName, slice: number, slices: number): string =>
  slices > 1 && !WHOLE_TRIP.includes(name) ? `${name}.${slice + 1}` : name

/** Filters as fields of an address, for a trip of so many slices. */
export const filterFields = (filters: readonly Filter[], slices: number): [name: string, value: string][] =>
  filters.map(({ name, value, slice = 0 }) => [filterKey(name, slice, slices), value])

/** Those that the offers of one slice are narrowed by. */
export const filtersOf = (filters: readonly Filter[], slice: number): Filter[] =>
  filters.filter((filter) => filter.slice === undefined || filter.slice === slice)

/** "Direct only", "Via Frankfurt": `nameOf` knows what carriers and airports are called, and prices their currency. */
export const filterInWords = ({ name, value }: Filter, nameOf: (name: FilterName, value: string) => string): string =>
  name === "highest_price" ? `At most ${nameOf(name, value)}` : FILTERS[name].words(value, nameOf(name, value))

/** One slice's filters as backend takes them; `digits`: of the selling currency's minor units. */
export function toSearchFilters(filters: readonly Filter[], slice: number, digits: number): SearchFilters {
  const own = filtersOf(filters, slice)
  const all = (name: FilterName) => own.filter((filter) => filter.name === name).map(({ value }) => value)
  const one = (name: FilterName) => all(name)[0]
  return SearchFilters.fromPartial({
    departure: toWindow(one("departure_from"), one("departure_until")),
    arrival: toWindow(one("arrival_from"), one("arrival_until")),
    carriers: all("carrier"),
    originAirports: all("origin_airport"),
    destinationAirports: all("destination_airport"),
    connectingAirports: all("connecting_airport"),
    longestDurationMinutes: Number(one("longest_duration_minutes") ?? 0),
    highestPriceMinorUnits: BigInt(one("highest_price") ?? 0) * 10n ** BigInt(digits),
    checkedBag: one("checked_bag") !== undefined,
  })
}
