import { accountEndpoints } from "./accounts.ts"
import { bookingEndpoints } from "./bookings.ts"
import { cancellationEndpoints } from "./cancellations.ts"
import type { Endpoint } from "./endpoint.ts"
import { flightEndpoints } from "./flights.ts"
import { loyaltyEndpoints } from "./loyalty.ts"
import { moneyEventEndpoint } from "./money-events.ts"
import { paymentEndpoints } from "./payments.ts"
import { seatEndpoints } from "./seats.ts"
import { webhookEndpoint } from "./webhook.ts"

/** The JSON API, by the headings of its document. */
export const API: Record<string, readonly Endpoint[]> = {
  Accounts: accountEndpoints,
  Flights: flightEndpoints,
  Bookings: [...bookingEndpoints, ...seatEndpoints, ...cancellationEndpoints],
  Payments: [...paymentEndpoints, moneyEventEndpoint, webhookEndpoint],
  Loyalty: loyaltyEndpoints,
}

export const ENDPOINTS: readonly Endpoint[] = Object.values(API).flat()
