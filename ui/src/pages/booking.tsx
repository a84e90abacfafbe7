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
            <h1>{HEADLINES[booking.status]}</h1>
            <p>
              Booking reference <b class="reference">{booking.reference}</b>
            </p>
          </div>
          {canBePaid(booking.status) && <TimeLeft until={booking.holdExpireTime} />}
        </div>
        <Explanation booking={booking} looksAgain={looksAgain} />
        <div class="two-columns">
          <div>
            <section class="card" aria-labelledby="trip-title">
              <h2 id="trip-title">Flights</h2>
              {await bookingJourneys(clients, booking)}
            </section>
            <Passengers booking={booking} />
          </div>
          <aside>
            <Money booking={booking} />
            <Actions booking={booking} brands={brands} />
          </aside>
        </div>
      </div>
    </Page>,
  )
}

const HEADLINES: Record<BookingStatus, string> = {
  [BookingStatus.UNSPECIFIED]: "Your booking",
  [BookingStatus.HELD]: "Your seats are held",
  [BookingStatus.AWAITING_PAYMENT]: "Your seats are held",
  [BookingStatus.PAID]: "Paid. Your tickets are on their way",
  [BookingStatus.CONFIRMED]: "You are booked",
  [BookingStatus.EXPIRING]: "The hold has lapsed",
  [BookingStatus.EXPIRED]: "The hold has lapsed",
  [BookingStatus.CANCELLING]: "Your booking is being cancelled",
  [BookingStatus.CANCELLED]: "This booking is cancelled",
}

function Explanation({ booking, looksAgain }: { booking: Booking; looksAgain: boolean }) {
  const say = (tone: string, words: string) => (
    <p class={`notice ${tone}`} role="status">
      {words}
    </p>
  )
  if (looksAgain && !canBePaid(booking.status))
    return say("", "This takes a few seconds. The page looks again by itself.")
  switch (booking.status) {
    case BookingStatus.HELD:
    case BookingStatus.AWAITING_PAYMENT:
      return say("warn", "Nothing is paid yet. Pay before the hold lapses to get your tickets.")
    case BookingStatus.EXPIRING:
    case BookingStatus.EXPIRED:
      return say("", "The seats are free again. Nothing was charged; points that were set aside are back.")
    case BookingStatus.CONFIRMED:
      return say(
        "good",
        "Your tickets are issued. With this reference and a passenger’s family name you can open them anywhere.",
      )
    default:
      return null
  }
}

function Passengers({ booking }: { booking: Booking }) {
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
            <TicketsOf booking={booking} passenger={passenger} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function TicketsOf({ booking, passenger }: { booking: Booking; passenger: Passenger }) {
  const withoutSeat = passenger.type === PassengerType.INFANT ? "On an adult’s lap" : "No seat chosen"
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
              <span class="muted">{seat ? `Seat ${seat}` : withoutSeat}</span>
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

function Actions({ booking, brands }: { booking: Booking; brands: readonly FareBrand[] }) {
  const path = `/bookings/${booking.reference}`
  const isOpen = canBePaid(booking.status) || booking.status === BookingStatus.CONFIRMED
  const seatable = isOpen && booking.segments.some(({ brand }) => choosesSeats(brands, brand))
  return (
    <nav class="booking-actions" aria-label="This booking">
      {canBePaid(booking.status) && (
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
