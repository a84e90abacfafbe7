import type { Place } from "@airside/protos/airside/flights/v1/flights"
import { addDays, formatCount, formatDay } from "../format.ts"
import { html, type Markup } from "../html.ts"
import { LIMITS, type Search, SORTS, searchUrl, slicesOf, withSlices } from "./search-query.ts"

/** With htmx these links exchange the results and leave the rest of the page; their ids keep the focus in its place. */
export const RESULTS_ONLY = html` hx-boost:inherited="${'{"select":"#results","target":"#results","swap":"outerHTML show:none"}'}"`

interface LinksProps {
  search: Search
  /** Which slice is being chosen. */
  index: number
  /** Fields of the offers chosen before. */
  chosen: readonly (readonly [string, string])[]
}

/** How many there are, and the same results in another order. */
export function sortLinks({ search, chosen, found }: LinksProps & { found: number }): Markup {
  return html`
    <div class="sorting">
      <p class="muted" role="status">${formatCount(found, "itinerary", "itineraries")}</p>
      <nav aria-label="Sort by"${RESULTS_ONLY}>
        <ul>
          ${SORTS.map(([sort, words]) => {
            const address = searchUrl("/flights", { ...search, sort }, chosen)
            return html`<li><a id="sort-${sort}" href="${address}"${search.sort === sort && CURRENT}>${words}</a></li>`
          })}
        </ul>
      </nav>
      ${search.sort === "best" && html`<p class="hint">${BEST}</p>`}
    </div>`
}

const CURRENT = html` aria-current="true"`
const BEST = "Best weighs price with time: an hour on the way counts as a tenth of the price, a connection as an hour."

/** More of the same list, as far as a page goes; after that filters help. */
export function showMore(props: LinksProps & { shown: number; found: number }): Markup | undefined {
  const { search, chosen, shown, found } = props
  const limit = LIMITS.find((each) => each > Number(search.limit))
  if (found <= shown) return undefined
  if (!limit) return html`<p class="hint">These are the first ${shown} of ${found}. Filters show others.</p>`
  const address = searchUrl("/flights", { ...search, limit: String(limit) }, chosen)
  return html`
    <p class="more"${RESULTS_ONLY}>
      <a id="show-more" class="button secondary" href="${address}">Show more</a>
      <span class="muted">${shown} of ${found}</span>
    </p>`
}

/** The day before and the day after. */
export function dayLinks({ search, index, chosen }: LinksProps): Markup {
  const date = slicesOf(search)[index]!.date
  const link = (days: number, words: string) => html`
    <a id="${days < 0 ? "day-before" : "day-after"}" href="${searchUrl("/flights", onDay(search, index, days), chosen)}">
      <span class="hidden-visually">${words} </span>
      <span aria-hidden="true">${days < 0 && html`&lsaquo; `}</span>
      ${formatDay(addDays(date, days))}
      <span aria-hidden="true">${days > 0 && html` &rsaquo;`}</span>
    </a>`
  return html`
    <nav class="days" aria-label="Other days"${RESULTS_ONLY}>
      ${link(-1, "Previous day")}
      <b aria-current="date">${formatDay(date)}</b>
      ${link(1, "Next day")}
    </nav>`
}

/** What to do when there is nothing on this day; `early`: when it all leaves before one has landed. */
export function noFlights(props: LinksProps & { start: Place; end: Place; early?: boolean }): Markup {
  const { search, index, chosen, start, end, early } = props
  const date = slicesOf(search)[index]!.date
  const other = (days: number) => html`
    <li>
      <a class="button secondary" href="${searchUrl("/flights", onDay(search, index, days), chosen)}">
        ${formatDay(addDays(date, days))}
      </a>
    </li>`
  return html`
    <div class="empty">
      <h2>No flights on ${formatDay(date)}</h2>
      <p>
        ${
          early
            ? "What flies on this day leaves before you have landed. Try a later day, or an earlier flight before it."
            : `Nothing can be booked from ${start.city} to ${end.city} on this day. Try a day close to it, another cabin or another airport.`
        }
      </p>
      <ul class="near-days">
        ${(early ? [1, 2, 3] : [-3, -2, -1, 1, 2, 3]).map(other)}
        ${
          search.nearby_airports === "" &&
          !early &&
          html`
            <li>
              <a class="button" href="${searchUrl("/flights", { ...search, nearby_airports: "true" }, chosen)}">
                Nearby airports too
              </a>
            </li>`
        }
      </ul>
    </div>`
}

/** What to do when the filters leave nothing: what each of them alone keeps back. */
export function nothingFits(props: {
  relaxed: readonly { words: string; address: string; found: number }[]
  clear: string
}): Markup {
  const { relaxed, clear } = props
  const useful = relaxed.filter(({ found }) => found > 0)
  const without = ({ words, address, found }: (typeof useful)[number]) => html`
    <li>
      <a class="button secondary" href="${address}">
        ${words} <span class="muted">${formatCount(found, "itinerary", "itineraries")} without</span>
      </a>
    </li>`
  return html`
    <div class="empty">
      <h2>Nothing fits all of your filters</h2>
      <p>${useful.length > 0 ? "Leave one of them out:" : "No single one of them keeps everything back."}</p>
      <ul class="near-days"${RESULTS_ONLY}>
        ${useful.map(without)}
        <li><a class="button" href="${clear}">Clear all filters</a></li>
      </ul>
    </div>`
}

/** The search with one slice some days later or earlier. */
function onDay(search: Search, index: number, days: number): Search {
  const slices = slicesOf(search)
  return withSlices(search, slices.with(index, { ...slices[index]!, date: addDays(slices[index]!.date, days) }))
}
