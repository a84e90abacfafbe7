import type { Log } from "@airside/kernel/log"
import type { Call } from "@airside/kernel/rpc-server"
import type { Database } from "@airside/kernel/sql"
import type Stripe from "stripe"

/** What every operation of this service works with. */
export interface Context {
  database: Database
  stripe: Stripe
  /** Without one no event is believed. */
  webhookSecret: string | undefined
  sellingCurrency: string
  log: Log
}

export type CallContext = Context & { call: Call }
