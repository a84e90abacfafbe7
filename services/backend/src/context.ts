import type { Clock } from "@airside/kernel/clock"
import type { Signer } from "@airside/kernel/identity"
import type { Log } from "@airside/kernel/log"
import type { RpcClient } from "@airside/kernel/rpc-client"
import type { Call } from "@airside/kernel/rpc-server"
import type { Database } from "@airside/kernel/sql"
import type { LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import type { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import type { Sessions } from "./accounts/sessions.ts"
import type { Places } from "./flights/places.ts"
import type { LiveTimetable } from "./search/live-timetable.ts"

/** What the operations work with; made once in main.ts, replaceable in tests. */
export interface Context {
  database: Database
  clock: Clock
  log: Log
  signer: Signer
  sessions: Sessions
  places: Places
  schedule: LiveTimetable
  payment: RpcClient<PaymentServiceService>
  loyalty: RpcClient<LoyaltyServiceService>
  rules: Rules
}

/** A context together with the call that is being answered. */
export type CallContext = Context & { call: Call }

/** The settings that the rules of selling depend on. */
export interface Rules {
  publicUrl: string
  currency: string
  /** Signs offers and cancellation quotes. */
  offerKey: string
  offerSeconds: number
  holdSeconds: number
  holdExtensionSeconds: number
  quoteSeconds: number
  saleHorizonDays: number
  salesCloseMinutes: number
  seatsPerBooking: number
}
