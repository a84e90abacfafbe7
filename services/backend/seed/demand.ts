import { readFileSync } from "node:fs"
import { parseCsv } from "../src/schedule/csv.ts"

/** How much a place is flown to and from: about millions of passengers a year, kept by hand in demand.csv. */
export interface Demand {
  code: string
  city: string
  weight: number
}

/** The demand list by airport code. */
export function readDemand(): Map<string, Demand> {
  const { rows } = parseCsv(readFileSync(new URL("./demand.csv", import.meta.url), "utf8"))
  return new Map(
    rows.map(({ values }) => [values.code!, { code: values.code!, city: values.city!, weight: Number(values.weight) }]),
  )
}
