import { type FareGridCell, GetFareGridRequest } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { Child } from "hono/jsx"
import type { UiContext } from "../context.ts"
import { formatDay, formatWholeMoney } from "../format.ts"
import { html, type Markup } from "../html.ts"
import { Page, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { fareCalendarOnDemand } from "./fare-calendar.tsx"
import { FareFilters } from "./fare-filters.tsx"
import { problemInWords } from "./form.tsx"
import { citiesOf } from "./places.tsx"
import { partyInWords, type Search, searchFrom, searchUrl } from "./search-query.ts"
import { toConditions } from "./search-request.ts"

const PATH = "/fares/grid"
const DAYS_AROUND = 3

/** The lowest fare of the days around the wished ones; there and back, of every pair of days. */
export const fareGridPage = (context: UiContext) =>
  new Elysia().get(PATH, async ({ request }) => {
    const search = searchFrom(new URL(request.url).searchParams)
    const { user } = await context.sessions.identityOf(request)
    const cityOf = await citiesOf(context.clients, [search.origin, search.destination])
    const title = `${cityOf(search.origin)} to ${cityOf(search.destination)}: fares around these days`
    const [grid, status] = await gridOf(context, search)
    return respond(
      <Page title={title} user={user} path="/" step="Flights">
        <div class="page-head">
          <div>
            <h1>{title}</h1>
            <p>{partyInWords(search)}</p>
          </div>
          <a class="button secondary" href={searchUrl("/flights", search)}>
            Back to the flights
          </a>
        </div>
        {grid}
        <FareFilters
          search={search}
          directions={[0, 1]}
          currency={context.config.SELLING_CURRENCY}
          address={searchUrl(PATH, { ...search, filters: [] })}
        />
      </Page>,
      status,
    )
  })

/**
 * Fares of other days, beside the results: the strip of a week comes by itself after the page, the square of a return
 * trip and the calendar when they are opened. Without JavaScript each is a link to a page of its own.
 */
export function otherDays(search: Search): Markup {
  const address = searchUrl(PATH, search)
  const link = html`<a href="${address}">Fares three days around</a>`
  return html`
    <div class="other-days">
      ${
        search.return_date
          ? html`
              <details hx-get="${address}" hx-trigger="toggle once"${IN_PLACE}>
                <summary>Fares three days around</summary>
                <p id="fare-grid">${link}</p>
              </details>`
          : html`<p id="fare-grid" class="strip-to-come" hx-get="${address}" hx-trigger="load"${IN_PLACE}>${link}</p>`
      }
      ${fareCalendarOnDemand(search)}
    </div>`
}

const IN_PLACE = html` hx-target="#fare-grid" hx-select="#fare-grid" hx-swap="outerHTML show:none"`

async function gridOf({ clients, config }: UiContext, search: Search) {
  const { origin, destination, depart_date: departDate, return_date: returnDate } = search
  const route = { origin, destination, departDate, returnDate, daysAround: DAYS_AROUND }
  const directions = returnDate ? [0, 1] : [0]
  try {
    const { cells } = await clients.flights.getFareGrid(
      GetFareGridRequest.fromPartial({ ...route, ...toConditions(search, config.SELLING_CURRENCY, directions) }),
    )
    const lowest = lowestOf(cells)
    const grid = search.return_date ? (
      <Square {...{ search, cells, lowest }} />
    ) : (
      <Strip {...{ search, cells, lowest }} />
    )
    return [grid, 200] as const
  } catch (error) {
    if (!hasReason(error, "INVALID_REQUEST")) throw error
    const problems = problemOf(error).fields
    return [<p id="fare-grid">{problems.map(problemInWords).join(" ")}</p>, 422] as const
  }
}

const lowestOf = (cells: readonly FareGridCell[]): bigint | undefined =>
  cells
    .flatMap(({ lowestPrice }) => lowestPrice?.minorUnits ?? [])
    .reduce<bigint | undefined>((least, price) => (least === undefined || price < least ? price : least), undefined)

interface GridProps {
  search: Search
  cells: FareGridCell[]
  lowest: bigint | undefined
}

function Strip({ search, cells, lowest }: GridProps) {
  return (
    <nav id="fare-grid" aria-label="Lowest fares around this day">
      <ol class="fare-strip">
        {cells.map((cell) => (
          <li>
            <Cell {...{ search, cell, lowest }} words={formatDay(cell.departDate)} shown={shownDay(cell.departDate)} />
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Square({ search, cells, lowest }: GridProps) {
  const departures = [...new Set(cells.map(({ departDate }) => departDate))]
  const returns = [...new Set(cells.map(({ returnDate }) => returnDate))].sort()
  const cellOf = (departs: string, returns: string) =>
    cells.find((cell) => cell.departDate === departs && cell.returnDate === returns)
  return (
    <section id="fare-grid" class="fare-square" aria-label="Fares three days around, can be scrolled" tabindex={0}>
      <table>
        <caption>Lowest fares, out and back together</caption>
        <thead>
          <tr>
            <td class="axes" aria-hidden="true">
              <span>Out →</span> <span>Back ↓</span>
            </td>
            {departures.map((date) => (
              <th scope="col">
                <span class="hidden-visually">Out </span>
                {shownDay(date)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {returns.map((back) => (
            <tr>
              <th scope="row">
                <span class="hidden-visually">Back </span>
                {shownDay(back)}
              </th>
              {departures.map((out) => {
                const cell = cellOf(out, back)
                const words = `Out ${formatDay(out)}, back ${formatDay(back)}`
                return <td>{cell && <Cell {...{ search, cell, lowest, words }} />}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** "Sun 10 Jan", in narrow places over two lines: the weekday, the day. */
function shownDay(date: string) {
  const [weekday, ...day] = formatDay(date).split(" ")
  return (
    <>
      {weekday} <span class="unbroken">{day.join(" ")}</span>
    </>
  )
}

interface CellProps {
  search: Search
  cell: FareGridCell
  lowest: bigint | undefined
  /** What the cell is, for who does not see where it stands. */
  words: string
  shown?: Child
}

/** A link to the search of its days; the current choice is marked, and so is what costs least. */
function Cell({ search, cell: { departDate, returnDate, lowestPrice }, lowest, words, shown }: CellProps) {
  const current = departDate === search.depart_date && returnDate === search.return_date ? "date" : undefined
  if (!lowestPrice) {
    return (
      <span class="day" aria-current={current}>
        {shown ? <span>{shown}</span> : <span class="hidden-visually">{words}</span>}
        <small>No fare</small>
      </span>
    )
  }
  const isLowest = lowestPrice.minorUnits === lowest
  return (
    <a
      class={isLowest ? "day lowest" : "day"}
      href={searchUrl("/flights", { ...search, depart_date: departDate, return_date: returnDate })}
      aria-current={current}
    >
      <span class="hidden-visually">{words}, from </span>
      {shown && <span aria-hidden="true">{shown}</span>}
      <b>{formatWholeMoney(lowestPrice)}</b>
      {isLowest && <small>lowest</small>}
    </a>
  )
}
