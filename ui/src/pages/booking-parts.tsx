import { type Booking, type BookingSegment, TicketStatus } from "@airside/protos/airside/bookings/v1/bookings"
import type { Clients } from "../clients.ts"
import { brandTitle, listBrands } from "./fare-brands.ts"
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

/** The same without the flights that were cancelled for everybody, where others are left. */
export function openSlicesOf(booking: Booking): BookingSegment[][] {
  const isRefunded = ({ id }: BookingSegment) => {
    const tickets = booking.tickets.filter(({ segmentId }) => segmentId === id)
    return tickets.length > 0 && tickets.every(({ status }) => status === TicketStatus.REFUNDED)
  }
  const open = booking.segments.filter((segment) => !isRefunded(segment))
  return slicesOf(open.length > 0 ? { ...booking, segments: open } : booking)
}

/** Two slices of which the second leads back to where the first begins. */
export function isThereAndBack(slices: readonly BookingSegment[][]): boolean {
  const [out, back] = slices
  return (
    slices.length === 2 &&
    out![0]!.flight?.origin === back!.at(-1)!.flight?.destination &&
    out!.at(-1)!.flight?.destination === back![0]!.flight?.origin
  )
}

/** "Outbound" or "Return", "Flight 3" of several; nothing on a one-way trip. */
function titleOf(slices: readonly BookingSegment[][], index: number): string {
  if (slices.length === 1) return ""
  return isThereAndBack(slices) ? ["Outbound", "Return"][index]! : `Flight ${index + 1}`
}

/** The trip of a booking, each direction with its date, times and flights. */
export async function bookingJourneys(clients: Pick<Clients, "flights">, booking: Booking) {
  const flights = booking.segments.flatMap(({ flight }) => flight ?? [])
  const [cityOf, brands] = await Promise.all([
    citiesOf(
      clients,
      flights.flatMap(({ origin, destination }) => [origin, destination]),
    ),
    listBrands(clients),
  ])
  const slices = slicesOf(booking)
  return (
    <>
      {slices.map((segments, index) => {
        const flown = segments.flatMap(({ flight }) => flight ?? [])
        return (
          <Itinerary title={titleOf(slices, index)} segments={flown} minutes={minutesOf(flown)} cityOf={cityOf}>
            <p class="hint">
              {cabinInWords(segments[0]!.cabin)} {brandTitle(brands, segments[0]!.brand)}
            </p>
          </Itinerary>
        )
      })}
    </>
  )
}
