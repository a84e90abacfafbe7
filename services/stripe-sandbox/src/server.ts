/** The sandbox as a running server; `main.ts` and the tests start it alike. */
import type { Log } from "@airside/kernel/log"
import { startSweep } from "@airside/kernel/sweep"
import { answerUnknown } from "./api.ts"
import { routes } from "./app.ts"
import { expireDueSessions } from "./checkout-sessions.ts"
import { startDeliveries } from "./deliveries.ts"
import { newControls } from "./delivery-controls.ts"
import { forgetOldEvents } from "./events.ts"
import { forgetOldAnswers } from "./idempotency.ts"
import { failDueRefunds } from "./refunds.ts"
import type { Sandbox, WebhookEndpoint } from "./sandbox.ts"
import { openStore } from "./store.ts"

const LARGEST_REQUEST_BYTES = 1024 * 1024
/** What is still being answered when the server is told to stop gets this long. */
const DRAIN_MILLISECONDS = 1000

export interface SandboxSettings {
  host: string
  /** 0 for one that the operating system chooses. */
  port: number
  databaseFile: string
  /** Default: the address it listens on. */
  publicUrl?: string | undefined
  webhook?: WebhookEndpoint | undefined
  log: Log
  clock?: () => number
}

export interface RunningSandbox {
  host: string
  port: number
  stop(): Promise<void>
}

/** Opens the file and listens. Throws with code EADDRINUSE when the port is taken. */
export function startSandbox(settings: SandboxSettings): RunningSandbox {
  const store = openStore(settings.databaseFile)
  const sandbox: Sandbox = {
    store,
    log: settings.log,
    clock: settings.clock ?? Date.now,
    publicUrl: settings.publicUrl ?? "",
    keysInUse: new Set(),
    webhook: settings.webhook,
    controls: newControls(),
    wakeDeliveries: () => {},
  }
  const server = listen(settings, sandbox)
  sandbox.publicUrl ||= `http://${isWildcard(settings.host) ? "localhost" : settings.host}:${server.port}`
  const deliveries = settings.webhook && startDeliveries(sandbox, settings.webhook)
  if (deliveries) sandbox.wakeDeliveries = deliveries.wake
  const upkeep = startSweep("sandbox", 1000, async () => keepUp(sandbox), settings.log)
  return {
    host: settings.host,
    port: server.port ?? settings.port,
    async stop() {
      await Promise.race([server.stop(), Bun.sleep(DRAIN_MILLISECONDS)])
      await server.stop(true)
      await Promise.all([upkeep.stop(), deliveries?.stop()])
      store.close()
    },
  }
}

function listen({ host, port }: SandboxSettings, sandbox: Sandbox) {
  try {
    return Bun.serve({
      hostname: host,
      port,
      maxRequestBodySize: LARGEST_REQUEST_BYTES,
      development: false,
      routes: routes(sandbox),
      fetch: (request) => answerUnknown(sandbox, request),
      error: (err) => {
        sandbox.log.error({ err }, "page failed")
        return new Response("Something went wrong. Nothing was charged.", { status: 500 })
      },
    })
  } catch (error) {
    sandbox.store.close()
    throw error
  }
}

/** Listening everywhere; no address that a link could name. */
function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::"
}

function keepUp(sandbox: Sandbox): void {
  expireDueSessions(sandbox)
  failDueRefunds(sandbox)
  forgetOldAnswers(sandbox)
  forgetOldEvents(sandbox)
}
