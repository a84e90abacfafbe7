import { rpcCredentials } from "@airside/kernel/credentials"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import {
  FlightServiceService,
  type Offer,
  OfferView,
  SearchFlightsRequest,
  SearchFlightsResponse,
} from "@airside/protos/airside/flights/v1/flights"
import { createRandom } from "../chaos/random.ts"
import type { Bench } from "./measurement.ts"
import type { BenchProduct } from "./product.ts"

interface Pair {
  origin: string
  destination: string
}

export interface Query extends Pair {
  /** YYYY-MM-DD. */
  date: string
  /** One, when not said. */
  adults?: number
}

type Flights = RpcClient<typeof FlightServiceService>

const FIRST_DAY = 20
/** Each for one part of a round. */
const BLOCKS = 12
const BLOCK_DAYS = 24
/** What a page shows. */
const OFFERS_A_PAGE = 20

export const connectFlights = (address: string) =>
  connect(FlightServiceService, address, { credentials: rpcCredentials({}).client, deadlineSeconds: 15 })

/** A civil date so many days from today. */
export const dayAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** The address that the search form of ui leads to. */
export const pagePath = ({ origin, destination, date, adults = 1 }: Query) =>
  `/flights?origin=${origin}&destination=${destination}&depart_date=${date}&cabin=economy&adults=${adults}`

/** The route with most flights, in a month. */
export async function popularQuery(product: BenchProduct): Promise<Query> {
  const [route] = await routesByFlights(product, 1)
  return { ...route!, date: dayAhead(30) }
}

export async function routesByFlights({ admin }: BenchProduct, count: number): Promise<Pair[]> {
  return admin`
    select origin, destination
    from backend.flights f
    join backend.flight_days d on d.flight_id = f.id
    group by origin, destination
    order by count(*) desc, origin, destination
    limit ${count}`
}

/** How many pairs searches are made of at most and at least, and how many are looked at to find them. */
const PAIRS = 250
const LEAST_PAIRS = 100
const CANDIDATES = 3_000
const MOST_ADULTS = 9

const coldQueriesOf = new WeakMap<BenchProduct, Promise<ColdQueries>>()

export interface ColdQueries {
  /** The next so many searches, none of which was made before in this run. */
  take(count: number): Query[]
}

/**
 * Searches as they come when many people travel: from the origin of one flight to the destination of another, so that
 * busy airports are asked for more often; of these the pairs that fill a page, or as nearly as any do. After 288 days of
 * all of them come parties of two, and so on up to nine: far more than any cache keeps.
 */
export function coldQueries({ say }: Bench, product: BenchProduct, flights: Flights): Promise<ColdQueries> {
  const known = coldQueriesOf.get(product) ?? createColdQueries(say, product, flights)
  coldQueriesOf.set(product, known)
  return known
}

async function createColdQueries(say: Bench["say"], { admin }: BenchProduct, flights: Flights): Promise<ColdQueries> {
  const ends: Pair[] = await admin`select origin, destination from backend.flights order by id`
  const random = createRandom("airside-bench", "pairs")
  const candidates = new Map<string, Pair>()
  while (candidates.size < CANDIDATES) {
    const [{ origin }, { destination }] = [random.pick(ends), random.pick(ends)]
    if (origin !== destination) candidates.set(origin + destination, { origin, destination })
  }
  const found: { pair: Pair; offers: number }[] = []
  const full = () => found.filter(({ offers }) => offers >= OFFERS_A_PAGE).length
  for (const batch of inBatches([...candidates.values()])) {
    const answers = await Promise.all(batch.map((pair) => search(flights, { ...pair, date: dayAhead(FIRST_DAY) })))
    found.push(...answers.map(({ slices }, index) => ({ pair: batch[index]!, offers: slices[0]!.offers.length })))
    if (full() >= PAIRS) break
  }
  const pairs = found.toSorted((a, b) => b.offers - a.offers).slice(0, Math.max(full(), LEAST_PAIRS))
  const searches = pairs.length * BLOCKS * BLOCK_DAYS
  say(`cold searches: ${full()} of ${found.length} pairs fill a page; ${pairs.length} are asked for`)
  let next = 0
  const query = (): Query => {
    const at = (next * STRIDE) % searches
    const adults = 1 + (Math.floor(next++ / searches) % MOST_ADULTS)
    const date = dayAhead(FIRST_DAY + Math.floor(at / pairs.length))
    return { ...pairs[at % pairs.length]!.pair, date, adults }
  }
  return { take: (count) => Array.from({ length: count }, query) }
}

/** A prime, so that stepping by it passes through all pairs and days before it comes back. */
const STRIDE = 15_485_863
const CALLS_AT_ONCE = 32

const inBatches = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / CALLS_AT_ONCE) }, (_, index) =>
    all.slice(index * CALLS_AT_ONCE, (index + 1) * CALLS_AT_ONCE),
  )

/** As a page asks; `direct`: every direct flight, with tokens to hold. */
export const search = (flights: Flights, { origin, destination, date, adults = 1 }: Query, direct = false) =>
  flights.searchFlights(
    SearchFlightsRequest.fromPartial({
      origin,
      destination,
      departDate: date,
      adults,
      limit: direct ? 100 : OFFERS_A_PAGE,
      offerView: direct ? OfferView.FULL : OfferView.BASIC,
      ...(direct && { maxConnections: 0 }),
    }),
  )

/** What some cold searches find on average, and the one whose answer is of middling size, as bytes. */
export async function typicalAnswer(flights: Flights, queries: Query[]) {
  const answers = await Promise.all(
    queries.map(async (query) => {
      const response = await search(flights, query)
      return {
        query,
        offers: response.slices[0]!.offers.length,
        bytes: SearchFlightsResponse.encode(response).finish(),
      }
    }),
  )
  const offers = answers.reduce((sum, answer) => sum + answer.offers, 0) / answers.length
  const sorted = answers.toSorted((a, b) => a.bytes.length - b.bytes.length)
  return { offersAPage: offers, ...sorted[sorted.length >> 1]! }
}

/** Days that nothing but the measurement of one departure uses. */
export const dayApart = (number: number) => dayAhead(FIRST_DAY + BLOCKS * BLOCK_DAYS + 2 + (number % 15))

/** Offers of direct flights, each of another departure, on days that belong to this block (from 0) alone. */
export async function offersOnDistinctDepartures(
  product: BenchProduct,
  flights: Flights,
  { block, count }: { block: number; count: number },
): Promise<Offer[]> {
  const routes = await routesByFlights(product, 500)
  const offers = new Map<string, Offer>()
  const firstDay = FIRST_DAY + (block % BLOCKS) * BLOCK_DAYS
  const queries = Array.from({ length: BLOCK_DAYS }, (_, day) => dayAhead(firstDay + day)).flatMap((date) =>
    routes.map((route) => ({ ...route, date })),
  )
  for (const batch of inBatches(queries)) {
    if (offers.size >= count) break
    const answers = await Promise.all(batch.map((query) => search(flights, query, true)))
    for (const offer of answers.flatMap((answer) => answer.slices[0]!.offers)) {
      const [segment] = offer.segments
      offers.set(`${segment!.flightId} ${segment!.departsAt}`, offer)
    }
  }
  if (offers.size === 0) throw new Error("nothing can be booked: no search found a direct flight")
  return [...offers.values()].slice(0, count)
}
