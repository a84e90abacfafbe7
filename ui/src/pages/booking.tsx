import type { RequestOptions } from "@airside/kernel/rpc-client"
import {
  type Booking,
  BookingStatus,
  type Passenger,
  PassengerType,
  TicketStatus,
} from "@airside/protos/airside/bookings/v1/bookings"
import type { FareBrand } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatInstant, formatMoney, formatPoints } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { bookingJourneys, TimeLeft } from "./booking-parts.tsx"
import { Explanation, headline } from "./booking-words.tsx"
import { choosesSeats, listBrands } from "./fare-brands.ts"
import { text } from "./form.tsx"
import { asOwner } from "./owner.ts"
import { PASSENGER_WORDS } from "./passengers.tsx"
import { PriceLines } from "./selection.tsx"
import { canBeCancelled, canBePaid, isMoving, StatusBadge } from "./status.tsx"

const MOST_LOOKS = 40
const LOOK_SECONDS = 2

/** One booking: the ticket, or what is still missing to it. */
export const bookingPage = (context: UiContext) =>
  new Elysia().get("/bookings/:reference", ({ request, params: { reference } }) =>
    asOwner(context, request, reference, (options) => showBooking(context, request, reference, options)),
  )

async function showBooking(
  { clients, sessions }: UiContext,
  request: Request,
  reference: string,
  options: RequestOptions,
): Promise<Response> {
  const { user } = await sessions.identityOf(request)
  const booking = (await clients.bookings.getBooking({ reference }, options)).booking!
  const brands = await listBrands(clients)
  const forStaff = user?.staff === true && user.id !== booking.userId
  const looks = Number(text(new URL(request.url).searchParams, "look")) || 0
  const looksAgain = isMoving(booking) && looks < MOST_LOOKS
  const again = `/bookings/${booking.reference}?look=${looks + 1}`
  const moving = looksAgain && {
    "hx-get": again,
    "hx-trigger": `load delay:${LOOK_SECONDS}s`,
    "hx-target": "#booking",
    "hx-select": "#booking",
    "hx-swap": "outerHTML",
  }
  return respond(
    <Page
      title={`Booking ${booking.reference}`}
      user={user}
      path="/trips"
      refresh={looksAgain ? { seconds: LOOK_SECONDS, location: again } : undefined}
    >
      <div id="booking" {...(moving || {})}>
        <div class="page-head">
          <div>
            <p class="booking-status">
              <StatusBadge status={booking.status} />
            </p>
            <h1>{headline(booking.status, forStaff)}</h1>
            <p>
              Booking reference <b class="reference">{booking.reference}</b>
            </p>
          </div>
          {canBePaid(booking.status) && <TimeLeft until={booking.holdExpireTime} />}
        </div>
        <Explanation status={booking.status} looksAgain={looksAgain} forStaff={forStaff} />
        <div class="two-columns">
          <div>
            <section class="card" aria-labelledby="trip-title">
              <h2 id="trip-title">Flights</h2>
              {await bookingJourneys(clients, booking)}
            </section>
            <Passengers booking={booking} brands={brands} />
          </div>
          <aside>
            <Money booking={booking} />
            <Actions booking={booking} brands={brands} forStaff={forStaff} />
          </aside>
        </div>
      </div>
    </Page>,
  )
}

interface BookingProps {
  booking: Booking
  brands: readonly FareBrand[]
}

function Passengers({ booking, brands }: BookingProps) {
  return (
    <section class="card" aria-labelledby="passengers-title">
      <h2 id="passengers-title">{booking.tickets.length > 0 ? "Passengers and tickets" : "Passengers"}</h2>
      <ul class="card-list tickets">
        {booking.passengers.map((passenger) => (
          <li>
            <div>
              <b>
                {passenger.givenName} {passenger.familyName}
              </b>{" "}
              <span class="muted">{PASSENGER_WORDS[passenger.type]}</span>
            </div>
            <TicketsOf {...{ booking, brands, passenger }} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function TicketsOf({ booking, brands, passenger }: BookingProps & { passenger: Passenger }) {
  const withoutSeat = (brand: string) => {
    if (passenger.type === PassengerType.INFANT) return "On an adult’s lap"
    return choosesSeats(brands, brand) ? "No seat chosen" : "Seat at check-in"
  }
  return (
    <ul class="ticket-list">
      {booking.segments.map((segment) => {
        const ticket = booking.tickets.find(
          (each) => each.passengerId === passenger.id && each.segmentId === segment.id,
        )
        const chosen = booking.seats.find((each) => each.passengerId === passenger.id && each.segmentId === segment.id)
        const seat = ticket?.seat || chosen?.seat
        return (
          <li>
            <span>{segment.flight?.flightNumber}</span>
            {ticket?.status === TicketStatus.REFUNDED ? (
              <span>
                <small class="status bad">Refunded</small>
              </span>
            ) : (
              <span class="muted">{seat ? `Seat ${seat}` : withoutSeat(segment.brand)}</span>
            )}
            {ticket && (
              <span class="ticket-number">
                <span class="hidden-visually">Ticket </span>
                {ticketInWords(ticket.number)}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function Money({ booking }: { booking: Booking }) {
  const { payment, points, price } = booking
  const refunded = payment?.refunded && payment.refunded.minorUnits > 0n ? payment.refunded : undefined
  const paid = !canBePaid(booking.status) && payment
  return (
    <section class="card" aria-labelledby="price-title">
      <h2 id="price-title">Price</h2>
      {price && <PriceLines price={price} />}
      {(paid || points) && (
        <dl class="lines after">
          {paid && booking.status !== BookingStatus.EXPIRED && (
            <div>
              <dt>Paid by card</dt>
              <dd>{formatMoney(payment.amount)}</dd>
            </div>
          )}
          {refunded && (
            <div>
              <dt>Refund to the card</dt>
              <dd>{formatMoney(refunded)}</dd>
            </div>
          )}
          {points && points.redeemed > 0n && (
            <div>
              <dt>Points spent</dt>
              <dd>{formatPoints(points.redeemed)}</dd>
            </div>
          )}
          {points && points.earned > 0n && booking.status === BookingStatus.CONFIRMED && (
            <div>
              <dt>Points earned</dt>
              <dd>+{formatPoints(points.earned)}</dd>
            </div>
          )}
        </dl>
      )}
      {payment && (
        <p class="history on-screen">
          <a href={`/bookings/${booking.reference}/payments`}>Payment history</a>
        </p>
      )}
      {booking.createTime && <p class="hint booked-on">Booked {formatInstant(booking.createTime)}</p>}
    </section>
  )
}

function Actions({ booking, brands, forStaff }: BookingProps & { forStaff: boolean }) {
  const path = `/bookings/${booking.reference}`
  const isOpen = canBePaid(booking.status) || booking.status === BookingStatus.CONFIRMED
  const seatable = isOpen && booking.segments.some(({ brand }) => choosesSeats(brands, brand))
  return (
    <nav class="booking-actions" aria-label="This booking">
      {canBePaid(booking.status) && !forStaff && (
        <a class="button large wide" href={`${path}/pay`}>
          Pay now
        </a>
      )}
      {seatable && (
        <a class="button secondary wide" href={`${path}/seats`}>
          Choose seats
        </a>
      )}
      {booking.status === BookingStatus.CONFIRMED && (
        <button class="button secondary wide" type="button" data-print="" hidden={true}>
          Print
        </button>
      )}
      {canBeCancelled(booking.status) && (
        <a class="cancel-link" href={`${path}/cancel`}>
          {canBePaid(booking.status) ? "Release the seats" : "Cancel this booking"}
        </a>
      )}
    </nav>
  )
}

/** Ticket numbers are read in two parts: the three digits of the issuer, and the document. */
const ticketInWords = (number: string) => `${number.slice(0, 3)}-${number.slice(3)}`
