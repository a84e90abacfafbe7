import type { FieldProblem } from "@airside/kernel/errors"
import { GetFareCalendarRequest, GetFareGridRequest, type Place } from "@airside/protos/airside/flights/v1/flights"
import type { Money } from "@airside/protos/airside/type/v1/money"
import { Elysia } from "elysia"
import type { Child } from "hono/jsx"
import type { UiContext } from "../context.ts"
import { html, type Markup } from "../html.ts"
import { Page, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { CALENDAR_PATH, FareCalendar, IN_PLACE, SWAP, TARGET } from "./calendar-months.tsx"
import { MONTHS, monthsFrom, stepOf } from "./calendar-step.ts"
import { problemInWords } from "./form.tsx"
import { resolvePlace } from "./places.tsx"
import { type Search, searchFrom, searchUrl } from "./search-query.ts"
import { toConditions } from "./search-request.ts"

/** The lowest fare of each day of two months. For a return trip one day is chosen after the other. */
export const fareCalendarPage = (context: UiContext) =>
  new Elysia().get(CALENDAR_PATH, async ({ request }) => {
    const [{ user }, { title, search, calendar, status }] = await Promise.all([
      context.sessions.identityOf(request),
      answerOf(context, new URL(request.url).searchParams),
    ])
    return respond(
      <Page title={title} user={user} path="/" step="Flights">
        <div class="page-head">
          <h1>{title}</h1>
          <a class="button secondary" href={searchUrl("/", { ...search, filters: [] })}>
            Change search
          </a>
        </div>
        {calendar}
      </Page>,
      status,
    )
  })

interface Answer {
  title: string
  /** With codes for what was typed, where that is understood. */
  search: Search
  calendar: Child
  status: number
}

/** The calendar, or what it needs to know first. */
async function answerOf(context: UiContext, params: URLSearchParams): Promise<Answer> {
  const typed = searchFrom(params)
  const resolved = await Promise.all(
    (["origin", "destination"] as const).map((field) => resolvePlace(context, field, typed[field])),
  )
  const [origin, destination] = resolved.map((each) => ("place" in each ? each.place : undefined))
  if (origin && destination) {
    const search = { ...typed, origin: origin.code, destination: destination.code }
    return calendarOf(context, params, search, [origin, destination])
  }
  const unknown = resolved.flatMap((each) => ("problem" in each ? [each] : []))
  return refusal(
    typed,
    unknown.map(({ problem }) => problem),
    unknown.flatMap(({ problem, choices }) => choices.map((place) => ({ field: problem.field, place }))),
  )
}

async function calendarOf(
  context: UiContext,
  params: URLSearchParams,
  search: Search,
  [origin, destination]: [Place, Place],
): Promise<Answer> {
  const { SELLING_CURRENCY: currency, SALE_HORIZON_DAYS: horizonDays } = context.config
  const step = stepOf(search, params)
  const [from, to] = step.wayBack ? [destination, origin] : [origin, destination]
  const months = monthsFrom(params, search, step, horizonDays)
  try {
    const [{ days }, outboundPrice] = await Promise.all([
      context.clients.flights.getFareCalendar(
        GetFareCalendarRequest.fromPartial({
          ...toConditions(search, currency, [step.wayBack ? 1 : 0]),
          origin: from.code,
          destination: to.code,
          month: months.first,
          months: MONTHS,
        }),
      ),
      step.wayBack ? outboundPriceOf(context, search) : undefined,
    ])
    const calendar = <FareCalendar {...{ search, step, months, days, outboundPrice, currency }} />
    return { title: `${from.city} to ${to.city}: fares by day`, search, calendar, status: 200 }
  } catch (error) {
    if (!hasReason(error, "INVALID_REQUEST")) throw error
    return refusal(search, problemOf(error).fields)
  }
}

/** What the way out costs on the day that was chosen for it; nothing for a day on which nothing is sold. */
async function outboundPriceOf({ clients, config }: UiContext, search: Search): Promise<Money | undefined> {
  const { origin, destination, depart_date: departDate } = search
  const day = { origin, destination, departDate, daysAround: 1 }
  const conditions = toConditions(search, config.SELLING_CURRENCY, [0])
  try {
    const { cells } = await clients.flights.getFareGrid(GetFareGridRequest.fromPartial({ ...day, ...conditions }))
    return cells.find((cell) => cell.departDate === departDate)?.lowestPrice
  } catch (error) {
    if (!hasReason(error, "INVALID_REQUEST")) throw error
    return undefined
  }
}

const refusal = (search: Search, problems: FieldProblem[], choices: RefusedProps["choices"] = []): Answer => ({
  title: "Fare calendar",
  search,
  calendar: <Refused {...{ search, problems, choices }} />,
  status: 422,
})

interface RefusedProps {
  search: Search
  problems: FieldProblem[]
  /** What an ambiguous place may mean. */
  choices: { field: string; place: Place }[]
}

function Refused({ search, problems, choices }: RefusedProps) {
  return (
    <section id="fare-calendar" class="notice bad" role="alert" tabindex={-1} data-focus="">
      <h2>The calendar needs to know a little more</h2>
      <ul>
        {problems.map((problem) => (
          <li>{problemInWords(problem)}</li>
        ))}
        {choices.map(({ field, place }) => (
          <li>
            <a
              href={searchUrl(CALENDAR_PATH, { ...search, [field]: place.code })}
              hx-get={searchUrl(CALENDAR_PATH, { ...search, [field]: place.code })}
              {...IN_PLACE}
            >
              {place.city}, {place.name} ({place.code})
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Brings the calendar into a page when it is opened; without JavaScript it leads to the calendar's own page. */
export function fareCalendarOnDemand(search: Search): Markup {
  const address = searchUrl(CALENDAR_PATH, search)
  return html`
    <details hx-get="${address}" hx-trigger="toggle once" hx-target="${TARGET}" hx-select="${TARGET}" hx-swap="${SWAP}">
      <summary>Fare calendar</summary>
      <p id="fare-calendar"><a href="${address}">Lowest fares of two months</a></p>
    </details>`
}

/** The same below the search form, for what is typed there. */
export const FareCalendarButton = () => (
  <>
    <button
      class="button secondary"
      type="submit"
      formaction={CALENDAR_PATH}
      formnovalidate={true}
      hx-get={CALENDAR_PATH}
      hx-include="closest form"
      {...IN_PLACE}
    >
      Cheapest days
    </button>
    <div id="fare-calendar"></div>
  </>
)
