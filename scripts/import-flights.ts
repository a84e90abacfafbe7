/**
 * `bun run import:flights FILE.csv [--rate 0.012] [--dry-run] [--json]`: loads flights of the predecessor's format
 * beside those that are there. `--rate` is what one unit of the file's currency is worth in the selling currency.
 * Exit codes: 0 all imported or there already, 1 nothing imported, 2 imported but for the bad rows that it lists.
 */

import { type FlightImport, importFlights } from "../services/backend/seed/imports.ts"
import { parseRate, runImport } from "./run-import.ts"

const OPTIONS = { rate: { type: "string" } } as const

await runImport("bun run import:flights FILE.csv [--rate 0.012] [--dry-run] [--json]", OPTIONS, {
  run: async ({ database, file, dryRun, sellingCurrency, options, onProgress }) =>
    importFlights(database, await Bun.file(file).text(), {
      sellingCurrency,
      rate: parseRate(options.rate),
      dryRun,
      onProgress,
    }),
  summary: (result: FlightImport) => [
    `${result.flights} flights with ${result.days} departures a week`,
    `${result.imported} imported, ${result.alreadyThere} already there, ${result.newCarriers} new carriers`,
    ...(result.evened > 0
      ? [`${result.evened} flights have another fare or duration on some days: they got the median`]
      : []),
  ],
})
