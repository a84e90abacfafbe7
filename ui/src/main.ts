import { ConfigError, readConfig } from "@airside/kernel/config"
import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { createLog } from "@airside/kernel/log"
import { createApp } from "./app.ts"
import { createClients } from "./clients.ts"
import { UI_SETTINGS, type UiConfig } from "./context.ts"
import { createPageCache } from "./page-cache.ts"
import { createSessions } from "./session.ts"

const DRAIN_SECONDS = 2
/** A larger body is cut off by the server itself; between 1 MiB and this the answer says why. */
const MOST_BODY_BYTES = 16 * 1024 * 1024
/** Longer than any answer takes: a request may wait for backend, payment and Stripe. */
const IDLE_SECONDS = 60

await main().catch((error) => {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exit(1)
})

async function main() {
  const settings = readConfig(
    [
      ...UI_SETTINGS,
      "BACKEND_ADDRESS",
      "PAYMENT_ADDRESS",
      "LOYALTY_ADDRESS",
      "UI_PRIVATE_KEY",
      "TLS_CERTIFICATE_FILE",
      "TLS_KEY_FILE",
      "TLS_AUTHORITY_FILE",
    ],
    process.env,
  )
  const config = { ...settings, PUBLIC_URL: settings.PUBLIC_URL ?? ownUrl(settings.HOST, settings.UI_PORT) }
  const log = createLog("ui", config.LOG_LEVEL)
  const clients = await createClients(config)
  const sessions = createSessions(clients, { secure: config.PUBLIC_URL.startsWith("https:") })
  const pages = createPageCache(log)
  const leaving = new AbortController()
  pages.listen(async function* (signal) {
    yield* clients.flights.watchDepartures({}, { ...(await clients.asUi()), signal })
  }, leaving.signal)
  const server = serve(config, createApp({ clients, sessions, pages, config, log }).fetch)
  leaveWithSupervisor(async () => {
    leaving.abort()
    await Promise.race([server.stop(), Bun.sleep(DRAIN_SECONDS * 1000)])
    clients.close()
  })
  log.info({ host: config.HOST, port: server.port, url: config.PUBLIC_URL }, "ui serves")
}

function serve({ HOST, UI_PORT }: UiConfig, fetch: (request: Request) => Response | Promise<Response>) {
  try {
    return Bun.serve({
      hostname: HOST,
      port: UI_PORT,
      fetch,
      maxRequestBodySize: MOST_BODY_BYTES,
      idleTimeout: IDLE_SECONDS,
      development: false,
      // Said outright: `development: false` alone lets two processes share the port (Bun 1.4.5), and none would know.
      reusePort: false,
    })
  } catch (error) {
    if ((error as { code?: string }).code !== "EADDRINUSE") throw error
    throw new ConfigError(`port ${UI_PORT} is busy: another program listens there; set UI_PORT to another one`)
  }
}

/** Addresses that mean this machine, or all of it, have the name that browsers trust. */
function ownUrl(host: string, port: number): string {
  const local = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host)
  return `http://${local ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`
}
