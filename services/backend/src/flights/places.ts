import type { Sql } from "@airside/kernel/sql"
import type { Place } from "@airside/protos/airside/flights/v1/flights"
import { distanceKm } from "../schedule/geography.ts"

const FRESH_SECONDS = 30
const NEARBY_KM = 100

/**
 * The places that are sold from and to, kept in memory: some hundred rows that hardly ever change. They are airports, and
 * cities with a code of their own ("LON"); a code that is both means the airport.
 */
export interface Places {
  find(code: string): Promise<Place | undefined>
  /**
   * Best match first: code, then city, then name or country; busier places before quiet ones, a city before its
   * airports. A city with one airport is found as that.
   */
  search(query: string, limit: number): Promise<Place[]>
  /**
   * The codes of the airports that a place stands for, busiest first; with `nearby` all others within 100 km of one of
   * them as well, nearest first.
   */
  airportsOf(place: Place, nearby: boolean): Promise<string[]>
}

type Known = { place: Place; flights: number; words: { code: string; cityCode: string; city: string; rest: string[] } }

export function createPlaces(sql: Sql): Places {
  let known = new Map<string, Known>()
  let withNearby = new Map<string, string[]>()
  let readTime = 0
  let reading: Promise<void> | undefined

  const read = () => {
    reading ??= readPlaces(sql)
      .then((places) => {
        known = new Map(places.map((each) => [each.place.code, each]))
        withNearby = new Map()
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
        .filter(({ place }) => place.airports.length !== 1)
        .map((each) => ({ each, rank: rank(each, wanted) }))
        .filter(({ rank }) => rank > 0)
        .sort((a, b) => b.rank - a.rank || busierFirst(a.each, b.each))
        .slice(0, limit)
        .map(({ each }) => each.place)
    },
    async airportsOf(place, nearby) {
      if (!nearby) return [...ownAirports(place)]
      await fresh(FRESH_SECONDS)
      const airports = withNearby.get(place.code) ?? [...ownAirports(place), ...airportsAround(place, known)]
      withNearby.set(place.code, airports)
      return [...airports]
    },
  }
}

/** The codes of the airports that a place stands for, busiest first. */
export const ownAirports = (place: Place): readonly string[] =>
  place.airports.length > 0 ? place.airports : [place.code]

function rank({ words }: Known, wanted: string): number {
  if (words.code === wanted) return 5
  if (words.city === wanted || words.cityCode === wanted) return 4
  if (words.city.startsWith(wanted)) return 3
  if (words.rest.some((word) => word.startsWith(wanted))) return 2
  return words.code.startsWith(wanted) || words.cityCode.startsWith(wanted) ? 1 : 0
}

function busierFirst(a: Known, b: Known): number {
  const cityFirst = b.place.airports.length - a.place.airports.length
  return b.flights - a.flights || cityFirst || (a.place.code < b.place.code ? -1 : 1)
}

/** Lower case without accents, so that "zurich" finds Zürich. */
export const fold = (text: string): string =>
  text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ø", "o")

/** Other airports within NEARBY_KM of one of the place's own, nearest first. */
function airportsAround(place: Place, known: ReadonlyMap<string, Known>): string[] {
  const own = ownAirports(place)
  const centres = own.flatMap((code) => known.get(code)?.place ?? [])
  return [...known.values()]
    .filter((each) => each.place.airports.length === 0 && !own.includes(each.place.code))
    .map((each) => ({ code: each.place.code, km: Math.min(...centres.map((from) => distanceKm(from, each.place))) }))
    .filter(({ km }) => km <= NEARBY_KM)
    .sort((a, b) => a.km - b.km || (a.code < b.code ? -1 : 1))
    .map(({ code }) => code)
}

type Row = Place & { flights: bigint; cityCode: string; cityName: string }

async function readPlaces(sql: Sql): Promise<Known[]> {
  const rows = await sql<Row[]>`
    select p.code, p.name, p.city, p.country, p.country_code as "countryCode", p.time_zone as "timeZone",
           p.latitude, p.longitude, '{}'::text[] as airports, coalesce(f.flights, 0) as flights,
           coalesce(c.code, '') as "cityCode", coalesce(c.name, '') as "cityName"
    from places p
    left join cities c on c.code = p.city_code and not exists (select from places where code = c.code)
    left join (select origin, count(*) as flights from flights group by origin) f on f.origin = p.code`
  const airports = rows.map(({ flights, cityCode, cityName, ...place }) => ({
    place,
    cityCode,
    cityName,
    flights: Number(flights),
    words: wordsOf(place, cityCode, cityName),
  }))
  const ofCities = Map.groupBy(
    airports.filter(({ cityCode }) => cityCode !== "").sort(busierFirst),
    (each) => each.cityCode,
  )
  return [...airports, ...[...ofCities.values()].map(asCity)]
}

/** A city as the busiest of its airports, which come busiest first, with all of their codes. */
function asCity(airports: (Known & { cityCode: string; cityName: string })[]): Known {
  const { place: busiest, cityCode: code, cityName: city } = airports[0]!
  const name = airports.length > 1 ? `${city}, all airports` : busiest.name
  const place = { ...busiest, code, name, city, airports: airports.map((each) => each.place.code) }
  return {
    place,
    flights: airports.reduce((sum, each) => sum + each.flights, 0),
    words: wordsOf({ ...place, name: city }, code, city),
  }
}

/** Names count as a whole and by each of their words: "heathrow", "united kingdom". */
const wordsOf = ({ code, name, city, country }: Place, cityCode: string, cityName: string): Known["words"] => ({
  code: code.toLowerCase(),
  cityCode: cityCode.toLowerCase(),
  city: fold(city),
  rest: [name, city, cityName, country].map(fold).flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]),
})
