/**
 * The real product on ports and in a folder of its own: every process by its main.ts, its own PostgreSQL on disk, the
 * sandbox, and a proxy on either side of it. What dies is started again, as `RESTART=on` does.
 */

import { rmSync } from "node:fs"
import { join } from "node:path"
import { connectDatabase } from "@airside/kernel/sql"
import { SQL } from "bun"
import { seedTiers } from "../../services/loyalty/seed/tiers.ts"
import { freePort } from "../launcher/ports.ts"
import { type Postgres, startPostgres } from "../launcher/postgres.ts"
import {
  migrateTrial,
  prepareTrial,
  processOf,
  type SpawnOptions,
  spawnProcess,
  untilServing,
} from "../launcher/trial.ts"
import { loadNetwork } from "./network.ts"
import { type StripeProxy, startStripeProxy } from "./stripe-proxy.ts"
import { startWebhookProxy, type WebhookProxy } from "./webhook-proxy.ts"

/** Short, so that what is given up ends within the round. */
const TIMES = { HOLD_SECONDS: "3", HOLD_EXTENSION_SECONDS: "2", CANCELLATION_QUOTE_SECONDS: "5" }
const RESTART_MILLISECONDS = 300

/** "backend-2" is a second backend on the same database; it runs only where a fault starts it. */
export type ProcessName = "stripe-sandbox" | "payment" | "loyalty" | "backend" | "ui" | "backend-2"

export type StartSettings = Pick<SpawnOptions, "settings" | "preload">

export interface Product {
  uiUrl: string
  folder: string
  /** The administrator's connection, which the checker reads with. It is opened anew after a restart of PostgreSQL. */
  admin(): SQL
  sandboxFile: string
  stripe: StripeProxy
  webhooks: WebhookProxy
  /** Ends a process in good order, if it runs, and starts it with these settings. Resolves when it serves. */
  restart(name: ProcessName, how?: StartSettings): Promise<void>
  signal(name: ProcessName, signal: NodeJS.Signals): void
  /** Whether it died or was started again since the last `restart`. */
  hasDied(name: ProcessName): boolean
  /** Ends it and does not start it again. */
  end(name: ProcessName): Promise<void>
  /** Every process is there and serves; whoever sleeps is woken. */
  heal(): Promise<void>
  stopPostgresAtOnce(): Promise<void>
  startPostgres(): Promise<void>
  stop(): Promise<void>
}

interface Child {
  process: Bun.Subprocess
  how: StartSettings
  wanted: boolean
  died: boolean
}

const FIRST_TO_LAST: ProcessName[] = ["stripe-sandbox", "payment", "loyalty", "backend", "ui"]

export async function startProduct({ keep = false }: { keep?: boolean } = {}): Promise<Product> {
  const children = new Map<ProcessName, Child>()
  let postgres: Postgres | undefined
  let admin: SQL | undefined
  let stopping = false

  const trial = await prepareTrial("chaos", { ...TIMES, NODE_ENV: "test", LOG_LEVEL: "info" })
  const { folder, environment } = trial
  const secondPort = String(await freePort())
  const stripe = startStripeProxy(environment.STRIPE_API_BASE!)
  const webhooks = startWebhookProxy(environment.SANDBOX_WEBHOOK_URL!)
  Object.assign(environment, {
    STRIPE_API_BASE: stripe.url,
    SANDBOX_WEBHOOK_URL: webhooks.url,
    // The second one is there in some rounds only.
    BACKEND_ADDRESS: `127.0.0.1:${environment.BACKEND_PORT},127.0.0.1:${secondPort}`,
  })

  const requireRunning = () => {
    if (stopping) throw new Error("the product is being stopped")
  }

  const definitionOf = (name: ProcessName) => processOf(name === "backend-2" ? "backend" : name)

  function spawn(name: ProcessName, how: StartSettings) {
    requireRunning()
    const settings = {
      ...(name === "backend-2" && { BACKEND_PORT: secondPort, BACKEND_WEB_PORT: "" }),
      ...how.settings,
    }
    const options = { ...how, settings, log: name }
    const child: Child = {
      how,
      wanted: true,
      died: false,
      process: spawnProcess(trial, definitionOf(name), options),
    }
    children.set(name, child)
    child.process.exited.then(async () => {
      child.died = true
      if (!child.wanted || stopping) return
      await Bun.sleep(RESTART_MILLISECONDS)
      if (!child.wanted || stopping) return
      spawn(name, {})
      children.get(name)!.died = true
    })
  }

  function untilServes(name: ProcessName) {
    const definition = definitionOf(name)
    const port = name === "backend-2" ? secondPort : environment[definition.port]
    return untilServing(definition, `127.0.0.1:${port}`, requireRunning)
  }

  async function end(name: ProcessName) {
    const child = children.get(name)
    if (!child) return
    child.wanted = false
    children.delete(name)
    child.process.kill("SIGCONT")
    child.process.kill("SIGTERM")
    await child.process.exited
  }

  async function openPostgres() {
    requireRunning()
    postgres = await startPostgres({ dataDir: folder, port: Number(environment.DATABASE_PORT) })
    admin = new SQL(postgres.url, { max: 4 })
  }

  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= stopAll()
    return stopped
  }

  async function stopAll() {
    stopping = true
    for (const child of children.values()) {
      child.wanted = false
      child.process.kill("SIGKILL")
    }
    await Promise.all([...children.values()].map((child) => child.process.exited))
    stripe.stop()
    webhooks.stop()
    await admin?.close({ timeout: 1 }).catch(() => {})
    await postgres?.stop()
    if (!keep) rmSync(folder, { recursive: true, force: true })
  }

  const product: Product = {
    uiUrl: `http://127.0.0.1:${environment.UI_PORT}`,
    folder,
    admin: () => admin!,
    sandboxFile: join(folder, "stripe-sandbox.sqlite"),
    stripe,
    webhooks,
    async restart(name, how = {}) {
      await end(name)
      spawn(name, how)
      await untilServes(name)
    },
    signal: (name, signal) => children.get(name)?.process.kill(signal),
    hasDied: (name) => children.get(name)?.died ?? true,
    end,
    async heal() {
      stripe.behave()
      webhooks.behave()
      if (!postgres) await openPostgres()
      for (const child of children.values()) child.process.kill("SIGCONT")
      for (const name of FIRST_TO_LAST) {
        const how: StartSettings = children.get(name)?.how ?? {}
        if (how.settings || how.preload) await product.restart(name)
        else await untilServes(name)
      }
    },
    async stopPostgresAtOnce() {
      const server = postgres!
      postgres = undefined
      await admin!.close({ timeout: 0 }).catch(() => {})
      server.kill()
      await server.ended
    },
    startPostgres: openPostgres,
    stop,
  }

  try {
    await openPostgres()
    await migrateTrial(trial)
    await loadNetwork(product.admin())
    const loyalty = connectDatabase({ url: environment.LOYALTY_DATABASE_URL!, connections: 2 })
    await seedTiers(loyalty.sql).finally(() => loyalty.close())
    for (const name of FIRST_TO_LAST) spawn(name, {})
    for (const name of FIRST_TO_LAST) await untilServes(name)
    return product
  } catch (error) {
    await stop()
    throw error
  }
}
