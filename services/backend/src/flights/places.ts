import type { Sql } from "@airside/kernel/sql"
import type { Place } from "@airside/protos/airside/flights/v1/flights"

const FRESH_SECONDS = 30

/** The places that are sold from and to, kept in memory: some hundred rows that hardly ever change. */
export interface Places {
  find(code: string): Promise<Place | undefined>
  /** Best match first: code, then city, then name or country; busier places before quiet ones. */
  search(query: string, limit: number): Promise<Place[]>
}

type Known = { place: Place; flights: number; words: { code: string; city: string; rest: string[] } }

export function createPlaces(sql: Sql): Places {
  let known = new Map<string, Known>()
  let readTime = 0
  let reading: Promise<void> | undefined

  const read = () => {
    reading ??= readPlaces(sql)
      .then((places) => {
        known = new Map(places.map((each) => [each.place.code, each]))
        readTime = Date.now()
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }
  const fresh = async (seconds: number) => {
    if (known.size === 0 || Date.now() - readTime > seconds * 1000) await read()
  }
  return {
    async find(code) {
      await fresh(FRESH_SECONDS)
      const wanted = code.trim().toUpperCase()
      if (!known.has(wanted) && /^[A-Z]{3}$/.test(wanted)) await fresh(1) // it may have been imported just now
      return known.get(wanted)?.place
    },
    async search(query, limit) {
      await fresh(FRESH_SECONDS)
      const wanted = fold(query)
      if (wanted === "") return []
      return [...known.values()]
        .map((each) => ({ each, rank: rank(each, wanted) }))
        .filter(({ rank }) => rank > 0)
        .sort(
          (a, b) =>
            b.rank - a.rank || b.each.flights - a.each.flights || (a.each.place.code < b.each.place.code ? -1 : 1),
        )
        .slice(0, limit)
        .map(({ each }) => each.place)
    },
  }
}

function rank({ words }: Known, wanted: string): number {
  if (words.code === wanted) return 5
  if (words.city === wanted) return 4
  if (words.city.startsWith(wanted)) return 3
  if (words.rest.some((word) => word.startsWith(wanted))) return 2
  return words.code.startsWith(wanted) ? 1 : 0
}

/** Lower case without accents, so that "zurich" finds Zürich. */
export const fold = (text: string): string =>
  text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ø", "o")

async function readPlaces(sql: Sql): Promise<Known[]> {
  const rows = await sql<(Place & { flights: bigint })[]>`
    select p.code, p.name, p.city, p.country, p.country_code as "countryCode", p.time_zone as "timeZone",
           p.latitude, p.longitude, '{}'::text[] as airports, coalesce(f.flights, 0) as flights
    from places p
    left join (select origin, count(*) as flights from flights group by origin) f on f.origin = p.code`
  return rows.map(({ flights, ...place }) => ({
    place,
    flights: Number(flights),
    words: {
      code: place.code.toLowerCase(),
      city: fold(place.city),
      // The names themselves and each of their words: "heathrow", "united kingdom".
      rest: [place.name, place.city, place.country]
        .map(fold)
        .flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]),
    },
  }))
}
