import { ConfigError, readConfig } from "@airside/kernel/config"
import { rpcCredentials } from "@airside/kernel/credentials"
import { createVerifier } from "@airside/kernel/identity"
import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { createLog } from "@airside/kernel/log"
import { startRpcServer } from "@airside/kernel/rpc-server"
import { connectDatabase } from "@airside/kernel/sql"
import { startSweep } from "@airside/kernel/sweep"
import type { Context } from "./context.ts"
import { sweepLots } from "./lots/sweep-lots.ts"
import { services } from "./services.ts"

const SWEEP_MILLISECONDS = 10_000

await main().catch((error) => {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exit(1)
})

async function main() {
  const config = readConfig(
    [
      "HOST",
      "LOYALTY_PORT",
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
    process.env,
  )
  const log = createLog("loyalty", config.LOG_LEVEL)
  const database = connectDatabase({
    url: config.LOYALTY_DATABASE_URL,
    prepare: config.DATABASE_PREPARE,
    connections: config.DATABASE_CONNECTIONS,
    name: "loyalty",
  })
  const context: Context = { database, sellingCurrency: config.SELLING_CURRENCY }
  const server = await startRpcServer({
    host: config.HOST,
    port: config.LOYALTY_PORT,
    credentials: rpcCredentials(config).server,
    verifier: createVerifier(config.IDENTITY_PUBLIC_KEYS as unknown as Parameters<typeof createVerifier>[0], "loyalty"),
    log,
    context,
    services,
    checkDependencies: () => database.sql`select 1`,
  }).catch((error) => {
    throw portProblem(error, config.LOYALTY_PORT)
  })
  const sweep = startSweep("expire points", SWEEP_MILLISECONDS, () => sweepLots(context), log)
  leaveWithSupervisor(async () => {
    await Promise.all([server.drain(), sweep.stop()])
    await database.close()
  })
  log.info({ host: config.HOST, port: server.port }, "loyalty serves")
}

function portProblem(error: Error, port: number): Error {
  if (!/EADDRINUSE|in use/.test(String(error))) return error
  return new ConfigError(`port ${port} is busy: another program listens there; set LOYALTY_PORT to another one`)
}
