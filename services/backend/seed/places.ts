import { readFileSync } from "node:fs"
import { parseCsv } from "../src/schedule/csv.ts"
import { CITIES } from "./cities.ts"

/** An airport that people search for, under its IATA code. */
export interface Place {
  code: string
  /** The airport's name, "London Heathrow Airport"; `city` is what a traveller types, "London". */
  name: string
  city: string
  /** That of its city, where that has one of its own: "LON". */
  cityCode?: string
  country: string
  /** ISO 3166-1 alpha-2. */
  countryCode: string
  /** IANA name, such as "Europe/London". */
  timeZone: string
  /** Degrees north and east. */
  latitude: number
  longitude: number
}

/** Written by scripts/gen-places.ts, sorted by code. */
export const PLACES_FILE = new URL("./places.csv", import.meta.url)

/** The built-in airports, sorted by code. */
export function readPlaces(): Place[] {
  const cityCodes = new Map(CITIES.flatMap(({ code, airports }) => airports.map((airport) => [airport, code])))
  return parseCsv(readFileSync(PLACES_FILE, "utf8")).rows.map(({ values }) => ({
    code: values.code!,
    name: values.name!,
    city: values.city!,
    cityCode: cityCodes.get(values.code!),
    country: values.country!,
    countryCode: values.country_code!,
    timeZone: values.time_zone!,
    latitude: Number(values.latitude),
    longitude: Number(values.longitude),
  }))
}
