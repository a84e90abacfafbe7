/** Starts the stand-in for Stripe. The only reader of the environment. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { ConfigError, readConfig } from "@airside/kernel/config"
import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { createLog } from "@airside/kernel/log"
import type { WebhookEndpoint } from "./sandbox.ts"
import { startSandbox } from "./server.ts"

const LONGEST_GOODBYE_MILLISECONDS = 1900
/** As README tells to choose them at Stripe: those that tell Airside something new. */
const ENABLED_EVENTS: WebhookEndpoint["enabledEvents"] = [
  "charge.captured",
  "charge.dispute.closed",
  "charge.dispute.created",
  "charge.dispute.funds_reinstated",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.updated",
  "charge.failed",
  "charge.refund.updated",
  "charge.refunded",
  "checkout.session.completed",
  "checkout.session.expired",
  "payment_intent.amount_capturable_updated",
  "payment_intent.canceled",
  "payment_intent.payment_failed",
  "payment_intent.requires_action",
  "payment_intent.succeeded",
  "refund.created",
  "refund.failed",
  "refund.updated",
]

try {
  main()
} catch (error) {
  console.error(`stripe-sandbox: ${(error as Error).message}`)
  process.exit(1)
}

function main(): void {
  const config = readConfig(
    [
      "HOST",
      "SANDBOX_PORT",
      "DATA_DIR",
      "STRIPE_WEBHOOK_SECRET",
      "SANDBOX_WEBHOOK_URL",
      "SANDBOX_PUBLIC_URL",
      "NODE_ENV",
      "LOG_LEVEL",
    ],
    process.env,
  )
  if (config.NODE_ENV === "production") {
    throw new ConfigError(
      "NODE_ENV is production: the sandbox takes test cards for money; set STRIPE_SECRET_KEY instead",
    )
  }
  const { SANDBOX_WEBHOOK_URL: url, STRIPE_WEBHOOK_SECRET: secret } = config
  if (url && !secret) {
    throw new ConfigError("SANDBOX_WEBHOOK_URL needs STRIPE_WEBHOOK_SECRET, which signs what is sent there")
  }
  mkdirSync(config.DATA_DIR, { recursive: true })
  const log = createLog("stripe-sandbox", config.LOG_LEVEL)
  const sandbox = naming(config.SANDBOX_PORT, () =>
    startSandbox({
      host: config.HOST,
      port: config.SANDBOX_PORT,
      databaseFile: join(config.DATA_DIR, "stripe-sandbox.sqlite"),
      publicUrl: config.SANDBOX_PUBLIC_URL,
      webhook: url && secret ? { url, secret, enabledEvents: ENABLED_EVENTS } : undefined,
      log,
    }),
  )
  log.info({ host: sandbox.host, port: sandbox.port }, "listening")
  leaveWithSupervisor(sandbox.stop, LONGEST_GOODBYE_MILLISECONDS)
}

/** Says which port is busy and which setting moves it. */
function naming<T>(port: number, start: () => T): T {
  try {
    return start()
  } catch (error) {
    if ((error as { code?: string }).code !== "EADDRINUSE") throw error
    throw new Error(`port ${port} is in use: another one is chosen with SANDBOX_PORT`)
  }
}
