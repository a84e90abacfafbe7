import { systemClock } from "@airside/kernel/clock"
import { trimAnswers } from "@airside/kernel/idempotency"
import { createSigner, ownIdentity } from "@airside/kernel/identity"
import { connect } from "@airside/kernel/rpc-client"
import { serve } from "@airside/kernel/serve"
import { LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { createSessions } from "./accounts/sessions.ts"
import { sweepBookings } from "./bookings/sweep-bookings.ts"
import { createPlaces } from "./flights/places.ts"
import { createLiveTimetable } from "./search/live-timetable.ts"
import { services } from "./services.ts"

const SWEEP_MILLISECONDS = 1000
/** Search follows the database within a second; this and the query itself stay well below it. */
const TIMETABLE_MILLISECONDS = 250
const DAY_MILLISECONDS = 24 * 3600 * 1000
/** ui waits 15 s for backend, backend 12 s for the services behind it, payment 10 s for Stripe. */
const DEADLINE_SECONDS = 12

await serve({
  name: "backend",
  settings: [
    "HOST",
    "BACKEND_PORT",
    "BACKEND_WEB_PORT",
    "BACKEND_DATABASE_URL",
    "DATABASE_PREPARE",
    "DATABASE_CONNECTIONS",
    "PAYMENT_ADDRESS",
    "LOYALTY_ADDRESS",
    "PUBLIC_URL",
    "UI_PORT",
    "BACKEND_PRIVATE_KEY",
    "IDENTITY_PUBLIC_KEYS",
    "OFFER_KEY",
    "SELLING_CURRENCY",
    "OFFER_SECONDS",
    "HOLD_SECONDS",
    "HOLD_EXTENSION_SECONDS",
    "CANCELLATION_QUOTE_SECONDS",
    "SALE_HORIZON_DAYS",
    "SALES_CLOSE_MINUTES",
    "SEATS_PER_BOOKING",
    "TLS_CERTIFICATE_FILE",
    "TLS_KEY_FILE",
    "TLS_AUTHORITY_FILE",
    "LOG_LEVEL",
  ],
  environment: process.env,
  services,
  deadlineSeconds: DEADLINE_SECONDS,
  async build({ config, database, log, clientCredentials }) {
    const signer = await createSigner("backend", config.BACKEND_PRIVATE_KEY)
    const peer = {
      credentials: clientCredentials,
      identity: ownIdentity(signer, "backend"),
      deadlineSeconds: DEADLINE_SECONDS,
    }
    return {
      database,
      clock: systemClock,
      log,
      signer,
      sessions: createSessions(database.sql),
      places: createPlaces(database.sql),
      schedule: createLiveTimetable({
        sql: database.sql,
        clock: systemClock,
        currency: config.SELLING_CURRENCY,
        saleHorizonDays: config.SALE_HORIZON_DAYS,
      }),
      payment: connect(PaymentServiceService, config.PAYMENT_ADDRESS, peer),
      loyalty: connect(LoyaltyServiceService, config.LOYALTY_ADDRESS, peer),
      rules: {
        publicUrl: config.PUBLIC_URL ?? `http://${config.HOST}:${config.UI_PORT}`,
        currency: config.SELLING_CURRENCY,
        offerKey: config.OFFER_KEY,
        offerSeconds: config.OFFER_SECONDS,
        holdSeconds: config.HOLD_SECONDS,
        holdExtensionSeconds: config.HOLD_EXTENSION_SECONDS,
        quoteSeconds: config.CANCELLATION_QUOTE_SECONDS,
        saleHorizonDays: config.SALE_HORIZON_DAYS,
        salesCloseMinutes: config.SALES_CLOSE_MINUTES,
        seatsPerBooking: config.SEATS_PER_BOOKING,
      },
    }
  },
  sweeps: [
    { name: "timetable", pauseMilliseconds: TIMETABLE_MILLISECONDS, run: ({ schedule }) => schedule.refresh() },
    { name: "bookings", pauseMilliseconds: SWEEP_MILLISECONDS, run: sweepBookings },
    { name: "trim answers", pauseMilliseconds: DAY_MILLISECONDS, run: trimAnswers },
  ],
  close({ payment, loyalty }) {
    payment.close()
    loyalty.close()
  },
})
