import type { Place } from "@airside/protos/airside/flights/v1/flights"
import { addDays, formatDay } from "../format.ts"
import { type Search, SORTS, searchUrl } from "./search-query.ts"

/** With htmx these links exchange the results and leave the rest of the page; their ids keep the focus in its place. */
const RESULTS_ONLY = '{"select":"#results","target":"#results","swap":"outerHTML show:none"}'

/** The same results in another order. */
export function SortLinks({ search, params, count }: { search: Search; params: URLSearchParams; count: number }) {
  return (
    <div class="sorting">
      <p class="muted">{count === 1 ? "1 flight" : `${count} flights`}</p>
      <nav aria-label="Sort by" hx-boost:inherited={RESULTS_ONLY}>
        <ul>
          {SORTS.map(([sort, words]) => (
            <li>
              <a
                id={`sort-${sort}`}
                href={searchUrl("/flights", { ...search, sort }, outboundOf(params))}
                aria-current={search.sort === sort ? "true" : undefined}
              >
                {words}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  )
}

/** The day before and the day after. */
export function DayLinks({ search, wayBack, params }: { search: Search; wayBack: boolean; params: URLSearchParams }) {
  const field = wayBack ? "return_date" : "depart_date"
  const link = (days: number, words: string) => {
    const date = addDays(search[field], days)
    return (
      <a
        id={days < 0 ? "day-before" : "day-after"}
        href={searchUrl("/flights", { ...search, [field]: date }, wayBack ? outboundOf(params) : [])}
      >
        <span class="hidden-visually">{words} </span>
        <span aria-hidden="true">{days < 0 ? "‹ " : ""}</span>
        {formatDay(date)}
        <span aria-hidden="true">{days > 0 ? " ›" : ""}</span>
      </a>
    )
  }
  return (
    <nav class="days" aria-label="Other days" hx-boost:inherited={RESULTS_ONLY}>
      {link(-1, "Previous day")}
      <b aria-current="date">{formatDay(search[field])}</b>
      {link(1, "Next day")}
    </nav>
  )
}

/** What to do when there is nothing on this day. */
export function NoFlights(props: { search: Search; wayBack: boolean; start: Place; end: Place }) {
  const { search, wayBack, start, end } = props
  const field = wayBack ? "return_date" : "depart_date"
  return (
    <div class="empty">
      <h2>No flights on {formatDay(search[field])}</h2>
      <p>
        Nothing can be booked from {start.city} to {end.city} on this day. Try a day close to it, another cabin or
        another airport.
      </p>
      <ul class="near-days">
        {[-3, -2, -1, 1, 2, 3].map((days) => {
          const date = addDays(search[field], days)
          return (
            <li>
              <a class="button secondary" href={searchUrl("/flights", { ...search, [field]: date })}>
                {formatDay(date)}
              </a>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

const outboundOf = (params: URLSearchParams): (readonly [string, string])[] =>
  ["outbound", "outbound_flight"].flatMap((name) => (params.get(name) ? [[name, params.get(name)!] as const] : []))
