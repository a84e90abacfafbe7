import type { Problems } from "@airside/kernel/errors"
import { SearchFilters, type TimeWindow } from "@airside/protos/airside/flights/v1/flights"

/** Of one filter. */
const MOST_NAMED = 50
const LAST_MINUTE = 1439

/** One entry a slice, of one for all of them or one for each; adds what is wrong with them. */
export function parseFilters(problems: Problems, filters: readonly SearchFilters[], slices: number): SearchFilters[] {
  if (filters.length > 1 && filters.length !== slices) problems.add("filters", "must be one, or one a slice")
  for (const [index, filter] of filters.slice(0, slices).entries()) {
    const prefix = `filters[${index}].`
    parseWindow(problems, `${prefix}departure`, filter.departure)
    parseWindow(problems, `${prefix}arrival`, filter.arrival)
    for (const [field, codes] of Object.entries({
      carriers: filter.carriers,
      connecting_airports: filter.connectingAirports,
      origin_airports: filter.originAirports,
      destination_airports: filter.destinationAirports,
    })) {
      if (codes.length > MOST_NAMED) problems.add(prefix + field, `names more than ${MOST_NAMED}`)
    }
    if (filter.longestDurationMinutes < 0) problems.add(`${prefix}longest_duration_minutes`, "is negative")
    if (filter.highestPriceMinorUnits < 0n) problems.add(`${prefix}highest_price_minor_units`, "is negative")
  }
  return Array.from({ length: slices }, (_, index) => filters[filters.length > 1 ? index : 0] ?? NO_FILTERS)
}

function parseWindow(problems: Problems, field: string, window: TimeWindow | undefined) {
  if (!window) return
  for (const [name, minute] of [
    ["from_minute", window.fromMinute],
    ["until_minute", window.untilMinute],
  ] as const) {
    if (minute < 0 || minute > LAST_MINUTE) problems.add(`${field}.${name}`, `must be from 0 to ${LAST_MINUTE}`)
  }
}

const NO_FILTERS = SearchFilters.fromPartial({})
