/**
 * Writes services/backend/seed/places.csv: the airports that seed/demand.csv names, with what airport-data-js 4.0.0
 * (CC BY 4.0, see NOTICE) knows about each. City names are ours (seed/demand.csv), countries are spelled by Intl.
 * A maintenance script; run it again when demand.csv or the source changes: `bun scripts/gen-places.ts`.
 */

import { getAirportByIata } from "airport-data-js"
import { readDemand } from "../services/backend/seed/demand.ts"
import { PLACES_FILE } from "../services/backend/seed/places.ts"

/** What the source has wrong. */
const CORRECTIONS: Record<string, { airport?: string; time?: string }> = {
  BSL: { airport: "EuroAirport Basel Mulhouse Freiburg" },
  PUQ: { time: "America/Punta_Arenas" }, // Magallanes stays on summer time, unlike Santiago
}

/** What Intl calls differently than a traveller would. */
const COUNTRY_NAMES: Record<string, string> = { HK: "Hong Kong", MO: "Macau", MM: "Myanmar", TR: "Turkey" }

const countryNames = new Intl.DisplayNames(["en"], { type: "region" })

const rows = [...readDemand().values()]
  .sort((a, b) => (a.code < b.code ? -1 : 1))
  .map(async ({ code, city }) => {
    const [found] = await getAirportByIata(code)
    if (!found) throw new Error(`airport-data-js has no airport ${code}`)
    const airport = { ...found, ...CORRECTIONS[code] }
    const country = COUNTRY_NAMES[airport.country_code] ?? countryNames.of(airport.country_code) ?? ""
    return [
      code,
      airport.airport,
      city,
      country,
      airport.country_code,
      airport.time,
      airport.latitude,
      airport.longitude,
    ]
  })

const header = "code,name,city,country,country_code,time_zone,latitude,longitude"
const lines = (await Promise.all(rows)).map((row) => row.map(quote).join(","))
await Bun.write(PLACES_FILE, `${[header, ...lines].join("\n")}\n`)
console.log(`${lines.length} places written`)

function quote(value: string | number): string {
  const text = String(value).trim()
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
