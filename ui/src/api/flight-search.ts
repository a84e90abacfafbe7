import type { Problems } from "@airside/kernel/errors"
import { Cabin, SearchFilters, SearchFlightsRequest, SearchSort } from "@airside/protos/airside/flights/v1/flights"
import { toWindow } from "../time-window.ts"
import { codeShape, dateShape, isDate } from "./parts.ts"
import { choice, flag, integer, list, type ObjectShape, type Of, object, optional, text } from "./shape.ts"
import { wordsOf } from "./words.ts"

export const cabins = wordsOf(Cabin)
const sorts = wordsOf(SearchSort)

export const travellersShapes = {
  cabin: optional(choice(cabins.words, { default: "economy" })),
  adults: optional(integer({ minimum: 1, maximum: 9, default: 1 })),
  children: optional(integer({ minimum: 0, maximum: 9, default: 0 })),
  infants: optional(integer({ minimum: 0, maximum: 9, default: 0, description: "On the lap of an adult." })),
}

const timeShape = text({ pattern: /^([01]\d|2[0-3]):[0-5]\d$/, must: "must be a time as HH:MM", example: "06:00" })
const carrierShape = text({ pattern: /^[A-Za-z0-9]{2,3}$/, must: "must be an airline's code", example: "QV" })
const airportsShape = optional(list(codeShape, { maximum: 50 }))

/** What an itinerary must fulfil; the fare calendar and the fare grid take the same. */
export const conditionsShapes = {
  nearby_airports: optional(
    flag({ default: false, description: "Airports within 100 km of the places count as well." }),
  ),
  max_connections: optional(integer({ minimum: 0, maximum: 2, default: 2 })),
  departure_from: optional(timeShape),
  departure_until: optional(timeShape),
  arrival_from: optional(timeShape),
  arrival_until: optional(timeShape),
  carrier: optional(list(carrierShape, { maximum: 50, description: "Every segment is flown by one of these." })),
  connecting_airport: airportsShape,
  origin_airport: airportsShape,
  destination_airport: airportsShape,
  longest_duration_minutes: optional(integer({ minimum: 1, maximum: 10_000 })),
  highest_price_minor_units: optional(integer({ minimum: 1, description: "For all passengers together." })),
  checked_bag: optional(flag({ default: false, description: "Only fares that include one." })),
}

const SLICE = /^([A-Za-z]{3})-([A-Za-z]{3})-(\d{4}-\d{2}-\d{2})$/
const WITHOUT_SLICES = "Needed where no slice is given."

const parameters = object({
  origin: optional({ ...codeShape, schema: { ...codeShape.schema, description: WITHOUT_SLICES } }),
  destination: optional({ ...codeShape, schema: { ...codeShape.schema, description: WITHOUT_SLICES } }),
  depart_date: optional({ ...dateShape, schema: { ...dateShape.schema, description: WITHOUT_SLICES } }),
  return_date: optional(dateShape),
  slice: optional(
    list(
      text({
        pattern: SLICE,
        must: "must be two codes and a date, as LHR-JFK-2027-01-10",
        check: (slice) => isDate(slice.slice(8)),
        example: "LHR-JFK-2027-01-10",
      }),
      { minimum: 2, maximum: 6, description: "Repeated, one a slice; in place of origin, destination and dates." },
    ),
  ),
  ...travellersShapes,
  ...conditionsShapes,
  sort: optional(choice(sorts.words, { default: "best" })),
  limit: optional(integer({ minimum: 1, maximum: 100, default: 20, description: "Offers a slice." })),
})

type SearchQuery = Of<typeof parameters>

/** Either origin, destination and dates, or slices. The filters hold for every slice. */
export const searchShape: ObjectShape<SearchQuery> = {
  ...parameters,
  parse(value, path, problems) {
    const query = parameters.parse(value, path, problems)
    addRouteProblems(value as Record<string, unknown>, problems)
    return query
  },
}

function addRouteProblems(given: Record<string, unknown>, problems: Problems) {
  const several = given.slice !== undefined
  for (const name of ["origin", "destination", "depart_date"]) {
    if (!several && given[name] === undefined) problems.add(name, "is missing")
    if (several && given[name] !== undefined) problems.add(name, "does not go with slice")
  }
  if (several && given.return_date !== undefined) problems.add("return_date", "does not go with slice")
}

export const toSearchRequest = (query: SearchQuery): SearchFlightsRequest =>
  SearchFlightsRequest.fromPartial({
    ...route(query),
    ...travellers(query),
    ...conditions(query),
    departDate: query.depart_date ?? "",
    returnDate: query.return_date ?? "",
    slices: (query.slice ?? []).map((slice) => {
      const [, origin, destination, date] = SLICE.exec(slice)!
      return { origin: origin!.toUpperCase(), destination: destination!.toUpperCase(), date: date! }
    }),
    sort: sorts.toEnum(query.sort),
    limit: query.limit ?? 0,
  })

export const route = ({
  origin = "",
  destination = "",
}: {
  origin?: string | undefined
  destination?: string | undefined
}) => ({
  origin: origin.toUpperCase(),
  destination: destination.toUpperCase(),
})

interface Travellers {
  cabin?: (typeof cabins.words)[number] | undefined
  adults?: number | undefined
  children?: number | undefined
  infants?: number | undefined
}

/** One adult where nothing is said. */
export const travellers = ({ cabin, adults, children = 0, infants = 0 }: Travellers) => ({
  cabin: cabins.toEnum(cabin),
  adults: adults ?? 1,
  children,
  infants,
})

type Conditions = { [Name in keyof typeof conditionsShapes]?: Of<(typeof conditionsShapes)[Name]> }

/** One filter, which holds for every slice. */
export function conditions(query: Conditions) {
  const codes = (given: readonly string[] = []) => given.map((code) => code.toUpperCase())
  const filters = SearchFilters.fromPartial({
    departure: toWindow(query.departure_from, query.departure_until),
    arrival: toWindow(query.arrival_from, query.arrival_until),
    carriers: codes(query.carrier),
    connectingAirports: codes(query.connecting_airport),
    originAirports: codes(query.origin_airport),
    destinationAirports: codes(query.destination_airport),
    longestDurationMinutes: query.longest_duration_minutes ?? 0,
    highestPriceMinorUnits: BigInt(query.highest_price_minor_units ?? 0),
    checkedBag: query.checked_bag ?? false,
  })
  return { nearbyAirports: query.nearby_airports ?? false, maxConnections: query.max_connections, filters: [filters] }
}
