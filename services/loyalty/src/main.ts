import { trimAnswers } from "@airside/kernel/idempotency"
import { serve } from "@airside/kernel/serve"
import { sweepLots } from "./lots/sweep-lots.ts"
import { services } from "./services.ts"

const DAY_MILLISECONDS = 24 * 3600 * 1000

await serve({
  name: "loyalty",
  settings: [
    "HOST",
    "LOYALTY_PORT",
    "LOYALTY_WEB_PORT",
    "LOYALTY_DATABASE_URL",
    "DATABASE_PREPARE",
    "DATABASE_CONNECTIONS",
    "SELLING_CURRENCY",
    "IDENTITY_PUBLIC_KEYS",
    "TLS_CERTIFICATE_FILE",
    "TLS_KEY_FILE",
    "TLS_AUTHORITY_FILE",
    "LOG_LEVEL",
  ],
  environment: process.env,
  services,
  build: ({ config, database }) => ({ database, sellingCurrency: config.SELLING_CURRENCY }),
  sweeps: [
    { name: "expire points", pauseMilliseconds: 10_000, run: sweepLots },
    { name: "trim answers", pauseMilliseconds: DAY_MILLISECONDS, run: trimAnswers },
  ],
})
