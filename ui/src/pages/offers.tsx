import type { FlightSegment } from "@airside/protos/airside/flights/v1/flights"
import { raw } from "hono/html"
import type { Child } from "hono/jsx"
import { formatDate, localDate } from "../format.ts"
import { flightList, journey } from "./itinerary.ts"

export interface ItineraryProps {
  /** "Outbound", "Return" or, for one way, nothing. */
  title: string
  segments: FlightSegment[]
  minutes: number
  cityOf: (code: string) => string
  /** Without the single flights. */
  brief?: boolean | undefined
  children?: Child
}

/** One direction of a trip as it stands on passengers, review, payment and booking. */
export function Itinerary({ title, segments, minutes, cityOf, brief, children }: ItineraryProps) {
  const from = segments[0]
  const to = segments.at(-1)
  if (!from || !to) return null
  return (
    <section class="itinerary">
      <h3>
        <span class="muted">{title}</span> {cityOf(from.origin)} to {cityOf(to.destination)}
      </h3>
      <p class="muted">
        <time datetime={localDate(from.departsAt)}>{formatDate(localDate(from.departsAt))}</time>
      </p>
      {raw(journey(segments, minutes).text)}
      {!brief && raw(flightList(segments, cityOf).text)}
      {children}
    </section>
  )
}
