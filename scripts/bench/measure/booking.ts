import { until } from "@airside/kernel/testing"
import { createAccounts, transactions } from "../limits/accounts.ts"
import { loadCalls } from "../load-calls.ts"
import type { Measurement } from "../measurement.ts"
import type { BenchProduct } from "../product.ts"
import { connectFlights, offersOnDistinctDepartures } from "../searches.ts"
import { requireSoundSeats } from "./sound-seats.ts"

const WORKERS = 32
const LEAST_PER_SECOND = 100
/** Enough for twice the target. */
const OFFERS_A_SECOND = 200
/** Days that the measurements of holds leave alone. */
const FIRST_BLOCK = 6
const SETTLE_SECONDS = 30
/** Five fresh processes compile for their first four thousand bookings, which takes a third of the time at first. */
const WARM_UP_SECONDS = 50

/**
 * Whole bookings by the JSON API, as a traveller's program makes them: held, paid at the sandbox, confirmed, with tickets
 * and points. The clock runs until the last one is confirmed and has its points.
 */
export const booking: Measurement = {
  name: "booking",
  async prepare(bench) {
    const product = await bench.product()
    await createAccounts(product)
    const flights = connectFlights(product.backendAddress)
    const tokens = await Promise.all(Array.from({ length: WORKERS }, () => register(product)))
    return {
      warmUpSeconds: WARM_UP_SECONDS,
      parts: [
        async ({ round, seconds }) => {
          const wanted = { block: FIRST_BLOCK + round, count: seconds * OFFERS_A_SECOND }
          const offers = await offersOnDistinctDepartures(product, flights, wanted)
          const before = await countConfirmed(product)
          const startTime = performance.now()
          const load = await loadCalls({ seconds, workers: WORKERS, most: offers.length }, (number, worker) =>
            book(product, tokens[worker]!, offers[number]!.token),
          )
          const allConfirmed = async () => (await countConfirmed(product)) === before + load.calls
          await until(allConfirmed, SETTLE_SECONDS, `the confirmation of ${load.calls} bookings`)
          const elapsedSeconds = (performance.now() - startTime) / 1000
          await requireSoundSeats(product, load.calls)
          return { bookings: load.calls / elapsedSeconds, bookingMilliseconds: load.p50Milliseconds }
        },
        async ({ seconds }) => {
          const load = await transactions(bench, product, { seconds, workers: WORKERS, kind: "spread" })
          return { bookingTransactions: load.perSecond }
        },
      ],
      rows({ bookings, bookingMilliseconds, bookingTransactions }) {
        return [
          {
            name: "whole bookings",
            figure: bookings!,
            unit: "bookings/s",
            limit: { name: "(c) transactions", figure: bookingTransactions! },
            ratio: bookings! / bookingTransactions!,
            target: `at least ${LEAST_PER_SECOND}`,
            met: bookings! >= LEAST_PER_SECOND,
          },
          { name: "  half of the bookings within", figure: bookingMilliseconds!, unit: "ms" },
        ]
      },
      async stop() {
        flights.close()
      },
    }
  },
}

/** A traveller's access token. */
export async function register(product: BenchProduct): Promise<string> {
  const username = `bench-${crypto.randomUUID().slice(0, 13)}`
  const { access_token } = await post<{ access_token: string }>(product, "/api/auth/register", {
    body: {
      username,
      email: `${username}@example.com`,
      password: "correct horse battery",
      first_name: "Ada",
      last_name: "Lovelace",
    },
  })
  return access_token
}

/** One adult on this offer, held and paid. */
export async function book(product: BenchProduct, token: string, offerToken: string): Promise<void> {
  const passenger = { type: "adult", given_name: "Ada", family_name: "Lovelace", birth_date: "1985-12-10" }
  const order = { offer_tokens: [offerToken], passengers: [passenger], contact: { email: "ada@example.com" } }
  const held = await post<{ booking: { reference: string } }>(product, "/api/flights/book", { token, body: order })
  const payment = { booking_reference: held.booking.reference, payment_method: "pm_card_visa" }
  const { status } = await post<{ status: string }>(product, "/api/payments/process", { token, body: payment })
  if (status !== "succeeded") throw new Error(`the payment of ${held.booking.reference} is ${status}`)
}

/** Bookings that have their tickets and their points. */
async function countConfirmed({ admin }: BenchProduct): Promise<number> {
  const [{ count }] = await admin`
    select count(*)::int as count from backend.bookings where status = 'confirmed' and points_earned > 0`
  return count
}

async function post<T>(product: BenchProduct, path: string, request: { token?: string; body: object }): Promise<T> {
  const response = await fetch(product.uiUrl + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      ...(request.token && { authorization: `Bearer ${request.token}` }),
    },
    body: JSON.stringify(request.body),
    signal: AbortSignal.timeout(20_000),
  })
  if (!response.ok) throw new Error(`POST ${path} answers ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
