import { systemClock } from "@airside/kernel/clock"
import { ConfigError, readConfig } from "@airside/kernel/config"
import { rpcCredentials } from "@airside/kernel/credentials"
import { createSigner, createVerifier, ownIdentity } from "@airside/kernel/identity"
import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { createLog } from "@airside/kernel/log"
import { connect } from "@airside/kernel/rpc-client"
import { startRpcServer } from "@airside/kernel/rpc-server"
import { connectDatabase } from "@airside/kernel/sql"
import { startSweep } from "@airside/kernel/sweep"
import { LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { createSessions } from "./accounts/sessions.ts"
import { sweepBookings } from "./bookings/sweep-bookings.ts"
import type { Context } from "./context.ts"
import { createPlaces } from "./flights/places.ts"
import { services } from "./services.ts"

const SWEEP_MILLISECONDS = 1000
/** ui waits 15 s for backend, backend 12 s for the services behind it, payment 10 s for Stripe. */
const DEADLINE_SECONDS = 12

await main().catch((error) => {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exit(1)
})

async function main() {
  const config = readConfig(
    [
      "HOST",
      "BACKEND_PORT",
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
    process.env,
  )
  const log = createLog("backend", config.LOG_LEVEL)
  const database = connectDatabase({
    url: config.BACKEND_DATABASE_URL,
    prepare: config.DATABASE_PREPARE,
    connections: config.DATABASE_CONNECTIONS,
    name: "backend",
  })
  const credentials = rpcCredentials(config)
  const signer = await createSigner("backend", config.BACKEND_PRIVATE_KEY)
  const peer = {
    credentials: credentials.client,
    identity: ownIdentity(signer, "backend"),
    deadlineSeconds: DEADLINE_SECONDS,
  }
  const payment = connect(PaymentServiceService, config.PAYMENT_ADDRESS, peer)
  const loyalty = connect(LoyaltyServiceService, config.LOYALTY_ADDRESS, peer)
  const context: Context = {
    database,
    clock: systemClock,
    log,
    signer,
    sessions: createSessions(database.sql),
    places: createPlaces(database.sql),
    payment,
    loyalty,
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
  const server = await startRpcServer({
    host: config.HOST,
    port: config.BACKEND_PORT,
    credentials: credentials.server,
    verifier: createVerifier(config.IDENTITY_PUBLIC_KEYS, "backend"),
    log,
    context,
    services,
    checkDependencies: () => database.sql`select 1`,
    deadlineSeconds: DEADLINE_SECONDS,
  }).catch((error) => {
    throw portProblem(error, config.BACKEND_PORT)
  })
  const sweep = startSweep("bookings", SWEEP_MILLISECONDS, () => sweepBookings(context), log)
  leaveWithSupervisor(async () => {
    await Promise.all([server.drain(), sweep.stop()])
    payment.close()
    loyalty.close()
    await database.close()
  })
  log.info({ host: config.HOST, port: server.port }, "backend serves")
}

function portProblem(error: Error, port: number): Error {
  if (!/EADDRINUSE|in use/.test(String(error))) return error
  return new ConfigError(`port ${port} is busy: another program listens there; set BACKEND_PORT to another one`)
}
