import { Failure } from "@airside/kernel/errors"
import type { RpcClient } from "@airside/kernel/rpc-client"
import { together } from "@airside/kernel/together"
import type {
  FlightServiceService,
  SearchFlightsRequest,
  SearchFlightsResponse,
} from "@airside/protos/airside/flights/v1/flights"

type Flights = Pick<RpcClient<typeof FlightServiceService>, "searchFlights" | "batchSearchFlights">

/** While backend answers one call, another one is on its way. */
const CALLS_AT_ONCE = 2
/** As many as it answers in the time of a page or two, for the first of them waits for the last. */
const MOST_IN_A_CALL = 4

/** SearchFlights; searches that come while others are under way travel together, for a call costs too. */
export function searchTogether(flights: Flights): Flights["searchFlights"] {
  const search = together<SearchFlightsRequest, SearchFlightsResponse>(
    async (requests) => {
      const [first, ...others] = requests
      if (others.length === 0) return [{ status: "fulfilled", value: await flights.searchFlights(first!) }]
      const { results } = await flights.batchSearchFlights({ requests: [...requests] })
      return Promise.allSettled(
        results.map(({ response }, index) => response ?? flights.searchFlights(requests[index]!)),
      )
    },
    { width: CALLS_AT_ONCE, most: MOST_IN_A_CALL, isShared: isOutOfReach },
  )
  return (request, options) => (options ? flights.searchFlights(request, options) : search(request))
}

const isOutOfReach = (error: unknown) =>
  error instanceof Failure && ["UNAVAILABLE", "DEADLINE_EXCEEDED"].includes(error.code)
