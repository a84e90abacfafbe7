import type { FlightSegment, Offer } from "@airside/protos/airside/flights/v1/flights"
import type { Child } from "hono/jsx"
import { dayShift, formatDate, formatDuration, formatMoney, localDate, localTime } from "../format.ts"
import { cabinInWords } from "./search-query.ts"

const FEW_SEATS = 5

/** Names the flights of an offer on its day; a later search for that day finds them again by it. */
export const flightKey = (offer: Pick<Offer, "segments">): string =>
  offer.segments.map((segment) => segment.flightId).join(".")

/** An offer in each of its brands. Only the lowest of them can be one that gives nothing back. */
export const inEveryBrand = (offer: Offer): Offer[] =>
  offer.fares.map(({ brand, token, total }) => ({
    ...offer,
    brand,
    token,
    price: { total, lines: [] },
    refundable: offer.refundable || brand !== offer.brand,
  }))

/** One entry for the same flights, however many fares they are offered at. Keeps the order of the offers. */
export function groupByFlights(offers: readonly Offer[]): Offer[][] {
  return [...Map.groupBy(offers, flightKey).values()]
}

/** A flight, or several with connections, with a button for each fare. */
export function OfferCard({ offers, choose }: { offers: Offer[]; choose: (offer: Offer) => string }) {
  const first = offers[0]!
  const flights = first.segments.map((segment) => segment.flightNumber).join(" and ")
  return (
    <li class="offer card">
      <Journey segments={first.segments} minutes={first.durationMinutes} />
      <p class="operated">
        {first.segments.map((segment) => (
          <span>
            <b>{segment.flightNumber}</b> {segment.carrierName} · {segment.aircraft}
          </span>
        ))}
      </p>
      <ul class="fares">
        {offers.map((offer) => (
          <li>
            <p class="fare-terms">
              <span class="fare-name">
                {cabinInWords(offer.cabin)} {offer.brand}
              </span>
              <span>{offer.refundable ? "Refundable" : "Not refundable"}</span>
              {offer.seatsLeft > 0 && offer.seatsLeft <= FEW_SEATS && (
                <span class="status warn">{offer.seatsLeft === 1 ? "Last seat" : `${offer.seatsLeft} seats left`}</span>
              )}
            </p>
            <a class="button" href={choose(offer)}>
              <span class="hidden-visually">{`Choose ${flights}, ${localTime(first.segments[0]!.departsAt)}, for `}</span>
              <span class="number">{formatMoney(offer.price?.total)}</span>
            </a>
          </li>
        ))}
      </ul>
    </li>
  )
}

/** Departure and arrival on the airports' own clocks, with what lies between. */
export function Journey({ segments, minutes }: { segments: FlightSegment[]; minutes: number }) {
  const from = segments[0]!
  const to = segments.at(-1)!
  const stops = segments.slice(1).map((segment) => segment.origin)
  return (
    <div class="journey">
      <p class="stop">
        <time datetime={from.departsAt}>{localTime(from.departsAt)}</time>
        <span class="airport">{from.origin}</span>
      </p>
      <p class="leg">
        <span>{formatDuration(minutes)}</span>
        <span class="line" aria-hidden="true"></span>
        <span>{stops.length === 0 ? "Direct" : `via ${stops.join(", ")}`}</span>
      </p>
      <p class="stop">
        <time datetime={to.arrivesAt}>{localTime(to.arrivesAt)}</time>
        <DayShift departsAt={from.departsAt} arrivesAt={to.arrivesAt} />
        <span class="airport">{to.destination}</span>
      </p>
    </div>
  )
}

/** "+1" behind an arrival on another day. */
export function DayShift({ departsAt, arrivesAt }: { departsAt: string; arrivesAt: string }) {
  const days = dayShift(departsAt, arrivesAt)
  if (days === 0) return null
  const words = `arrives ${Math.abs(days) === 1 ? "one day" : `${Math.abs(days)} days`} ${days > 0 ? "later" : "earlier"}`
  return (
    <sup class="day-shift">
      <span aria-hidden="true">{days > 0 ? `+${days}` : `−${-days}`}</span>
      <span class="hidden-visually">{` ${words}`}</span>
    </sup>
  )
}

export interface ItineraryProps {
  /** "Outbound", "Return" or, for one way, "Flight". */
  title: string
  segments: FlightSegment[]
  minutes: number
  cityOf: (code: string) => string
  children?: Child
}

/** One direction of a trip as it stands on passengers, review, payment and booking. */
export function Itinerary({ title, segments, minutes, cityOf, children }: ItineraryProps) {
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
      <Journey segments={segments} minutes={minutes} />
      <ul class="operated">
        {segments.map((segment) => (
          <li>
            <b>{segment.flightNumber}</b> {segment.carrierName} · {segment.aircraft}
          </li>
        ))}
      </ul>
      {children}
    </section>
  )
}

/** Minutes from the first departure to the last arrival. */
export function minutesOf(segments: readonly FlightSegment[]): number {
  const from = segments[0]
  const to = segments.at(-1)
  if (!from || !to) return 0
  return Math.round((Date.parse(to.arrivesAt) - Date.parse(from.departsAt)) / 60_000)
}
