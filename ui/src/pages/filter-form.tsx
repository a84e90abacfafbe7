import type { Facet, Slice } from "@airside/protos/airside/flights/v1/flights"
import { formatDuration, formatMoney } from "../format.ts"
import { type Filter, type FilterName, filterInWords, filterKey, filtersOf } from "./filters.ts"
import { fieldId, Hidden, Labelled, Select } from "./form.tsx"
import { RESULTS_ONLY } from "./result-links.tsx"
import { type Search, searchFields, searchUrl, slicesOf } from "./search-query.ts"

const HOURS = Array.from({ length: 23 }, (_, index) => `${String(index + 1).padStart(2, "0")}:00`)
const LONGEST_HOURS = [2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 36]

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
    <Select name={key(name)} label={label} value={given(name)} options={withValue(HOURS, given(name))} />
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
        <Select
          name={key("longest_duration_minutes")}
          label="Longest time on the way"
          value={given("longest_duration_minutes")}
          options={withValue(
            LONGEST_HOURS.map((hours) => String(hours * 60)),
            given("longest_duration_minutes"),
            (minutes) => `Up to ${formatDuration(Number(minutes))}`,
          )}
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
      {facets.map(({ code, name: words, lowestPrice }) => (
        <label class="check">
          <input
            type="checkbox"
            id={fieldId(`${name}-${code}`)}
            name={name}
            value={code}
            checked={chosen.includes(code)}
          />
          <span>{words || code}</span>
          {lowestPrice && <small class="number muted">{formatMoney(lowestPrice)}</small>}
        </label>
      ))}
    </fieldset>
  )
}

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

/** "Any", the usual values, and the one of the address where it is none of them. */
function withValue(usual: readonly string[], value: string, words: (value: string) => string = (time) => time) {
  const values = value === "" || usual.includes(value) ? usual : [value, ...usual]
  return [["", "Any"] as const, ...values.map((each) => [each, words(each)] as const)]
}

function wholeMoney(value: string, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 })
  return format.format(Number(value))
}
