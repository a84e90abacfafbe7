import { rpcCredentials, type TlsFiles } from "@airside/kernel/credentials"
import { createSigner, ownIdentity } from "@airside/kernel/identity"
import { MessageReader } from "@airside/kernel/message-reader"
import { connect, type RequestOptions, type RpcClient } from "@airside/kernel/rpc-client"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"
import { BookingServiceService } from "@airside/protos/airside/bookings/v1/bookings"
import {
  BatchSearchFlightsResponse,
  FlightServiceService,
  SearchFlightsResponse,
} from "@airside/protos/airside/flights/v1/flights"
import { LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { BookingRepairServiceService, PaymentRepairServiceService } from "@airside/protos/airside/repairs/v1/repairs"
import { HealthCheckResponse_ServingStatus, HealthService } from "@airside/protos/grpc/health/v1/health"
import { searchTogether } from "./search-together.ts"

/** ui waits longer than backend (12 s), which waits longer than Stripe (10 s): who gives up first knows why. */
const DEADLINE_SECONDS = 15
const HEALTH_SECONDS = 1

export interface ClientSettings extends TlsFiles {
  BACKEND_ADDRESS: string
  PAYMENT_ADDRESS: string
  LOYALTY_ADDRESS: string
  UI_PRIVATE_KEY: Record<string, unknown>
}

/**
 * Every RPC, one async function each: `clients.bookings.getBooking({ reference }, { token })`. They reject with a
 * Failure. `token` is the identity token of the person or guest (session.ts); without one the call is anonymous.
 */
export interface Clients {
  accounts: RpcClient<typeof AccountServiceService>
  flights: RpcClient<typeof FlightServiceService>
  bookings: RpcClient<typeof BookingServiceService>
  payments: RpcClient<typeof PaymentServiceService>
  loyalty: RpcClient<typeof LoyaltyServiceService>
  bookingRepairs: RpcClient<typeof BookingRepairServiceService>
  paymentRepairs: RpcClient<typeof PaymentRepairServiceService>
  /** Calls as service:ui: for RecordWebhook, SettleBooking and the hosted page of ProcessPayment, nothing else. */
  asUi(): Promise<RequestOptions>
  /** Which services answer that they serve. */
  health(): Promise<{ backend: boolean; payment: boolean; loyalty: boolean }>
  close(): void
}

/** The service as it is, but its largest and most frequent answer is read faster, and offers have their flights again. */
const FLIGHT_SERVICE: typeof FlightServiceService = {
  ...FlightServiceService,
  searchFlights: {
    ...FlightServiceService.searchFlights,
    responseDeserialize: (bytes) => withSegments(SearchFlightsResponse.decode(new MessageReader(bytes))),
  },
  batchSearchFlights: {
    ...FlightServiceService.batchSearchFlights,
    responseDeserialize: (bytes) => {
      const batch = BatchSearchFlightsResponse.decode(new MessageReader(bytes))
      for (const { response } of batch.results) if (response) withSegments(response)
      return batch
    },
  },
}

/** The basic view says each flight of a slice once. Where offers share a flight, they have the same object. */
export function withSegments(response: SearchFlightsResponse): SearchFlightsResponse {
  for (const { offers, segments } of response.slices) {
    for (const offer of offers) {
      if (offer.segments.length === 0) offer.segments = offer.segmentIndexes.map((index) => segments[index]!)
    }
  }
  return response
}

/** Connects lazily: a peer that is down makes calls fail with UNAVAILABLE, not the start. */
export async function createClients(settings: ClientSettings): Promise<Clients> {
  const credentials = rpcCredentials(settings).client
  const options = { credentials, deadlineSeconds: DEADLINE_SECONDS }
  const own = ownIdentity(await createSigner("ui", settings.UI_PRIVATE_KEY), "ui")
  const accounts = connect(AccountServiceService, settings.BACKEND_ADDRESS, options)
  const flights = connect(FLIGHT_SERVICE, settings.BACKEND_ADDRESS, options)
  const bookings = connect(BookingServiceService, settings.BACKEND_ADDRESS, options)
  const payments = connect(PaymentServiceService, settings.PAYMENT_ADDRESS, options)
  const loyalty = connect(LoyaltyServiceService, settings.LOYALTY_ADDRESS, options)
  const bookingRepairs = connect(BookingRepairServiceService, settings.BACKEND_ADDRESS, options)
  const paymentRepairs = connect(PaymentRepairServiceService, settings.PAYMENT_ADDRESS, options)
  const healths = [settings.BACKEND_ADDRESS, settings.PAYMENT_ADDRESS, settings.LOYALTY_ADDRESS].map((address) =>
    connect(HealthService, address, { credentials, deadlineSeconds: HEALTH_SECONDS }),
  )
  return {
    accounts,
    flights: { ...flights, searchFlights: searchTogether(flights) },
    bookings,
    payments,
    loyalty,
    bookingRepairs,
    paymentRepairs,
    asUi: async () => ({ token: await own() }),
    async health() {
      const [backend = false, payment = false, loyaltyServes = false] = await Promise.all(healths.map(isServing))
      return { backend, payment, loyalty: loyaltyServes }
    },
    close() {
      const services = [accounts, flights, bookings, payments, loyalty, bookingRepairs, paymentRepairs]
      for (const client of [...services, ...healths]) client.close()
    },
  }
}

async function isServing(health: RpcClient<typeof HealthService>): Promise<boolean> {
  try {
    const answer = (await health.check({ service: "" })) as { status: number }
    return answer.status === HealthCheckResponse_ServingStatus.SERVING
  } catch {
    return false
  }
}
