import type { Booking, BookingSegment } from "@airside/protos/airside/bookings/v1/bookings"
import type { Clients } from "../clients.ts"
import { minutesOf } from "./itinerary.ts"
import { Itinerary } from "./offers.tsx"
import { citiesOf } from "./places.tsx"
import { cabinInWords } from "./search-query.ts"

/** How long the seats are held: minutes as of now, which airside.js counts down. */
export function TimeLeft({ until }: { until: Date | undefined }) {
  if (!until) return null
  const minutes = Math.max(0, Math.ceil((until.getTime() - Date.now()) / 60_000))
  return (
    <p class="time-left" role="timer">
      Seats held for{" "}
      <time class="number" datetime={until.toISOString()} data-countdown="">
        {minutes} min
      </time>
    </p>
  )
}

/** The directions of a booking's trip: its segments by slice, in their order. */
export function slicesOf(booking: Booking): BookingSegment[][] {
  return [...Map.groupBy(booking.segments, ({ slice }) => slice)]
    .sort(([a], [b]) => a - b)
    .map(([, segments]) => segments)
}

/** The trip of a booking, each direction with its date, times and flights. */
export async function bookingJourneys(clients: Pick<Clients, "flights">, booking: Booking) {
  const flights = booking.segments.flatMap(({ flight }) => flight ?? [])
  const cityOf = await citiesOf(
    clients,
    flights.flatMap(({ origin, destination }) => [origin, destination]),
  )
  const slices = slicesOf(booking)
  return (
    <>
      {slices.map((segments, index) => {
        const flown = segments.flatMap(({ flight }) => flight ?? [])
        return (
          <Itinerary
            title={slices.length > 1 ? (["Outbound", "Return"][index] ?? "") : ""}
            segments={flown}
            minutes={minutesOf(flown)}
            cityOf={cityOf}
          >
            <p class="hint">
              {cabinInWords(segments[0]!.cabin)} {segments[0]!.brand}
            </p>
          </Itinerary>
        )
      })}
    </>
  )
}
