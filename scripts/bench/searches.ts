import { rpcCredentials } from "@airside/kernel/credentials"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import {
  FlightServiceService,
  type Offer,
  SearchFlightsRequest,
  SearchFlightsResponse,
} from "@airside/protos/airside/flights/v1/flights"
import { createRandom } from "../chaos/random.ts"
import type { BenchProduct } from "./product.ts"

export interface Query {
  origin: string
  destination: string
  /** YYYY-MM-DD. */
  date: string
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
export const pagePath = ({ origin, destination, date }: Query) =>
  `/flights?origin=${origin}&destination=${destination}&depart_date=${date}&cabin=economy&adults=1`

/** The route with most flights, in a month. */
export async function popularQuery(product: BenchProduct): Promise<Query> {
  const [route] = await routesByFlights(product, 1)
  return { ...route!, date: dayAhead(30) }
}

export async function routesByFlights(
  { admin }: BenchProduct,
  count: number,
): Promise<Pick<Query, "origin" | "destination">[]> {
  return admin`
    select origin, destination
    from backend.flights f
    join backend.flight_days d on d.flight_id = f.id
    group by origin, destination
    order by count(*) desc, origin, destination
    limit ${count}`
}

/** Searches of which no two are the same: any airport to any other on any day, whether big or small. */
export async function coldQueries({ admin }: BenchProduct, name: string, count: number): Promise<Query[]> {
  const rows: { code: string }[] = await admin`select code from backend.places order by code`
  const random = createRandom("airside-bench", name)
  const queries = new Map<string, Query>()
  while (queries.size < count) {
    const origin = random.pick(rows).code
    const destination = random.pick(rows).code
    const date = dayAhead(FIRST_DAY + random.below(BLOCKS * BLOCK_DAYS))
    if (origin !== destination) queries.set(origin + destination + date, { origin, destination, date })
  }
  return [...queries.values()]
}

export const search = (flights: Flights, { origin, destination, date }: Query, direct = false) =>
  flights.searchFlights(
    SearchFlightsRequest.fromPartial({
      origin,
      destination,
      departDate: date,
      adults: 1,
      limit: direct ? 100 : OFFERS_A_PAGE,
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
  for (let start = 0; start < queries.length && offers.size < count; start += 32) {
    const answers = await Promise.all(queries.slice(start, start + 32).map((query) => search(flights, query, true)))
    for (const offer of answers.flatMap((answer) => answer.slices[0]!.offers)) {
      const [segment] = offer.segments
      offers.set(`${segment!.flightId} ${segment!.departsAt}`, offer)
    }
  }
  if (offers.size === 0) throw new Error("nothing can be booked: no search found a direct flight")
  return [...offers.values()].slice(0, count)
}
