import type { Facet, Slice } from "@airside/protos/airside/flights/v1/flights"
import { formatDuration, formatMoney } from "../format.ts"
import { html, type Markup, prepared } from "../html.ts"
import { type Filter, type FilterName, filterInWords, filterKey, filtersOf } from "./filters.ts"
import { fieldId, hidden } from "./form.tsx"
import { RESULTS_ONLY } from "./result-links.ts"
import { type Search, searchFields, searchUrl, slicesOf } from "./search-query.ts"

/** What is usually chosen, and how a value is said. */
interface Options {
  /** Stands for none of them; "Any" where nothing is said. */
  any?: string
  usual: readonly string[]
  words(value: string): string
}

const CONNECTIONS: Options = {
  any: "Up to two",
  usual: ["1", "0"],
  words: (connections) => (connections === "0" ? "Direct only" : "Up to one"),
}
const HOURS: Options = {
  usual: Array.from({ length: 23 }, (_, index) => `${String(index + 1).padStart(2, "0")}:00`),
  words: (time) => time,
}
const LONGEST: Options = {
  usual: [2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 36].map((hours) => String(hours * 60)),
  words: (minutes) => `Up to ${formatDuration(Number(minutes))}`,
}

interface FilterFormProps {
  search: Search
  /** Which slice is being chosen, and what backend says of it. */
  index: number
  slice: Slice
  /** Fields of the offers chosen before. */
  chosen: readonly (readonly [string, string])[]
  currency: string
}

/** What the offers of a slice can be narrowed to: a form that htmx sends at every change, and anybody by its button. */
export function filterForm({ search, index, slice, chosen, currency }: FilterFormProps): Markup {
  const slices = slicesOf(search).length
  const own = filtersOf(search.filters, index)
  const others = { ...search, filters: search.filters.filter((filter) => !own.includes(filter)), limit: "20" }
  const group = (name: FilterName, title: string, facets: readonly Facet[], fewest = 2) => {
    const codes = own.filter((filter) => filter.name === name).map(({ value }) => value)
    const unknown = codes.filter((code) => !facets.some((facet) => facet.code === code))
    const shown = [...facets, ...unknown.map((code) => ({ code, name: code, lowestPrice: undefined }))]
    const key = filterKey(name, index, slices)
    return shown.length >= (codes.length > 0 ? 1 : fewest) && facetBoxes(key, title, shown, codes)
  }
  const context = hidden([...searchFields(others), ...chosen])
  const groups = html`
    ${group("carrier", "Airlines", slice.carriers)}
    ${group("connecting_airport", "Connecting at", slice.connectingAirports, 1)}
    ${group("origin_airport", "Leaving from", slice.originAirports)}
    ${group("destination_airport", "Arriving at", slice.destinationAirports)}`
  const form = { index, slices, currency }
  return own.length === 0 ? withoutFilters(form)(context, groups) : withFilters(own, form, context, groups)
}

interface FormProps extends Pick<FilterFormProps, "index" | "currency"> {
  /** How many the trip has. */
  slices: number
}

/** `context`: fields that say the rest of the search; `groups`: what depends on the offers. */
function withFilters(own: readonly Filter[], { index, slices, currency }: FormProps, context: Markup, groups: Markup) {
  const key = (name: FilterName) => filterKey(name, index, slices)
  const given = (name: FilterName) => own.find((filter) => filter.name === name)?.value ?? ""
  const usual = (name: FilterName, label: string, options: Options) => choice(key(name), label, given(name), options)
  return html`
    <details id="filters" class="filters opens">
      <summary>Filters${own.length > 0 && ` (${own.length})`}</summary>
      <form action="/flights" method="get" aria-label="Filters"${AT_CHANGE}${RESULTS_IN_PLACE}>
        ${context}
        ${usual("max_connections", "Connections", CONNECTIONS)}
        <label class="check">
          <input type="checkbox" id="checked_bag" name="${key("checked_bag")}" value="true"${given("checked_bag") === "true" && CHECKED}/>
          With a checked bag
        </label>
        <fieldset class="window">
          <legend>Departure</legend>
          ${usual("departure_from", "From", HOURS)}
          ${usual("departure_until", "Until", HOURS)}
        </fieldset>
        <fieldset class="window">
          <legend>Arrival</legend>
          ${usual("arrival_from", "From", HOURS)}
          ${usual("arrival_until", "Until", HOURS)}
        </fieldset>
        ${groups}
        ${usual("longest_duration_minutes", "Longest time on the way", LONGEST)}
        ${highestPrice(key("highest_price"), given("highest_price"), currency)}
        <button class="button secondary wide" type="submit">Show flights</button>
      </form>
    </details>`
}

/** On most pages of results, a hundred options that are always the same. */
function withoutFilters(form: FormProps): (context: Markup, groups: Markup) => Markup {
  const key = `${form.index} of ${form.slices}, ${form.currency}`
  const known =
    preparedForms.get(key) ?? prepared<[Markup, Markup]>((context, groups) => withFilters([], form, context, groups))
  preparedForms.set(key, known)
  return known
}

const preparedForms = new Map<string, (context: Markup, groups: Markup) => Markup>()

const AT_CHANGE = html` hx-get="/flights" hx-trigger="change" hx-target="#results" hx-select="#results"`
const RESULTS_IN_PLACE = html` hx-swap="outerHTML show:none" hx-push-url="true" hx-sync="this:replace"`

/** What is asked for, each as a link to the same results without it. */
export function filterChips(chips: readonly Chip[], clear: string): Markup | undefined {
  if (chips.length === 0) return undefined
  const chip = ({ words, address }: Chip) => html`
    <li>
      <a class="chip" href="${address}">
        <span class="hidden-visually">Without: </span>
        ${words}
        <span aria-hidden="true">×</span>
      </a>
    </li>`
  return html`
    <ul class="chips" aria-label="Filters in use"${RESULTS_ONLY}>
      ${chips.map(chip)}
      <li><a href="${clear}">Clear all</a></li>
    </ul>`
}

export interface Chip {
  filter: Filter
  words: string
  /** The search without it, and its address. */
  without: Search
  address: string
}

/** The filters of one slice in words, each with the search without it. */
export function chipsOf(props: FilterFormProps): Chip[] {
  const { search, index, slice, chosen, currency } = props
  const facets = [...slice.carriers, ...slice.connectingAirports, ...slice.originAirports, ...slice.destinationAirports]
  const nameOf = (name: FilterName, value: string) =>
    name === "highest_price" ? wholeMoney(value, currency) : (facets.find(({ code }) => code === value)?.name ?? value)
  return filtersOf(search.filters, index).map((filter) => {
    const without = { ...search, filters: search.filters.filter((each) => each !== filter) }
    return { filter, words: filterInWords(filter, nameOf), without, address: searchUrl("/flights", without, chosen) }
  })
}

/** The search with none of the filters that the offers of one slice are narrowed by. */
export function unfiltered(search: Search, index: number): Search {
  const own = filtersOf(search.filters, index)
  return { ...search, filters: search.filters.filter((filter) => !own.includes(filter)) }
}

function facetBoxes(name: string, title: string, facets: readonly Facet[], chosen: readonly string[]): Markup {
  return html`
    <fieldset class="facets">
      <legend>${title}</legend>
      ${facets.map((facet) => facetBox(name, facet, chosen.includes(facet.code)))}
    </fieldset>`
}

const facetBox = (name: string, { code, name: words, lowestPrice }: Facet, checked: boolean) => html`
  <label class="check">
    <input type="checkbox" id="${fieldId(`${name}-${code}`)}" name="${name}" value="${code}"${checked && CHECKED}>
    <span>${words || code}</span>
    ${lowestPrice && html`<small class="number muted">${formatMoney(lowestPrice)}</small>`}
  </label>`

const CHECKED = html` checked`

const highestPrice = (name: string, value: string, currency: string) => html`
  <div class="field">
    <label for="${fieldId(name)}">Highest price, ${currency}</label>
    <input id="${fieldId(name)}" name="${name}" type="number" inputmode="numeric"${ANY_PRICE} value="${value}"/>
  </div>`

const ANY_PRICE = html` min="1" max="999999999" step="1" placeholder="Any"`

/** A choice of the usual values, of none, or of the one in the address where it is none of them. */
const choice = (name: string, label: string, value: string, options: Options) => html`
  <div class="field">
    <label for="${fieldId(name)}">${label}</label>
    <select id="${fieldId(name)}" name="${name}">${optionsOf(options, value)}</select>
  </div>`

function optionsOf({ any = "Any", usual, words }: Options, value: string): Markup {
  const values = value === "" || usual.includes(value) ? usual : [value, ...usual]
  return html`
    <option value="">${any}</option>
    ${values.map((each) => html`<option value="${each}"${each === value && SELECTED}>${words(each)}</option>`)}`
}

const SELECTED = html` selected`

function wholeMoney(value: string, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 })
  return format.format(Number(value))
}
