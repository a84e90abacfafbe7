import type { Booking, BookingSegment } from "@airside/protos/airside/bookings/v1/bookings"
import { Elysia } from "elysia"
import type { Clients } from "../clients.ts"
import type { UiContext } from "../context.ts"
import { formatCount, formatMoney, formatShortDate, localDate, localTime } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { isThereAndBack, openSlicesOf } from "./booking-parts.tsx"
import { text } from "./form.tsx"
import { logInFirst, Pages } from "./list.tsx"
import { citiesOf } from "./places.tsx"
import { StatusBadge } from "./status.tsx"

/** The bookings of whoever is logged in: upcoming ones first, the next one on top. */
export const tripsPage = ({ clients, sessions }: UiContext) =>
  new Elysia().get("/trips", async ({ request }) => {
    const { user, token } = await sessions.identityOf(request)
    if (!user) return logInFirst(request)
    const pageToken = text(new URL(request.url).searchParams, "page_token")
    const answer = await clients.bookings.listBookings({ pageSize: 20, pageToken }, { token })
    const { bookings, upcomingCount, nextPageToken } = answer
    return respond(
      <Page title="My trips" user={user} path="/trips">
        <div class="page-head">
          <h1>My trips</h1>
          <a class="button" href="/">
            Book a flight
          </a>
        </div>
        {bookings.length === 0 && (
          <div class="empty">
            <h2>No trips yet</h2>
            <p>What you book while you are logged in is kept here.</p>
            <a class="button" href="/">
              Search flights
            </a>
          </div>
        )}
        <Trips title="Upcoming" bookings={bookings.slice(0, upcomingCount)} clients={clients} />
        <Trips title="Past and ended" bookings={bookings.slice(upcomingCount)} clients={clients} />
        <Pages
          path="/trips"
          first={pageToken === ""}
          nextPageToken={nextPageToken}
          words={["Back to the first trips", "More trips"]}
        />
      </Page>,
    )
  })

async function Trips({ title, bookings, clients }: { title: string; bookings: Booking[]; clients: Clients }) {
  if (bookings.length === 0) return null
  const flights = bookings.flatMap(({ segments }) => segments.flatMap(({ flight }) => flight ?? []))
  const cityOf = await citiesOf(
    clients,
    flights.flatMap(({ origin, destination }) => [origin, destination]),
  )
  return (
    <section class="trips">
      <h2>{title}</h2>
      <ul>
        {bookings.map((booking) => {
          const slices = openSlicesOf(booking)
          const first = slices[0]?.[0]?.flight
          const last = slices.length > 1 ? slices.at(-1)?.[0]?.flight : undefined
          return (
            <li class="card trip">
              <div>
                <h3>
                  <a class="trip-link" href={`/bookings/${booking.reference}`}>
                    {tripInWords(slices, cityOf)}
                  </a>
                </h3>
                <p class="muted">
                  {first && `${formatShortDate(localDate(first.departsAt))}, ${localTime(first.departsAt)}`}
                  {last && ` – ${formatShortDate(localDate(last.departsAt))}`}
                </p>
              </div>
              <p class="trip-facts">
                <StatusBadge status={booking.status} />
                <span class="muted">
                  <b class="reference">{booking.reference}</b> · {formatCount(booking.passengers.length, "passenger")} ·{" "}
                  {formatMoney(booking.price?.total)}
                </span>
              </p>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** "London to New York", "… and back", "London to New York to Boston". */
function tripInWords(slices: BookingSegment[][], cityOf: (code: string) => string): string {
  const start = slices[0]?.[0]?.flight?.origin ?? ""
  const stops = slices.map((segments) => segments.at(-1)?.flight?.destination ?? "")
  const words = [start, ...(isThereAndBack(slices) ? stops.slice(0, 1) : stops)].map(cityOf).join(" to ")
  return isThereAndBack(slices) ? `${words} and back` : words
}
