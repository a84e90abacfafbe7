import type { Facet, Slice } from "@airside/protos/airside/flights/v1/flights"
import { raw } from "hono/html"
import { formatDuration, formatMoney } from "../format.ts"
import { html } from "../html.ts"
import { type Filter, type FilterName, filterInWords, filterKey, filtersOf } from "./filters.ts"
import { fieldId, Hidden, Labelled, Select } from "./form.tsx"
import { RESULTS_ONLY } from "./result-links.tsx"
import { type Search, searchFields, searchUrl, slicesOf } from "./search-query.ts"

/** What is usually chosen, and how a value is said. */
interface Options {
  usual: readonly string[]
  words(value: string): string
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
export function FilterForm({ search, index, slice, chosen, currency }: FilterFormProps) {
  const slices = slicesOf(search).length
  const own = filtersOf(search.filters, index)
  const others = { ...search, filters: search.filters.filter((filter) => !own.includes(filter)) }
  const key = (name: FilterName) => filterKey(name, index, slices)
  const given = (name: FilterName) => own.find((filter) => filter.name === name)?.value ?? ""
  const time = (name: FilterName, label: string) => (
    <Usual name={key(name)} label={label} value={given(name)} options={HOURS} />
  )
  const group = (name: FilterName, title: string, facets: readonly Facet[], fewest = 2) => {
    const chosenCodes = own.filter((filter) => filter.name === name).map(({ value }) => value)
    const unknown = chosenCodes.filter((code) => !facets.some((facet) => facet.code === code))
    const shown = [...facets, ...unknown.map((code) => ({ code, name: code, lowestPrice: undefined }))]
    return shown.length >= (chosenCodes.length > 0 ? 1 : fewest) ? (
      <Facets name={key(name)} title={title} facets={shown} chosen={chosenCodes} />
    ) : null
  }
  return (
    <details id="filters" class="filters opens">
      <summary>Filters{own.length > 0 && ` (${own.length})`}</summary>
      <form
        action="/flights"
        method="get"
        aria-label="Filters"
        hx-get="/flights"
        hx-trigger="change"
        hx-target="#results"
        hx-select="#results"
        hx-swap="outerHTML show:none"
        hx-push-url="true"
        hx-sync="this:replace"
      >
        <Hidden values={[...searchFields({ ...others, limit: "20" }), ...chosen]} />
        <Select
          name={key("max_connections")}
          label="Connections"
          value={given("max_connections")}
          options={[
            ["", "Up to two"],
            ["1", "Up to one"],
            ["0", "Direct only"],
          ]}
        />
        <label class="check">
          <input
            type="checkbox"
            id="checked_bag"
            name={key("checked_bag")}
            value="true"
            checked={given("checked_bag") === "true"}
          />
          With a checked bag
        </label>
        <fieldset class="window">
          <legend>Departure</legend>
          {time("departure_from", "From")}
          {time("departure_until", "Until")}
        </fieldset>
        <fieldset class="window">
          <legend>Arrival</legend>
          {time("arrival_from", "From")}
          {time("arrival_until", "Until")}
        </fieldset>
        {group("carrier", "Airlines", slice.carriers)}
        {group("connecting_airport", "Connecting at", slice.connectingAirports, 1)}
        {group("origin_airport", "Leaving from", slice.originAirports)}
        {group("destination_airport", "Arriving at", slice.destinationAirports)}
        <Usual
          name={key("longest_duration_minutes")}
          label="Longest time on the way"
          value={given("longest_duration_minutes")}
          options={LONGEST}
        />
        <HighestPrice name={key("highest_price")} value={given("highest_price")} currency={currency} />
        <button class="button secondary wide" type="submit">
          Show flights
        </button>
      </form>
    </details>
  )
}

/** What is asked for, each as a link to the same results without it. */
export function FilterChips({ chips, clear }: { chips: readonly Chip[]; clear: string }) {
  if (chips.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters in use" hx-boost:inherited={RESULTS_ONLY}>
      {chips.map(({ words, address }) => (
        <li>
          <a class="chip" href={address}>
            <span class="hidden-visually">Without: </span>
            {words}
            <span aria-hidden="true">×</span>
          </a>
        </li>
      ))}
      <li>
        <a href={clear}>Clear all</a>
      </li>
    </ul>
  )
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

function Facets(props: { name: string; title: string; facets: readonly Facet[]; chosen: readonly string[] }) {
  const { name, title, facets, chosen } = props
  return (
    <fieldset class="facets">
      <legend>{title}</legend>
      {raw(facets.map((facet) => facetBox(name, facet, chosen.includes(facet.code)).text).join(""))}
    </fieldset>
  )
}

const facetBox = (name: string, { code, name: words, lowestPrice }: Facet, checked: boolean) => html`
  <label class="check">
    <input type="checkbox" id="${fieldId(`${name}-${code}`)}" name="${name}" value="${code}"${checked && CHECKED}>
    <span>${words || code}</span>
    ${lowestPrice && html`<small class="number muted">${formatMoney(lowestPrice)}</small>`}
  </label>`

const CHECKED = html` checked`

function HighestPrice({ name, value, currency }: { name: string; value: string; currency: string }) {
  return (
    <Labelled name={name} label={`Highest price, ${currency}`}>
      <input
        id={fieldId(name)}
        name={name}
        type="number"
        inputmode="numeric"
        min={1}
        max={999_999_999}
        step={1}
        placeholder="Any"
        value={value}
      />
    </Labelled>
  )
}

/** A choice of the usual values, of none, or of the one in the address where it is none of them. */
function Usual({ name, label, value, options }: { name: string; label: string; value: string; options: Options }) {
  return (
    <Labelled name={name} label={label}>
      <select id={fieldId(name)} name={name}>
        {raw(value === "" ? anyOf(options) : optionsOf(options, value).text)}
      </select>
    </Labelled>
  )
}

/** On every page of results, a hundred options that are always the same. */
function anyOf(options: Options): string {
  const markup = withoutChoice.get(options) ?? optionsOf(options, "").text
  withoutChoice.set(options, markup)
  return markup
}

const withoutChoice = new Map<Options, string>()

function optionsOf({ usual, words }: Options, value: string) {
  const values = value === "" || usual.includes(value) ? usual : [value, ...usual]
  return html`
    <option value="">Any</option>
    ${values.map((each) => html`<option value="${each}"${each === value && SELECTED}>${words(each)}</option>`)}`
}

const SELECTED = html` selected`

function wholeMoney(value: string, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 })
  return format.format(Number(value))
}
