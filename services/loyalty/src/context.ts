import type { Call } from "@airside/kernel/rpc-server"
import type { Database } from "@airside/kernel/sql"

/** What every operation may use; main.ts and tests build it. */
export interface Context {
  database: Database
  /** ISO 4217: fares earn and points pay in this currency alone. */
  sellingCurrency: string
}

/** The same for one call. */
export type CallContext = Context & { call: Call }
