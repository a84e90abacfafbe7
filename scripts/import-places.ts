/**
 * `bun run import:places FILE.csv [--rate N] [--dry-run] [--json]`: loads airports from a file with the columns city,
 * airport, code and country; codes outside the built-in list need time_zone, latitude and longitude as well, and may say
 * in city_code which city's code stands for them too, such as LON. What the airports charge is made up in US dollars and
 * multiplied by --rate (or about the usual one) into the selling currency.
 * Exit codes: 0 all imported or there already, 1 nothing imported, 2 imported but for the bad rows that it lists.
 */

import { importPlaces, type PlaceImport } from "../services/backend/seed/imports.ts"
import { parseRate, runImport } from "./run-import.ts"

await runImport(
  "bun run import:places FILE.csv [--rate N] [--dry-run] [--json]",
  { rate: { type: "string" } },
  {
    run: async ({ database, file, dryRun, sellingCurrency, options }) =>
      importPlaces(database, await Bun.file(file).text(), { dryRun, sellingCurrency, rate: parseRate(options.rate) }),
    summary: (result: PlaceImport) => [`${result.imported} places imported, ${result.alreadyThere} already there`],
  },
)
