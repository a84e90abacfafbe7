/**
 * `bun run import:places FILE.csv [--dry-run] [--json]`: loads airports from a file with the columns city, airport, code
 * and country; codes outside the built-in list need time_zone, latitude and longitude as well, and may say in city_code
 * which city's code stands for them too, such as LON.
 * Exit codes: 0 all imported or there already, 1 nothing imported, 2 imported but for the bad rows that it lists.
 */

import { importPlaces, type PlaceImport } from "../services/backend/seed/imports.ts"
import { runImport } from "./run-import.ts"

await runImport(
  "bun run import:places FILE.csv [--dry-run] [--json]",
  {},
  {
    run: ({ database, text, dryRun }) => importPlaces(database, text, { dryRun }),
    summary: (result: PlaceImport) => [`${result.imported} places imported, ${result.alreadyThere} already there`],
  },
)
