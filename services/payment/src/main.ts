import { ConfigError, givenValue, readConfig } from "@airside/kernel/config"
import { rpcCredentials } from "@airside/kernel/credentials"
import { createVerifier } from "@airside/kernel/identity"
import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { createLog } from "@airside/kernel/log"
import { startRpcServer } from "@airside/kernel/rpc-server"
import { connectDatabase } from "@airside/kernel/sql"
import type { Context } from "./context.ts"
import { services } from "./services.ts"
import { createStripe } from "./stripe/client.ts"

await main().catch((error) => {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exit(1)
})

async function main() {
  const config = readSettings()
  const log = createLog("payment", config.LOG_LEVEL)
  if (!config.STRIPE_WEBHOOK_SECRET) log.warn("STRIPE_WEBHOOK_SECRET is not set: events will be refused")
  const database = connectDatabase({
    url: config.PAYMENT_DATABASE_URL,
    prepare: config.DATABASE_PREPARE,
    connections: config.DATABASE_CONNECTIONS,
    name: "payment",
  })
  const context: Context = {
    database,
    stripe: createStripe(config.STRIPE_SECRET_KEY, config.STRIPE_API_BASE),
    webhookSecret: config.STRIPE_WEBHOOK_SECRET,
    sellingCurrency: config.SELLING_CURRENCY,
    log,
  }
  const server = await startRpcServer({
    host: config.HOST,
    port: config.PAYMENT_PORT,
    credentials: rpcCredentials(config).server,
    verifier: createVerifier(config.IDENTITY_PUBLIC_KEYS as unknown as Parameters<typeof createVerifier>[0], "payment"),
    log,
    context,
    services,
    checkDependencies: () => database.sql`select 1`,
  }).catch((error) => {
    throw portProblem(error, config.PAYMENT_PORT)
  })
  log.info({ port: server.port }, "payment is listening")
  leaveWithSupervisor(async () => {
    await server.drain()
    await database.close()
  })
}

function readSettings() {
  const problems: string[] = []
  if (!givenValue(process.env.STRIPE_SECRET_KEY)) {
    problems.push("STRIPE_SECRET_KEY is not set: payments need Stripe or the sandbox")
  }
  try {
    const config = readConfig(
      [
        "HOST",
        "PAYMENT_PORT",
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
        "NODE_ENV",
      ],
      process.env,
    )
    if (problems.length === 0) return { ...config, STRIPE_SECRET_KEY: config.STRIPE_SECRET_KEY! }
  } catch (error) {
    problems.push((error as Error).message)
  }
  throw new ConfigError(problems.join("\n"))
}

function portProblem(error: Error, port: number): Error {
  if (!/EADDRINUSE|in use/.test(error.message)) return error
  return new ConfigError(`port ${port} is busy: another program listens there; set PAYMENT_PORT to another one`)
}
