import {
  type Booking,
  BookingStatus,
  Gender,
  type HoldBookingRequest,
  type OrderedSlice,
  type Passenger,
  PassengerType,
  type Ticket,
  TicketStatus,
} from "@airside/protos/airside/bookings/v1/bookings"
import { endpoint } from "./endpoint.ts"
import { cabins } from "./flight-search.ts"
import { linesShape, priceShape, segmentShapes, toLines, toPrice, toSegment } from "./flights.ts"
import { exactNumber, moneyShape, toMoney } from "./money.ts"
import { dateShape, instantShape, nextPageShape, pageOf, pageShapes } from "./parts.ts"
import { choice, integer, list, nullable, type Of, object, optional, text } from "./shape.ts"
import { instant, instantOrNull, present, wordsOf } from "./words.ts"

const statuses = wordsOf(BookingStatus)
const types = wordsOf(PassengerType)
const genders = wordsOf(Gender)
const ticketStatuses = wordsOf(TicketStatus)
const GENDERS = [...genders.words, "unspecified"] as const

const contactShape = object({
  email: text({ maximum: 500, format: "email", example: "ada@example.com" }),
  phone: optional(text({ maximum: 100, example: "+44 20 7946 0000" })),
})

export const bookingShape = object(
  {
    reference: text({ example: "K7M2QX" }),
    status: choice(statuses.words),
    hold_expires_at: nullable(instantShape),
    total: moneyShape,
    price: object({ lines: linesShape }),
    segments: list(
      object(
        {
          id: text(),
          slice: integer({ description: "0 for the way out, 1 for the way back; of several flights, their order." }),
          cabin: choice(cabins.words),
          brand: text(),
          ...segmentShapes,
        },
        { title: "BookingSegment" },
      ),
    ),
    passengers: list(
      object(
        {
          id: text(),
          type: choice(types.words),
          given_name: text(),
          family_name: text(),
          birth_date: text({ format: "date" }),
          gender: choice(GENDERS),
        },
        { title: "BookingPassenger" },
      ),
    ),
    contact: object({ email: text(), phone: text() }),
    tickets: list(
      object(
        {
          number: text({ example: "9990000000001" }),
          passenger_id: text(),
          segment_id: text(),
          seat: nullable(text({ example: "12C" })),
          status: choice(ticketStatuses.words),
        },
        { title: "Ticket" },
      ),
    ),
    seats: list(object({ passenger_id: text(), segment_id: text(), seat: text() })),
    payment: nullable(object({ id: text(), amount: moneyShape, refunded: moneyShape })),
    points: object({ redeemed: integer(), earned: integer() }),
    promo_code: nullable(text()),
    create_time: instantShape,
  },
  { title: "Booking" },
)

const name = text({ minimum: 1, maximum: 200 })
const passengersShape = list(
  object(
    {
      type: choice(types.words),
      given_name: name,
      family_name: name,
      birth_date: dateShape,
      gender: optional(choice(GENDERS)),
    },
    { title: "Passenger" },
  ),
  { minimum: 1, maximum: 18 },
)
/** A price needs no names yet. */
const travellersShape = list(
  object(
    {
      type: choice(types.words),
      given_name: optional(name),
      family_name: optional(name),
      birth_date: optional(dateShape),
      gender: optional(choice(GENDERS)),
    },
    { title: "Traveller" },
  ),
  { minimum: 1, maximum: 18 },
)
const orderShapes = {
  offer_tokens: list(text({ minimum: 1, maximum: 1000 }), { minimum: 1, maximum: 6, description: "One a slice." }),
  promo_code: optional(text({ maximum: 100, example: "SAVE10" })),
  points: optional(integer({ minimum: 0, description: "Points to spend; StartCheckout redeems them." })),
}
const priceOrderShape = object({
  ...orderShapes,
  passengers: travellersShape,
  contact: optional(contactShape),
})
const holdOrderShape = object({ ...orderShapes, passengers: passengersShape, contact: contactShape })

const pricedSliceShape = object(
  {
    cabin: choice(cabins.words),
    brand: text({ example: "light" }),
    segments: list(object(segmentShapes, { title: "Segment" })),
    total: moneyShape,
  },
  { title: "PricedSlice", description: "With its flights as they are now; total is before promo code and points." },
)

const EXAMPLE = {
  offer_tokens: ["the token of an offer"],
  passengers: [{ type: "adult", given_name: "Ada", family_name: "Lovelace", birth_date: "1990-12-10" }],
  contact: { email: "ada@example.com" },
}
const ORDER_REASONS = {
  OFFER_INVALID: 422,
  OFFER_EXPIRED: 409,
  OFFER_CHANGED: 409,
  OFFERS_DO_NOT_COMBINE: 409,
  SALES_CLOSED: 409,
  PROMO_UNKNOWN: 409,
  PROMO_NOT_APPLICABLE: 409,
  POINTS_NEED_ACCOUNT: 409,
  NOT_ENOUGH_POINTS: 409,
}

export const bookingEndpoints = [
  endpoint({
    method: "POST",
    path: "/api/flights/price",
    summary: "What booking would cost; keeps nothing",
    body: priceOrderShape,
    example: EXAMPLE,
    success: {
      status: 200,
      answer: object({
        total: moneyShape,
        price: priceShape,
        slices: list(pricedSliceShape, { description: "One an offer token, in their order." }),
      }),
    },
    reasons: ORDER_REASONS,
    async run({ clients, body, caller }) {
      const answer = await clients.bookings.priceBooking(toOrder(body), await caller())
      const price = toPrice(answer.price)
      return { total: price.total, price, slices: answer.slices.map(toPricedSlice) }
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/flights/book",
    summary: "Hold seats at the offered price until they are paid; the hold lapses by itself",
    body: holdOrderShape,
    example: EXAMPLE,
    success: {
      status: 201,
      answer: object({
        booking: bookingShape,
        access_token: optional(text({ description: "For a guest: opens this booking, and only this." })),
      }),
    },
    reasons: { ...ORDER_REASONS, SOLD_OUT: 409 },
    async run({ clients, body, requestId, caller }) {
      const contact = { email: body.contact.email, phone: body.contact.phone ?? "" }
      const answer = await clients.bookings.holdBooking({ requestId, ...toOrder(body), contact }, await caller())
      return opened(answer)
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/bookings",
    summary:
      "The caller's bookings: upcoming ones, soonest departure first; then landed, expired and cancelled ones, latest first",
    query: object(pageShapes),
    success: {
      status: 200,
      answer: object({
        bookings: list(bookingShape),
        upcoming_count: integer({ description: "How many of these, from the first one, are upcoming." }),
        next_page_token: nextPageShape,
      }),
    },
    reasons: { LOG_IN_REQUIRED: 401 },
    async run({ clients, query, caller }) {
      const answer = await clients.bookings.listBookings(pageOf(query), await caller())
      return {
        bookings: answer.bookings.map(toBooking),
        upcoming_count: answer.upcomingCount,
        next_page_token: answer.nextPageToken || undefined,
      }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/bookings/:reference",
    summary: "One booking",
    success: { status: 200, answer: object({ booking: bookingShape }) },
    reasons: { BOOKING_NOT_FOUND: 404, LOG_IN_REQUIRED: 401 },
    async run({ clients, sessions, request, params: { reference } }) {
      const { booking } = await sessions.asOwnerOf(request, reference, (options) =>
        clients.bookings.getBooking({ reference }, options),
      )
      return { booking: toBooking(present(booking)) }
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/bookings/find",
    summary: "Open a booking by its reference and a passenger's family name",
    body: object({ reference: text({ maximum: 50 }), family_name: text({ maximum: 200 }) }),
    example: { reference: "K7M2QX", family_name: "Lovelace" },
    success: { status: 200, answer: object({ booking: bookingShape, access_token: optional(text()) }) },
    reasons: { BOOKING_NOT_FOUND: 404, TOO_MANY_ATTEMPTS: 429 },
    async run({ clients, body, requestId, caller }) {
      const request = { requestId, reference: body.reference, familyName: body.family_name }
      return opened(await clients.bookings.findBooking(request, await caller()))
    },
  }),
]

function toOrder(body: Of<typeof priceOrderShape>): Omit<HoldBookingRequest, "requestId" | "contact"> {
  return {
    offerTokens: body.offer_tokens,
    passengers: body.passengers.map(
      (passenger): Passenger => ({
        id: "",
        type: types.toEnum(passenger.type),
        givenName: passenger.given_name ?? "",
        familyName: passenger.family_name ?? "",
        birthDate: passenger.birth_date ?? "",
        gender: genders.toEnum(passenger.gender),
      }),
    ),
    promoCode: body.promo_code ?? "",
    points: BigInt(body.points ?? 0),
  }
}

const toPricedSlice = ({ cabin, brand, segments, total }: OrderedSlice): Of<typeof pricedSliceShape> => ({
  cabin: cabins.toWord(cabin),
  brand,
  segments: segments.map(toSegment),
  total: toMoney(total),
})

const opened = ({ booking, accessToken }: { booking: Booking | undefined; accessToken: string }) => ({
  booking: toBooking(present(booking)),
  access_token: accessToken || undefined,
})

export function toBooking(booking: Booking): Of<typeof bookingShape> {
  return {
    reference: booking.reference,
    status: statuses.toWord(booking.status),
    hold_expires_at: instantOrNull(booking.holdExpireTime),
    total: toMoney(booking.price?.total),
    price: { lines: toLines(booking.price?.lines ?? []) },
    segments: booking.segments.map(({ id, slice, cabin, brand, flight }) => ({
      id,
      slice,
      cabin: cabins.toWord(cabin),
      brand,
      ...toSegment(present(flight)),
    })),
    passengers: booking.passengers.map((passenger) => ({
      id: passenger.id,
      type: types.toWord(passenger.type),
      given_name: passenger.givenName,
      family_name: passenger.familyName,
      birth_date: passenger.birthDate,
      gender: genders.toWord(passenger.gender),
    })),
    contact: { email: booking.contact?.email ?? "", phone: booking.contact?.phone ?? "" },
    tickets: booking.tickets.map(toTicket),
    seats: booking.seats.map(({ passengerId, segmentId, seat }) => ({
      passenger_id: passengerId,
      segment_id: segmentId,
      seat,
    })),
    payment: booking.payment
      ? {
          id: booking.payment.id,
          amount: toMoney(booking.payment.amount),
          refunded: toMoney(booking.payment.refunded),
        }
      : null,
    points: {
      redeemed: exactNumber(booking.points?.redeemed ?? 0n),
      earned: exactNumber(booking.points?.earned ?? 0n),
    },
    promo_code: booking.promoCode || null,
    create_time: instant(booking.createTime),
  }
}

const toTicket = (ticket: Ticket) => ({
  number: ticket.number,
  passenger_id: ticket.passengerId,
  segment_id: ticket.segmentId,
  seat: ticket.seat || null,
  status: ticketStatuses.toWord(ticket.status),
})
