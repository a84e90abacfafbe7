/**
 * `bun services/backend/bench/engine.ts --seconds N`: the engine alone, in one process and on one core, over the schedule
 * of BACKEND_DATABASE_URL: searches on any day for one adult, each found and ranked, from any airport to any other, big
 * or small, and between those that fill a page. Prints an EngineLoad.
 */

import { parseArgs } from "node:util"
import { systemClock } from "@airside/kernel/clock"
import { readConfig } from "@airside/kernel/config"
import { connectDatabase } from "@airside/kernel/sql"
import { BRAND_NAMES } from "../src/flights/fares.ts"
import { seededRandom } from "../src/schedule/random.ts"
import { findItineraries } from "../src/search/find-itineraries.ts"
import { createLiveTimetable } from "../src/search/live-timetable.ts"
import { rankItineraries } from "../src/search/rank-itineraries.ts"
import { CABIN_NAMES } from "../src/search/timetable.ts"

export interface EngineLoad {
  anyPair: SearchLoad
  busyPair: SearchLoad
  flights: number
  /** Reading the schedule and building the timetable. */
  buildSeconds: number
  /** By which the process grew meanwhile, after a collection. */
  timetableMegabytes: number
}

interface SearchLoad {
  perSecond: number
  /** Itineraries that a search found, on average. */
  found: number
}

type Pair = readonly [origin: number, destination: number]

/** As bench's pages: 20 offers, and pairs of which there are enough. */
const OFFERS_A_PAGE = 20
const PAIRS = 250
const LEAST_PAIRS = 100
const CANDIDATES = 3_000
const WARM_UP_SECONDS = 2
const MOST_CONNECTIONS = 2
const FIRST_DAY = 20
const DAYS = 288
const DAY_MINUTES = 1440

const { values } = parseArgs({ options: { seconds: { type: "string" } } })
const config = readConfig(
  ["BACKEND_DATABASE_URL", "SELLING_CURRENCY", "SALE_HORIZON_DAYS", "SALES_CLOSE_MINUTES"],
  process.env,
)
const database = connectDatabase({ url: config.BACKEND_DATABASE_URL, connections: 4, name: "airside-bench" })
const live = createLiveTimetable({
  sql: database.sql,
  clock: systemClock,
  currency: config.SELLING_CURRENCY,
  saleHorizonDays: config.SALE_HORIZON_DAYS,
})
const before = residentMegabytes()
const startTime = performance.now()
await live.refresh()
const buildSeconds = (performance.now() - startTime) / 1000
const timetableMegabytes = residentMegabytes() - before
const { timetable, availability } = await live.current()
const random = seededRandom(1)
const nowMinute = Math.floor(systemClock().getTime() / 60_000)

const busyPairs = chooseBusyPairs()
const busyPair = () => busyPairs[Math.floor(random() * busyPairs.length)]!
const load: EngineLoad = {
  anyPair: warmLoad(anyPair),
  busyPair: warmLoad(busyPair),
  flights: timetable.flights.length,
  buildSeconds,
  timetableMegabytes,
}
console.log(JSON.stringify(load))
await database.close()

/** Long searches are compiled anew for what they meet, which takes the compiler a second or two. */
function warmLoad(choose: () => Pair): SearchLoad {
  searchFor(WARM_UP_SECONDS, choose)
  return searchFor(Number(values.seconds), choose)
}

function searchFor(seconds: number, choose: () => Pair): SearchLoad {
  const beginTime = performance.now()
  let searches = 0
  let itineraries = 0
  while (performance.now() < beginTime + seconds * 1000) {
    itineraries += searchOnce(choose())
    searches++
  }
  return { perSecond: (searches * 1000) / (performance.now() - beginTime), found: itineraries / searches }
}

function anyPair(): Pair {
  const airports = timetable.airports.length
  const origin = Math.floor(random() * airports)
  return [origin, (origin + 1 + Math.floor(random() * (airports - 1))) % airports]
}

/** From the origin of one flight to the destination of another, so that busy airports come more often. */
function chooseBusyPairs(): Pair[] {
  const anyFlight = () => timetable.flights[Math.floor(random() * timetable.flights.length)]!
  const surveyed: { pair: Pair; found: number }[] = []
  let full = 0
  while (surveyed.length < CANDIDATES && full < PAIRS) {
    const origin = timetable.airportNumbers.get(anyFlight().origin)!
    const destination = timetable.airportNumbers.get(anyFlight().destination)!
    if (origin === destination) continue
    const pair = [origin, destination] as const
    const found = searchOnce(pair)
    if (found >= OFFERS_A_PAGE) full++
    surveyed.push({ pair, found })
  }
  const byFound = surveyed.toSorted((a, b) => b.found - a.found)
  return byFound.slice(0, full >= LEAST_PAIRS ? full : LEAST_PAIRS).map(({ pair }) => pair)
}

function searchOnce([origin, destination]: Pair): number {
  const { found } = findItineraries(timetable, availability, {
    origins: [origin],
    destinations: [destination],
    day: Math.floor(nowMinute / DAY_MINUTES) + FIRST_DAY + Math.floor(random() * DAYS),
    cabin: CABIN_NAMES.indexOf("economy"),
    brand: BRAND_NAMES[0]!,
    counts: { adults: 1, children: 0, infants: 0 },
    maxConnections: MOST_CONNECTIONS,
    salesCloseMinute: nowMinute + config.SALES_CLOSE_MINUTES,
    nowMinute,
    filters: { longestDurationMinutes: 0, highestPrice: 0 },
  })
  return rankItineraries(found, "best").length
}

function residentMegabytes(): number {
  Bun.gc(true)
  return process.memoryUsage().rss / 2 ** 20
}
