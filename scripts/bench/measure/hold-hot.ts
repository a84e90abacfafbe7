import { Failure } from "@airside/kernel/errors"
import type { RpcClient } from "@airside/kernel/rpc-client"
import type { FlightServiceService, Offer } from "@airside/protos/airside/flights/v1/flights"
import { createAccounts, transactions } from "../limits/accounts.ts"
import { loadCalls } from "../load-calls.ts"
import type { Measurement } from "../measurement.ts"
import { type Flight, SCARCE_SEATS } from "../product.ts"
import { connectFlights, dayApart, search } from "../searches.ts"
import { connectBookings, holdSeat } from "./hold.ts"
import { requireSoundSeats } from "./sound-seats.ts"

const WORKERS = 32
const LEAST_PER_SECOND = 300
const RUSH = 100

/**
 * Holds over gRPC that all want seats of the same departure, against (c) on one row; then a rush for the last ten seats
 * of another one: ten get one, everybody else is told SOLD_OUT.
 */
export const holdHot: Measurement = {
  name: "hold-hot",
  async prepare(bench) {
    const product = await bench.product()
    await createAccounts(product)
    const flights = connectFlights(product.backendAddress)
    const bookings = connectBookings(product)
    return {
      parts: [
        async ({ round, seconds }) => {
          const offer = await offerOf(flights, product.roomyFlight, round)
          const load = await loadCalls({ seconds, workers: WORKERS }, () => holdSeat(bookings, offer))
          await requireSoundSeats(product, load.calls)
          const scarce = await offerOf(flights, product.scarceFlight, round)
          const rush = Array.from({ length: RUSH }, () => holdSeat(bookings, scarce))
          const outcomes = await Promise.allSettled(rush)
          const seated = outcomes.filter(({ status }) => status === "fulfilled").length
          for (const outcome of outcomes) {
            if (outcome.status === "rejected" && !isSoldOut(outcome.reason)) throw outcome.reason
          }
          await requireSoundSeats(product, seated)
          if (seated !== SCARCE_SEATS) throw new Error(`${seated} of ${RUSH} got one of ${SCARCE_SEATS} seats`)
          return { hotHolds: load.perSecond, rushSeats: seated }
        },
        async ({ seconds }) => {
          const load = await transactions(bench, product, { seconds, workers: WORKERS, kind: "hot" })
          return { hotTransactions: load.perSecond }
        },
      ],
      rows({ hotHolds, hotTransactions, rushSeats }) {
        return [
          {
            name: "holds, one hot departure",
            figure: hotHolds!,
            unit: "holds/s",
            limit: { name: "(c) on one row", figure: hotTransactions! },
            ratio: hotHolds! / hotTransactions!,
            target: `at least ${LEAST_PER_SECOND}`,
            met: hotHolds! >= LEAST_PER_SECOND,
          },
          {
            name: `  ${RUSH} at once want the last ${SCARCE_SEATS}`,
            figure: rushSeats!,
            unit: "seats sold",
            target: `exactly ${SCARCE_SEATS}, nothing oversold`,
            met: rushSeats === SCARCE_SEATS,
          },
        ]
      },
      async stop() {
        flights.close()
        bookings.close()
      },
    }
  },
}

const isSoldOut = (error: unknown) => error instanceof Failure && error.reason === "SOLD_OUT"

async function offerOf(
  flights: RpcClient<FlightServiceService>,
  { id, origin, destination }: Flight,
  round: number,
): Promise<Offer> {
  const [slice] = (await search(flights, { origin, destination, date: dayApart(round) }, true)).slices
  const offer = slice!.offers.find(({ segments }) => segments[0]!.flightId === id)
  if (!offer) throw new Error(`no offer of flight ${id} from ${origin} to ${destination} on ${dayApart(round)}`)
  return offer
}
