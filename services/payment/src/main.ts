import { serve } from "@airside/kernel/serve"
import { carryOnPendingRefunds, carryOnWithheldRefunds } from "./refunds/carry-on-refunds.ts"
import { services } from "./services.ts"
import { createStripe } from "./stripe/client.ts"
import { trimRecords } from "./trim-records.ts"

const HALF_MINUTE_MILLISECONDS = 30 * 1000
const HOUR_MILLISECONDS = 3600 * 1000
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS

await serve({
  name: "payment",
  settings: [
    "HOST",
    "PAYMENT_PORT",
    "PAYMENT_WEB_PORT",
    "PAYMENT_DATABASE_URL",
    "DATABASE_PREPARE",
    "DATABASE_CONNECTIONS",
    "IDENTITY_PUBLIC_KEYS",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
    "SELLING_CURRENCY",
    "TLS_CERTIFICATE_FILE",
    "TLS_KEY_FILE",
    "TLS_AUTHORITY_FILE",
    "LOG_LEVEL",
  ],
  required: ["STRIPE_SECRET_KEY"],
  environment: process.env,
  services,
  build({ config, database, log }) {
    if (!config.STRIPE_WEBHOOK_SECRET) log.warn("STRIPE_WEBHOOK_SECRET is not set: events will be refused")
    return {
      database,
      stripe: createStripe(config.STRIPE_SECRET_KEY!, config.STRIPE_API_BASE),
      webhookSecret: config.STRIPE_WEBHOOK_SECRET,
      sellingCurrency: config.SELLING_CURRENCY,
      log,
    }
  },
  sweeps: [
    { name: "pending refunds", pauseMilliseconds: HALF_MINUTE_MILLISECONDS, run: carryOnPendingRefunds },
    { name: "withheld refunds", pauseMilliseconds: HOUR_MILLISECONDS, run: carryOnWithheldRefunds },
    { name: "trim records", pauseMilliseconds: DAY_MILLISECONDS, run: trimRecords },
  ],
})
