import { minorDigits } from "@airside/kernel/money"
import { formatWholeMoney } from "../format.ts"
import { type FilterName, filterInWords } from "./filters.ts"
import type { Search } from "./search-query.ts"

interface FareFiltersProps {
  search: Search
  /** Which directions the fares are of. */
  directions: readonly number[]
  currency: string
  /** The same fares without filters. */
  address: string
  /** Of the link that leads there. */
  attributes?: Record<string, string>
}

/** Says that fares are those of a filtered search, by which filters, and leads to the others. */
export function FareFilters({ search, directions, currency, address, attributes }: FareFiltersProps) {
  const filters = search.filters.filter(({ slice }) => slice === undefined || directions.includes(slice))
  if (filters.length === 0) return null
  const nameOf = (name: FilterName, value: string) => (name === "highest_price" ? wholeUnits(value, currency) : value)
  const words = new Set(filters.map((filter) => filterInWords(filter, nameOf)))
  return (
    <p class="hint">
      Only what fits your filters: {[...words].join(" · ")}.{" "}
      <a id="fares-unfiltered" href={address} {...attributes}>
        Without filters
      </a>
    </p>
  )
}

const wholeUnits = (value: string, currency: string): string =>
  formatWholeMoney({ currency, minorUnits: BigInt(value) * 10n ** BigInt(minorDigits(currency)) })
