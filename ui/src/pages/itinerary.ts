import type { FlightSegment } from "@airside/protos/airside/flights/v1/flights"
import { dayShift, formatDuration, localDate, localTime, minutesBetween } from "../format.ts"
import { html, inOnePiece, type Markup } from "../html.ts"

/** A shorter wait over midnight is no night. */
const NIGHT_MINUTES = 6 * 60

type CityOf = (code: string) => string

/** Departure and arrival on the airports' own clocks, with what lies between. */
export function journey(segments: readonly FlightSegment[], minutes: number): Markup {
  const from = segments[0]!
  const to = segments.at(-1)!
  const day = localDate(from.departsAt)
  const stops = segments.slice(1).map(({ origin }) => origin)
  return html`
    <div class="journey">
      <p class="stop">
        <time datetime="${from.departsAt}">${localTime(from.departsAt)}</time>
        <span class="airport">${from.origin}</span>
      </p>
      <p class="leg">
        <span>${formatDuration(minutes)}</span>
        <span class="line" aria-hidden="true"></span>
        <span>${stops.length === 0 ? "Direct" : `via ${stops.join(", ")}`}</span>
      </p>
      <p class="stop">
        <time datetime="${to.arrivesAt}">${localTime(to.arrivesAt)}</time>
        ${shift(day, to.arrivesAt)}
        <span class="airport">${to.destination}</span>
      </p>
    </div>`
}

/** The flights one after the other: when, by whom, and how long one waits in between. */
export function flightList(segments: readonly FlightSegment[], cityOf: CityOf): Markup {
  const day = localDate(segments[0]!.departsAt)
  return html`
    <ul class="operated">
      ${segments.map((segment, index) => {
        const { flightNumber, carrierName, aircraft } = segment
        return html`
          ${index > 0 && html`<li class="layover">${layover(segments[index - 1]!, segment, cityOf)}</li>`}
          <li>
            ${segments.length > 1 && legTimes(segment, day)}
            <b>${flightNumber}</b> ${carrierName} · ${aircraft}
          </li>`
      })}
    </ul>`
}

/** "08:05 LHR – 11:00 FRA", with how many days after the first departure that is. */
const legTimes = ({ departsAt, arrivesAt, origin, destination }: FlightSegment, day: string) => html`
  <span class="leg-times">
    ${localTime(departsAt)}${shift(day, departsAt)} ${origin} – ${localTime(arrivesAt)}${shift(day, arrivesAt)} ${destination}
  </span> `

/** "2 h 10 min in Frankfurt", "overnight, 9 h in Dubai", "3 h to change from LHR to LGW in London". */
export function layover(arriving: FlightSegment, leaving: FlightSegment, cityOf: CityOf): string {
  const minutes = minutesBetween(arriving.arrivesAt, leaving.departsAt)
  const night = minutes >= NIGHT_MINUTES && localDate(leaving.departsAt) > localDate(arriving.arrivesAt)
  const change =
    arriving.destination === leaving.origin ? "" : `to change from ${arriving.destination} to ${leaving.origin} `
  return `${night ? "overnight, " : ""}${formatDuration(minutes)} ${change}in ${cityOf(leaving.origin)}`
}

/** "+1" behind a time on another day than the trip's first one, YYYY-MM-DD. */
function shift(firstDay: string, time: string): Markup | undefined {
  const days = dayShift(firstDay, time)
  if (days === 0) return undefined
  const known = shifts.get(days) ?? inOnePiece(shiftBy(days))
  shifts.set(days, known)
  return known
}

/** By days. */
const shifts = new Map<number, Markup>()

function shiftBy(days: number): Markup {
  const words = `${Math.abs(days) === 1 ? "one day" : `${Math.abs(days)} days`} ${days > 0 ? "later" : "earlier"}`
  const sign = days > 0 ? `+${days}` : html`−${-days}`
  return html`
    <sup class="day-shift">
      <span aria-hidden="true">${sign}</span>
      <span class="hidden-visually"> ${words}</span>
    </sup>`
}

/** Minutes from the first departure to the last arrival. */
export function minutesOf(segments: readonly FlightSegment[]): number {
  const from = segments[0]
  const to = segments.at(-1)
  if (!from || !to) return 0
  return minutesBetween(from.departsAt, to.arrivesAt)
}
