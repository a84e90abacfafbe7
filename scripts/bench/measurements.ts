import { booking } from "./measure/booking.ts"
import { calendar } from "./measure/calendar.ts"
import { coldSearch } from "./measure/cold-search.ts"
import { engine } from "./measure/engine.ts"
import { growth } from "./measure/growth.ts"
import { hold } from "./measure/hold.ts"
import { holdHot } from "./measure/hold-hot.ts"
import { hotSearch } from "./measure/hot-search.ts"
import { memory } from "./measure/memory.ts"
import type { Measurement } from "./measurement.ts"

/** Everything that is measured, in this order: what reads before what writes, so that tables are still small. */
export const MEASUREMENTS: Measurement[] = [
  hotSearch,
  coldSearch,
  engine,
  calendar,
  growth,
  hold,
  holdHot,
  booking,
  memory,
]

/** By their names; none named means all. Throws when there is none of that name. */
export function selectMeasurements(names: string[]): Measurement[] {
  for (const name of names) {
    if (MEASUREMENTS.some((measurement) => measurement.name === name)) continue
    throw new Error(`no measurement is called ${name}: there are ${MEASUREMENTS.map((each) => each.name).join(", ")}`)
  }
  return names.length === 0 ? MEASUREMENTS : MEASUREMENTS.filter(({ name }) => names.includes(name))
}
