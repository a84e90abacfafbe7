import {
  Cabin,
  type FlightSegment,
  type Offer,
  type Place,
  type Price,
  type PriceLine,
  PriceLineKind,
  SearchFlightsRequest,
  SearchSort,
} from "@airside/protos/airside/flights/v1/flights"
import { endpoint } from "./endpoint.ts"
import { moneyShape, toMoney } from "./money.ts"
import { codeShape, dateShape, instantShape } from "./parts.ts"
import { choice, flag, integer, list, nullable, number, object, optional, text } from "./shape.ts"
import { instant, present, wordsOf } from "./words.ts"

export const cabins = wordsOf(Cabin)
const sorts = wordsOf(SearchSort)
const lineKinds = wordsOf(PriceLineKind)

const placeShape = object(
  {
    code: codeShape,
    name: text({ example: "Indira Gandhi International Airport" }),
    city: text({ example: "Delhi" }),
    country: text({ example: "India" }),
    country_code: text({ example: "IN" }),
    time_zone: text({ example: "Asia/Kolkata" }),
    latitude: number({ example: 28.5665 }),
    longitude: number({ example: 77.1031 }),
    airports: list(codeShape, { description: "Of a city: its airports' codes. Empty for an airport." }),
  },
  { title: "Place" },
)

export const linesShape = list(
  object(
    {
      kind: choice(lineKinds.words),
      label: text({ example: "Fare" }),
      amount: moneyShape,
    },
    { title: "PriceLine" },
  ),
  { maximum: 1000 },
)

/** The total is the sum of the lines. */
export const priceShape = object({ total: moneyShape, lines: linesShape }, { title: "Price" })

export const segmentShapes = {
  flight_number: text({ example: "QV204" }),
  carrier: text({ example: "QV" }),
  carrier_name: text({ example: "Quill Air" }),
  origin: codeShape,
  destination: codeShape,
  departs_at: text({ format: "date-time", example: "2027-01-10T08:00:00+05:30", description: "Local at the origin." }),
  arrives_at: text({ format: "date-time", example: "2027-01-10T10:05:00+05:30", description: "Local on arrival." }),
  duration_minutes: integer(),
  aircraft: text({ example: "A320" }),
}

const offerShape = object(
  {
    token: text({ description: "For price and book, until expires_at." }),
    expires_at: instantShape,
    cabin: choice(cabins.words),
    brand: text({ example: "light", description: "The lowest one." }),
    refundable: flag(),
    price: priceShape,
    fares: list(
      object(
        {
          brand: text({ example: "standard" }),
          token: text({ description: "Books the offer in this brand." }),
          total: moneyShape,
        },
        { title: "Fare" },
      ),
      { description: "Every brand, lowest first." },
    ),
    duration_minutes: integer(),
    connections: integer(),
    seats_left: integer({ minimum: 0, maximum: 9, description: "9 means nine or more." }),
    segments: list(object(segmentShapes, { title: "Segment" })),
  },
  { title: "Offer" },
)

const travellersShapes = {
  cabin: optional(choice(cabins.words, { default: "economy" })),
  adults: optional(integer({ minimum: 1, maximum: 9, default: 1 })),
  children: optional(integer({ minimum: 0, maximum: 9, default: 0 })),
  infants: optional(integer({ minimum: 0, maximum: 9, default: 0, description: "On the lap of an adult." })),
}

export const flightEndpoints = [
  endpoint({
    method: "GET",
    path: "/api/places/search",
    summary: "Airports and cities by code, city, name or country, best match first",
    query: object({
      q: text({ minimum: 1, maximum: 100, example: "del" }),
      page_size: optional(integer({ minimum: 1, maximum: 50, default: 10 })),
    }),
    success: { status: 200, answer: object({ places: list(placeShape) }) },
    async run({ clients, query }) {
      const { places } = await clients.flights.searchPlaces({ query: query.q, pageSize: query.page_size ?? 0 })
      return { places: places.map(toPlace) }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/flights/search",
    summary: "Offers for one way, or for there and back",
    query: object({
      origin: codeShape,
      destination: codeShape,
      depart_date: dateShape,
      return_date: optional(dateShape),
      ...travellersShapes,
      max_connections: optional(integer({ minimum: 0, maximum: 5 })),
      sort: optional(choice(sorts.words, { default: "best" })),
      limit: optional(integer({ minimum: 1, maximum: 100, default: 20, description: "Offers a slice." })),
    }),
    success: {
      status: 200,
      answer: object({
        slices: list(
          object(
            { origin: codeShape, destination: codeShape, date: dateShape, offers: list(offerShape) },
            { title: "Slice" },
          ),
        ),
      }),
    },
    async run({ clients, query }) {
      const { slices } = await clients.flights.searchFlights(
        SearchFlightsRequest.fromPartial({
          ...route(query),
          ...travellers(query),
          departDate: query.depart_date,
          returnDate: query.return_date ?? "",
          maxConnections: query.max_connections,
          sort: sorts.toEnum(query.sort),
          limit: query.limit ?? 0,
        }),
      )
      return {
        slices: slices.map(({ origin, destination, date, offers }) => ({
          origin,
          destination,
          date,
          offers: offers.map(toOffer),
        })),
      }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/flights/calendar",
    summary: "The lowest price of each day of a month",
    query: object({
      origin: codeShape,
      destination: codeShape,
      month: text({ pattern: /^\d{4}-(0[1-9]|1[0-2])$/, must: "must be a month as YYYY-MM", example: "2027-01" }),
      ...travellersShapes,
    }),
    success: {
      status: 200,
      answer: object({ days: list(object({ date: dateShape, lowest_price: nullable(moneyShape) })) }),
    },
    async run({ clients, query }) {
      const { days } = await clients.flights.getFareCalendar({
        ...route(query),
        ...travellers(query),
        month: query.month,
        months: 1,
      })
      return {
        days: days.map(({ date, lowestPrice }) => ({ date, lowest_price: lowestPrice ? toMoney(lowestPrice) : null })),
      }
    },
  }),
]

const route = (query: { origin: string; destination: string }) => ({
  origin: query.origin.toUpperCase(),
  destination: query.destination.toUpperCase(),
})

interface Travellers {
  cabin?: (typeof cabins.words)[number] | undefined
  adults?: number | undefined
  children?: number | undefined
  infants?: number | undefined
}

/** One adult where nothing is said. */
const travellers = ({ cabin, adults, children = 0, infants = 0 }: Travellers) => ({
  cabin: cabins.toEnum(cabin),
  adults: adults ?? 1,
  children,
  infants,
})

const toPlace = ({ countryCode, timeZone, ...place }: Place) => ({
  ...place,
  country_code: countryCode,
  time_zone: timeZone,
})

const toOffer = (offer: Offer) => ({
  token: offer.token,
  expires_at: instant(offer.expireTime),
  cabin: cabins.toWord(offer.cabin),
  brand: offer.brand,
  refundable: offer.refundable,
  price: toPrice(offer.price),
  fares: offer.fares.map(({ brand, token, total }) => ({ brand, token, total: toMoney(total) })),
  duration_minutes: offer.durationMinutes,
  connections: offer.connections,
  seats_left: offer.seatsLeft,
  segments: offer.segments.map(toSegment),
})

export const toSegment = (segment: FlightSegment) => ({
  flight_number: segment.flightNumber,
  carrier: segment.carrier,
  carrier_name: segment.carrierName,
  origin: segment.origin,
  destination: segment.destination,
  departs_at: segment.departsAt,
  arrives_at: segment.arrivesAt,
  duration_minutes: segment.durationMinutes,
  aircraft: segment.aircraft,
})

export const toPrice = (price: Price | undefined) => ({
  total: toMoney(present(price).total),
  lines: toLines(present(price).lines),
})

export const toLines = (lines: readonly PriceLine[]) =>
  lines.map(({ kind, label, amount }) => ({ kind: lineKinds.toWord(kind), label, amount: toMoney(amount) }))
