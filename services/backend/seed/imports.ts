/** What the import scripts call: a script reaches a service through its seed folder only. */

export { type FlightImport, importFlights } from "../src/schedule/import-flights.ts"
export { importPlaces, type PlaceImport } from "../src/schedule/import-places.ts"
export { type SkippedRow, UnreadableFile } from "../src/schedule/import-report.ts"
export { importSsim, type SsimImport } from "../src/schedule/ssim-import.ts"
