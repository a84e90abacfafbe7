/**
 * `bun run seed:demo [--dry-run] [--json]`: a demo traveller and a member of staff, and, where Airside runs with Stripe's
 * test mode or the sandbox, three trips of the traveller: one to come and back, one with seats, one cancelled. A second
 * time adds nothing. Exit codes: 0 done, 1 failed.
 */

import { Failure } from "@airside/kernel/errors"
import { connect } from "@airside/kernel/rpc-client"
import { connectDatabase } from "@airside/kernel/sql"
import { BookingServiceService, HoldBookingRequest, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { FlightServiceService, SearchFlightsRequest, SeatStatus } from "@airside/protos/airside/flights/v1/flights"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { DEMO_PEOPLE } from "../services/backend/seed/demo-people.ts"
import { addPerson } from "../services/backend/seed/people.ts"
import { logIn } from "./grpc/log-in.ts"
import { readPeers } from "./grpc/peers.ts"
import { runDatabaseTask } from "./run-database-task.ts"

const DEADLINE_SECONDS = 15

interface Trip {
  origin: string
  destination: string
  daysAhead: number
  daysThere?: number
  seats?: true
  cancel?: true
}

const TRIPS: Trip[] = [
  { origin: "LHR", destination: "JFK", daysAhead: 45, daysThere: 7 },
  { origin: "CDG", destination: "NCE", daysAhead: 20, seats: true },
  { origin: "DEL", destination: "BOM", daysAhead: 60, cancel: true },
]

await runDatabaseTask(
  "bun run seed:demo [--dry-run] [--json]",
  {},
  {
    async run({ environment, dryRun }) {
      const database = connectDatabase({ url: environment.DATABASE_URL!, connections: 2, name: "airside-seed" })
      const people: Record<string, string> = {}
      try {
        for (const person of DEMO_PEOPLE) people[person.username] = await addPerson(database, person, { dryRun })
      } finally {
        await database.close()
      }
      return { people, trips: dryRun ? "not looked at" : await seedTrips(environment) }
    },
    summary: ({ people, trips }) => [
      ...Object.entries(people).map(([username, done]) => `${username}: ${done}`),
      `trips: ${Array.isArray(trips) ? trips.join(", ") : trips}`,
    ],
  },
)

/** The references of the trips that were made, or why there are none. */
async function seedTrips(environment: Record<string, string>): Promise<string[] | string> {
  const { credentials, addressOf, isLive } = readPeers(environment)
  if (isLive) return "none: they would be paid with real money"
  const peer = { credentials, deadlineSeconds: DEADLINE_SECONDS }
  const clients = {
    flights: connect(FlightServiceService, addressOf.backend, peer),
    bookings: connect(BookingServiceService, addressOf.backend, peer),
    payments: connect(PaymentServiceService, addressOf.payment, peer),
  }
  try {
    const token = await logIn("demo", { address: addressOf.backend, credentials })
    const known = await clients.bookings.listBookings({ pageSize: 1, pageToken: "" }, { token })
    if (known.bookings.length > 0) return "already there"
    const references: string[] = []
    for (const trip of TRIPS) {
      const reference = await makeTrip(clients, trip, token)
      if (reference) references.push(reference)
    }
    return references
  } catch (error) {
    if (error instanceof Failure && error.code === "UNAVAILABLE") return "none: Airside does not run"
    throw error
  } finally {
    for (const client of Object.values(clients)) client.close()
  }
}

interface Clients {
  flights: ReturnType<typeof connect<typeof FlightServiceService>>
  bookings: ReturnType<typeof connect<typeof BookingServiceService>>
  payments: ReturnType<typeof connect<typeof PaymentServiceService>>
}

/** Undefined where nothing flies on that day. */
async function makeTrip(
  { flights, bookings, payments }: Clients,
  trip: Trip,
  token: string,
): Promise<string | undefined> {
  const { slices } = await flights.searchFlights(
    SearchFlightsRequest.fromPartial({
      origin: trip.origin,
      destination: trip.destination,
      departDate: civilDate(trip.daysAhead),
      returnDate: trip.daysThere ? civilDate(trip.daysAhead + trip.daysThere) : "",
    }),
  )
  const offers = slices.flatMap((slice) => slice.offers.slice(0, 1))
  const offerTokens = offers.map(({ fares }) => fares.find(({ brand }) => brand === "standard")!.token)
  if (offerTokens.length < slices.length) return undefined
  const requestId = () => crypto.randomUUID()
  const { booking } = await bookings.holdBooking(
    HoldBookingRequest.fromPartial({
      requestId: requestId(),
      offerTokens,
      passengers: [{ type: PassengerType.ADULT, givenName: "Dana", familyName: "Moreau", birthDate: "1988-02-29" }],
      contact: { email: "demo@example.com" },
    }),
    { token },
  )
  const { reference, segments, passengers } = booking!
  if (trip.seats) {
    const map = await flights.getSeatMap(
      { subject: { $case: "bookingReference", value: reference }, cabin: 0 },
      { token },
    )
    const seats = map.segments.map(({ segmentId, seats }) => ({
      segmentId,
      passengerId: passengers[0]!.id,
      seat: seats.find(({ status }) => status === SeatStatus.FREE)?.number ?? "",
    }))
    if (segments.length > 0) await bookings.chooseSeats({ requestId: requestId(), reference, seats }, { token })
  }
  const { paymentId } = await bookings.startCheckout(
    { requestId: requestId(), reference, points: undefined },
    { token },
  )
  const method = { $case: "paymentMethod", value: "pm_card_visa" } as const
  await payments.processPayment({ requestId: requestId(), paymentId, method, returnUrl: "" }, { token })
  await bookings.settleBooking({ subject: { $case: "reference", value: reference } }, { token })
  if (trip.cancel) {
    const { quote } = await bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token })
    await bookings.cancelBooking({ requestId: requestId(), reference, quoteToken: quote!.token }, { token })
  }
  return reference
}

function civilDate(daysAhead: number): string {
  return new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10)
}
