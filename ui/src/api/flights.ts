import {
  type Facet,
  type FareBrand,
  type FlightSegment,
  type Offer,
  type Place,
  type Price,
  type PriceLine,
  PriceLineKind,
  type Slice,
} from "@airside/protos/airside/flights/v1/flights"
import type { Money } from "@airside/protos/airside/type/v1/money"
import { endpoint } from "./endpoint.ts"
import {
  cabins,
  conditions,
  conditionsShapes,
  route,
  searchShape,
  toSearchRequest,
  travellers,
  travellersShapes,
} from "./flight-search.ts"
import { moneyShape, toMoney } from "./money.ts"
import { codeShape, dateShape, instantShape } from "./parts.ts"
import { choice, flag, integer, list, nullable, number, object, optional, text } from "./shape.ts"
import { instant, present, wordsOf } from "./words.ts"

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
    duration_minutes: integer(),
    connections: integer(),
    seats_left: integer({ minimum: 0, maximum: 9, description: "9 means nine or more." }),
    segments: list(object(segmentShapes, { title: "Segment" })),
    fares: list(object({ brand: text({ example: "flex" }), token: text(), total: moneyShape }, { title: "Fare" }), {
      description:
        "Every brand that the search allows, lowest first; token, brand and price above are the first one's.",
    }),
    choice: flag({
      description: "No other offer of the slice is as good in price, duration and connections and better in one.",
    }),
  },
  { title: "Offer" },
)

const facetsShape = list(
  object({ code: text({ example: "QV" }), name: text(), lowest_price: nullable(moneyShape) }, { title: "Facet" }),
  { maximum: 10_000 },
)

const sliceShape = object(
  {
    origin: codeShape,
    destination: codeShape,
    date: dateShape,
    offers: list(offerShape),
    found: integer({ description: "Offers there are; more than offers when the limit cut them." }),
    facets: object(
      {
        carriers: facetsShape,
        connecting_airports: facetsShape,
        origin_airports: facetsShape,
        destination_airports: facetsShape,
      },
      { title: "Facets", description: "What the slice has before its filters." },
    ),
  },
  { title: "Slice" },
)

const brandShape = object(
  {
    name: text({ example: "flex" }),
    title: text({ example: "Flex" }),
    cabin_bag: text(),
    checked_bag: text(),
    seat_choice: text(),
    changes: text(),
    refunds: text(),
    cancellation_fee_percent: integer({ description: "Of the fare, kept when the booking is cancelled." }),
    checked_bags: integer(),
    chooses_seats: flag({ description: "Without it seats are assigned at check-in." }),
  },
  { title: "FareBrand" },
)

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
    summary: "Offers for one way, for there and back, or for two to six slices",
    query: searchShape,
    success: { status: 200, answer: object({ slices: list(sliceShape) }) },
    async run({ clients, query }) {
      const { slices } = await clients.flights.searchFlights(toSearchRequest(query))
      return { slices: slices.map(toSlice) }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/flights/brands",
    summary: "The fare brands, lowest first, with what they include",
    success: { status: 200, answer: object({ brands: list(brandShape) }) },
    async run({ clients }) {
      const { brands } = await clients.flights.listFareBrands({})
      return { brands: brands.map(toBrand) }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/flights/calendar",
    summary: "The lowest price of the same search on each day of a month or two",
    query: object({
      origin: codeShape,
      destination: codeShape,
      month: text({ pattern: /^\d{4}-(0[1-9]|1[0-2])$/, must: "must be a month as YYYY-MM", example: "2027-01" }),
      months: optional(integer({ minimum: 1, maximum: 2, default: 1 })),
      ...travellersShapes,
      ...conditionsShapes,
    }),
    success: {
      status: 200,
      answer: object({ days: list(object({ date: dateShape, lowest_price: nullable(moneyShape) })) }),
    },
    async run({ clients, query }) {
      const { days } = await clients.flights.getFareCalendar({
        ...route(query),
        ...travellers(query),
        ...conditions(query),
        month: query.month,
        months: query.months ?? 1,
      })
      return { days: days.map(({ date, lowestPrice }) => ({ date, lowest_price: moneyOrNull(lowestPrice) })) }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/flights/grid",
    summary: "The lowest price of the same search on the days around the wished ones; there and back, of every pair",
    query: object({
      origin: codeShape,
      destination: codeShape,
      depart_date: dateShape,
      return_date: optional(dateShape),
      days_around: optional(integer({ minimum: 1, maximum: 3, default: 3 })),
      ...travellersShapes,
      ...conditionsShapes,
    }),
    success: {
      status: 200,
      answer: object({
        cells: list(
          object({ depart_date: dateShape, return_date: nullable(dateShape), lowest_price: nullable(moneyShape) }),
        ),
      }),
    },
    async run({ clients, query }) {
      const { cells } = await clients.flights.getFareGrid({
        ...route(query),
        ...travellers(query),
        ...conditions(query),
        departDate: query.depart_date,
        returnDate: query.return_date ?? "",
        daysAround: query.days_around ?? 0,
      })
      return {
        cells: cells.map(({ departDate, returnDate, lowestPrice }) => ({
          depart_date: departDate,
          return_date: returnDate || null,
          lowest_price: moneyOrNull(lowestPrice),
        })),
      }
    },
  }),
]

const toPlace = ({ countryCode, timeZone, ...place }: Place) => ({
  ...place,
  country_code: countryCode,
  time_zone: timeZone,
})

const toSlice = ({ origin, destination, date, offers, found, ...facets }: Slice) => ({
  origin,
  destination,
  date,
  offers: offers.map(toOffer),
  found,
  facets: {
    carriers: facets.carriers.map(toFacet),
    connecting_airports: facets.connectingAirports.map(toFacet),
    origin_airports: facets.originAirports.map(toFacet),
    destination_airports: facets.destinationAirports.map(toFacet),
  },
})

const toFacet = ({ code, name, lowestPrice }: Facet) => ({ code, name, lowest_price: moneyOrNull(lowestPrice) })

const toBrand = (brand: FareBrand) => ({
  name: brand.name,
  title: brand.title,
  cabin_bag: brand.cabinBag,
  checked_bag: brand.checkedBag,
  seat_choice: brand.seatChoice,
  changes: brand.changes,
  refunds: brand.refunds,
  cancellation_fee_percent: brand.cancellationFeePercent,
  checked_bags: brand.checkedBags,
  chooses_seats: brand.choosesSeats,
})

const moneyOrNull = (money: Money | undefined) => (money ? toMoney(money) : null)

const toOffer = (offer: Offer) => ({
  token: offer.token,
  expires_at: instant(offer.expireTime),
  cabin: cabins.toWord(offer.cabin),
  brand: offer.brand,
  refundable: offer.refundable,
  price: toPrice(offer.price),
  duration_minutes: offer.durationMinutes,
  connections: offer.connections,
  seats_left: offer.seatsLeft,
  segments: offer.segments.map(toSegment),
  fares: offer.fares.map(({ brand, token, total }) => ({ brand, token, total: toMoney(total) })),
  choice: offer.choice,
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
