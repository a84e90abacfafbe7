import { join } from "node:path"
import { HealthCheckResponse_ServingStatus, HealthService } from "@airside/protos/grpc/health/v1/health"
import { exportJWK, generateKeyPair } from "jose"
import postgres from "postgres"
import { rpcCredentials } from "./credentials.ts"
import { createSigner, ownIdentity, type ServiceCaller } from "./identity.ts"
import { type ServiceName, serviceUrl } from "./migrate.ts"
import { connect } from "./rpc-client.ts"

/** Password of the service roles on the tests' own PostgreSQL. */
export const TEST_ROLE_PASSWORD = "test"

const ROOT = join(import.meta.dir, "../../..")
const START_SECONDS = 20

export interface TestDatabase {
  /** The administrator's connection to this database. */
  url: string
  urlOf(service: ServiceName): string
  drop(): Promise<void>
}

/** A database of its own for a test file, cloned from the migrated template that `bun run test` provides. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL
  const template = process.env.TEST_TEMPLATE
  if (!server || !template) throw new Error("these tests need PostgreSQL; run them with: bun run test <folder or file>")
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`
  const admin = postgres(server, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name} template ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.toString(),
    urlOf: (service) => serviceUrl(url.toString(), service, TEST_ROLE_PASSWORD),
    async drop() {
      await admin.unsafe(`drop database if exists ${name} with (force)`)
      await admin.end({ timeout: 2 })
    },
  }
}

export const PROCESSES = ["stripe-sandbox", "payment", "loyalty", "backend", "ui"] as const
export type ProcessName = (typeof PROCESSES)[number]

export interface World {
  database: TestDatabase
  /** What every process of this world is configured with. */
  environment: Record<string, string>
  /** The base URL of ui. */
  uiUrl: string
  /** A process's own identity token, as backend and ui mint for themselves. */
  identityOf(service: ServiceCaller): Promise<string>
  start(name: ProcessName): Promise<void>
  /** Runs an operator's script, such as "seed-loyalty", against this world's database. */
  run(script: string, ...args: string[]): Promise<void>
  /** Ends a process that this world started. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>
  stop(): Promise<void>
}

/**
 * The real product on ports and a database of its own: real processes, real calls, real PostgreSQL. Names the processes
 * wanted, in the order of their starting; `settings` adds to the environment. Stop it in afterAll.
 */
export async function startWorld(
  processes: readonly ProcessName[] = PROCESSES,
  settings: Record<string, string> = {},
): Promise<World> {
  const database = await createTestDatabase()
  const dataDir = join(process.env.TMPDIR ?? "/tmp", `airside-world-${crypto.randomUUID()}`)
  const ports = freePorts(8)
  const keys = await createKeys()
  const [ui, backend, payment, loyalty, sandbox, backendWeb, paymentWeb, loyaltyWeb] = ports
  const environment: Record<string, string> = {
    HOST: "127.0.0.1",
    PUBLIC_URL: `http://127.0.0.1:${ui}`,
    UI_PORT: String(ui),
    BACKEND_PORT: String(backend),
    PAYMENT_PORT: String(payment),
    LOYALTY_PORT: String(loyalty),
    BACKEND_WEB_PORT: String(backendWeb),
    PAYMENT_WEB_PORT: String(paymentWeb),
    LOYALTY_WEB_PORT: String(loyaltyWeb),
    SANDBOX_PORT: String(sandbox),
    BACKEND_ADDRESS: `http://127.0.0.1:${backendWeb}`,
    PAYMENT_ADDRESS: `http://127.0.0.1:${paymentWeb}`,
    LOYALTY_ADDRESS: `http://127.0.0.1:${loyaltyWeb}`,
    BACKEND_DATABASE_URL: database.urlOf("backend"),
    PAYMENT_DATABASE_URL: database.urlOf("payment"),
    LOYALTY_DATABASE_URL: database.urlOf("loyalty"),
    DATA_DIR: dataDir,
    OFFER_KEY: "a-key-for-tests-that-is-long-enough",
    STRIPE_SECRET_KEY: "sk_test_airside",
    STRIPE_WEBHOOK_SECRET: "whsec_airside_tests",
    STRIPE_API_BASE: `http://127.0.0.1:${sandbox}`,
    SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${ui}/api/payments/webhook`,
    SANDBOX_PUBLIC_URL: `http://127.0.0.1:${sandbox}`,
    BACKEND_PRIVATE_KEY: JSON.stringify(keys.backend.private),
    UI_PRIVATE_KEY: JSON.stringify(keys.ui.private),
    IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [keys.backend.public, keys.ui.public] }),
    LOG_LEVEL: "warn",
    NODE_ENV: "test",
    ...settings,
  }
  const running = new Map<ProcessName, Bun.Subprocess>()
  const world: World = {
    database,
    environment,
    uiUrl: `http://127.0.0.1:${ui}`,
    async identityOf(service) {
      return ownIdentity(await createSigner(service, keys[service].private), service)()
    },
    async start(name) {
      const folder = name === "ui" ? "ui" : `services/${name}`
      running.set(
        name,
        Bun.spawn([process.execPath, join(ROOT, folder, "src/main.ts")], {
          cwd: ROOT,
          env: { ...inherited(), ...environment },
          stdin: "pipe",
          stdout: "inherit",
          stderr: "inherit",
        }),
      )
      await untilHealthy(name, environment, running.get(name)!)
    },
    async run(script, ...args) {
      const command = [process.execPath, join(ROOT, "scripts", `${script}.ts`), ...args]
      const env = { ...inherited(), ...environment, DATABASE_URL: database.url }
      const child = Bun.spawn(command, { cwd: ROOT, env, stdout: "pipe", stderr: "pipe" })
      const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
      if ((await child.exited) !== 0) throw new Error(`${script} failed: ${(await output).join("\n")}`)
    },
    async kill(name, signal = "SIGTERM") {
      const child = running.get(name)
      running.delete(name)
      child?.kill(signal)
      await child?.exited
    },
    async stop() {
      for (const name of [...running.keys()].reverse()) await world.kill(name, "SIGKILL")
      await Bun.$`rm -rf ${dataDir}`.quiet()
      await database.drop()
    },
  }
  try {
    for (const name of processes) await world.start(name)
    return world
  } catch (error) {
    await world.stop()
    throw error
  }
}

/** Asks again until the condition holds. Throws after `seconds`. */
export async function until<T>(
  condition: () => Promise<T | undefined | false>,
  seconds = 10,
  what = "the condition",
): Promise<T> {
  const giveUpTime = Date.now() + seconds * 1000
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > giveUpTime) throw new Error(`${what} did not come true within ${seconds} s`)
    await Bun.sleep(25)
  }
}

/** Ports that were free a moment ago. */
export function freePorts(count: number): number[] {
  const servers = Array.from({ length: count }, () =>
    Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }),
  )
  const ports = servers.map((server) => server.port)
  for (const server of servers) server.stop(true)
  return ports
}

const inherited = () => ({ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR })

async function createKeys() {
  const create = async (kid: string) => {
    const pair = await generateKeyPair("EdDSA", { extractable: true })
    return {
      private: { ...(await exportJWK(pair.privateKey)), kid },
      public: { ...(await exportJWK(pair.publicKey)), kid, alg: "EdDSA" },
    }
  }
  return { backend: await create("backend"), ui: await create("ui") }
}

async function untilHealthy(name: ProcessName, environment: Record<string, string>, child: Bun.Subprocess) {
  const healthy = async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with exit code ${child.exitCode}`)
    if (name === "ui") return isOk(`http://127.0.0.1:${environment.UI_PORT}/healthz`)
    if (name === "stripe-sandbox") return isOk(`http://127.0.0.1:${environment.SANDBOX_PORT}/healthz`)
    return isServing(environment[`${name.toUpperCase()}_ADDRESS`]!)
  }
  await until(healthy, START_SECONDS, `${name} being healthy`)
}

const isOk = (url: string) =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  )

async function isServing(address: string): Promise<boolean> {
  const health = connect(HealthService, address, { credentials: rpcCredentials({}).client, deadlineSeconds: 1 })
  const check = health.check as unknown as (request: { service: string }) => Promise<{ status: number }>
  try {
    return (await check({ service: "" })).status === HealthCheckResponse_ServingStatus.SERVING
  } catch {
    return false
  } finally {
    health.close()
  }
}
