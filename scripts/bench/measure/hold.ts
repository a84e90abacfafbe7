import { rpcCredentials } from "@airside/kernel/credentials"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import {
  BookingServiceService,
  HoldBookingRequest,
  type HoldBookingResponse,
  PassengerType,
} from "@airside/protos/airside/bookings/v1/bookings"
import type { Offer } from "@airside/protos/airside/flights/v1/flights"
import { createAccounts, transactions } from "../limits/accounts.ts"
import { loadCalls } from "../load-calls.ts"
import type { Measurement } from "../measurement.ts"
import type { BenchProduct } from "../product.ts"
import { connectFlights, offersOnDistinctDepartures } from "../searches.ts"
import { requireSoundSeats } from "./sound-seats.ts"

const WORKERS = 32
const LEAST_PER_SECOND = 1_000
/** Enough for twice the target. */
const OFFERS_A_SECOND = 2_000

type Bookings = RpcClient<typeof BookingServiceService>

/** Holds over gRPC, each of another departure, against (c). */
export const hold: Measurement = {
  name: "hold",
  async prepare(bench) {
    const product = await bench.product()
    await createAccounts(product)
    const flights = connectFlights(product.backendAddress)
    const bookings = connectBookings(product)
    return {
      parts: [
        async ({ round, seconds }) => {
          const count = seconds * OFFERS_A_SECOND
          const offers = await offersOnDistinctDepartures(product, flights, { block: round, count })
          const load = await loadCalls({ seconds, workers: WORKERS, most: offers.length }, (number) =>
            holdSeat(bookings, offers[number]!),
          )
          await requireSoundSeats(product, load.calls)
          return { holds: load.perSecond, holdMilliseconds: load.p50Milliseconds }
        },
        async ({ seconds }) => {
          const load = await transactions(bench, product, { seconds, workers: WORKERS, kind: "spread" })
          return { transactions: load.perSecond }
        },
      ],
      rows({ holds, holdMilliseconds, transactions }) {
        return [
          {
            name: "holds, distinct departures",
            figure: holds!,
            unit: "holds/s",
            limit: { name: "(c) transactions", figure: transactions! },
            ratio: holds! / transactions!,
            target: `at least ${LEAST_PER_SECOND}`,
            met: holds! >= LEAST_PER_SECOND,
          },
          { name: "  half of the holds within", figure: holdMilliseconds!, unit: "ms" },
        ]
      },
      async stop() {
        flights.close()
        bookings.close()
      },
    }
  },
}

export const connectBookings = ({ backendAddress }: BenchProduct) =>
  connect(BookingServiceService, backendAddress, { credentials: rpcCredentials({}).client, deadlineSeconds: 15 })

/** One adult on this offer, as a guest. */
export const holdSeat = (bookings: Bookings, offer: Offer): Promise<HoldBookingResponse> =>
  bookings.holdBooking(
    HoldBookingRequest.fromPartial({
      requestId: crypto.randomUUID(),
      offerTokens: [offer.token],
      passengers: [
        { type: PassengerType.ADULT, givenName: "Ada", familyName: "Lovelace", birthDate: "1985-12-10", gender: 0 },
      ],
      contact: { email: "ada@example.com", phone: "" },
    }),
  )
