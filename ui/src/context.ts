import type { Config } from "@airside/kernel/config"
import type { Log } from "@airside/kernel/log"
import type { Clients } from "./clients.ts"
import type { PageCache } from "./page-cache.ts"
import type { Sessions } from "./session.ts"

/** What ui reads of its environment, beside how to reach the services. */
export const UI_SETTINGS = [
  "HOST",
  "UI_PORT",
  "PUBLIC_URL",
  "SANDBOX_PUBLIC_URL",
  "STRIPE_API_BASE",
  "SELLING_CURRENCY",
  "SALE_HORIZON_DAYS",
  "SEATS_PER_BOOKING",
  "LOG_LEVEL",
  "NODE_ENV",
] as const

export type UiConfig = Config<(typeof UI_SETTINGS)[number]> & { PUBLIC_URL: string }

/** What every page and every endpoint is made with. */
export interface UiContext {
  clients: Clients
  sessions: Sessions
  pages: PageCache
  config: UiConfig
  log: Log
}
