/**
 * The settings of a whole installation, for the launcher and for scripts: the environment and the `.env` file of the
 * repository's root, checked, with everything filled in that follows from something else.
 */

import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseEnv } from "node:util"
import {
  type Config,
  ConfigError,
  givenValue,
  readConfig,
  SETTINGS,
  type Setting,
  type SettingName,
} from "@airside/kernel/config"
import { type ServiceName, serviceUrl } from "@airside/kernel/migrate"
import { type Keys, loadKeys, publicKey } from "./keys.ts"

export const ROOT = resolve(import.meta.dir, "../..")

type Environment = Record<string, string | undefined>

export type Installation = {
  config: Config<SettingName>
  /** Absolute. */
  dataDir: string
  /** No PostgreSQL of the operator's own: the launcher starts the embedded one. */
  embedded: boolean
  /** No Stripe account and no other Stripe-compatible server: the launcher starts stripe-sandbox. */
  sandbox: boolean
}

/** Throws one ConfigError that names every bad setting. Touches nothing. */
export function readInstallation(environment: Environment = readEnvironment()): Installation {
  const problems: string[] = []
  // What has neither value nor default, such as a service's database role, follows from the others.
  const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => {
    const setting: Setting<unknown> = SETTINGS[name]
    return setting.optional || setting.default !== undefined || givenValue(environment[name]) !== undefined
  })
  let config = {} as Config<SettingName>
  try {
    config = { ...WEB_PORTS, ...readConfig(names, environment) }
  } catch (error) {
    problems.push((error as Error).message)
  }
  problems.push(...contradictions(environment))
  if (problems.length > 0) throw new ConfigError(problems.join("\n"))
  return {
    config,
    dataDir: resolve(ROOT, config.DATA_DIR),
    embedded: config.DATABASE_URL === undefined,
    sandbox: config.STRIPE_SECRET_KEY === undefined && config.STRIPE_API_BASE === undefined,
  }
}

/** The environment over `.env`; that file is found wherever the command was typed. */
export function readEnvironment(root = ROOT, environment: Environment = process.env): Environment {
  const file = join(root, ".env")
  return { ...(existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {}), ...environment }
}

/**
 * Every setting that is known, as text: what a process is started with. Makes DATA_DIR and its keys when they are not
 * there. `DATABASE_URL` is the administrator's connection, to the embedded server too.
 */
export async function completeEnvironment(
  installation: Installation,
  given: Environment = readEnvironment(),
): Promise<Record<string, string>> {
  const { config, dataDir } = installation
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const derived = derive(installation, await loadKeys(dataDir))
  const environment: Record<string, string> = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting: Setting<unknown> = SETTINGS[name]
    const value = givenValue(given[name]) ?? derived[name] ?? setting.default
    if (value !== undefined) environment[name] = value
  }
  environment.DATA_DIR = dataDir
  if (environment.BACKEND_PRIVATE_KEY && environment.UI_PRIVATE_KEY && !config.IDENTITY_PUBLIC_KEYS) {
    const keys = [environment.BACKEND_PRIVATE_KEY, environment.UI_PRIVATE_KEY].map((key) => publicKey(JSON.parse(key)))
    environment.IDENTITY_PUBLIC_KEYS = JSON.stringify({ keys })
  }
  return environment
}

/** Address that a process of this machine reaches HOST under. */
export const localHost = (host: string) => (["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host)

/** The administrator's connection, to the embedded server or to the operator's own. */
export function administratorUrl({ config }: Installation): string {
  const user = encodeURIComponent(config.POSTGRES_USER)
  const password = encodeURIComponent(config.POSTGRES_PASSWORD)
  const database = encodeURIComponent(config.POSTGRES_DB)
  return config.DATABASE_URL ?? `postgres://${user}:${password}@127.0.0.1:${config.DATABASE_PORT}/${database}`
}

/** Where gRPC-Web is served when nothing else is said. */
export const WEB_PORTS = { BACKEND_WEB_PORT: 8101, PAYMENT_WEB_PORT: 8102, LOYALTY_WEB_PORT: 8103 }

function derive(installation: Installation, keys: Keys): Partial<Record<SettingName, string>> {
  const { config, sandbox } = installation
  const host = localHost(config.HOST)
  const webAddress = (port?: number) => `${config.TLS_KEY_FILE ? "https" : "http"}://${host}:${port}`
  const publicHost = host === "127.0.0.1" ? "localhost" : host
  const databaseUrl = administratorUrl(installation)
  const roleUrl = (service: ServiceName, password: string) => serviceUrl(databaseUrl, service, password)
  return {
    PUBLIC_URL: `http://${publicHost}:${config.UI_PORT}`,
    DATABASE_URL: databaseUrl,
    BACKEND_DATABASE_URL: roleUrl("backend", keys.backendDatabasePassword),
    PAYMENT_DATABASE_URL: roleUrl("payment", keys.paymentDatabasePassword),
    LOYALTY_DATABASE_URL: roleUrl("loyalty", keys.loyaltyDatabasePassword),
    BACKEND_WEB_PORT: String(config.BACKEND_WEB_PORT),
    PAYMENT_WEB_PORT: String(config.PAYMENT_WEB_PORT),
    LOYALTY_WEB_PORT: String(config.LOYALTY_WEB_PORT),
    // gRPC takes turns between several, gRPC-Web is faster with one.
    BACKEND_ADDRESS: config.FURTHER_BACKEND_PORTS
      ? [config.BACKEND_PORT, ...config.FURTHER_BACKEND_PORTS].map((port) => `${host}:${port}`).join(",")
      : webAddress(config.BACKEND_WEB_PORT),
    PAYMENT_ADDRESS: webAddress(config.PAYMENT_WEB_PORT),
    LOYALTY_ADDRESS: webAddress(config.LOYALTY_WEB_PORT),
    BACKEND_PRIVATE_KEY: JSON.stringify(keys.backendPrivateKey),
    UI_PRIVATE_KEY: JSON.stringify(keys.uiPrivateKey),
    OFFER_KEY: keys.offerKey,
    ...(sandbox && {
      STRIPE_SECRET_KEY: keys.sandboxSecretKey,
      STRIPE_WEBHOOK_SECRET: keys.webhookSecret,
      STRIPE_API_BASE: `http://${host}:${config.SANDBOX_PORT}`,
      SANDBOX_WEBHOOK_URL: `http://${host}:${config.UI_PORT}/api/payments/webhook`,
      SANDBOX_PUBLIC_URL: `http://${publicHost}:${config.SANDBOX_PORT}`,
    }),
  }
}

/** Values that are each well-formed and cannot stand together. */
function contradictions(environment: Environment): string[] {
  const usual = (name: SettingName) =>
    name in WEB_PORTS ? String(WEB_PORTS[name as keyof typeof WEB_PORTS]) : (SETTINGS[name] as Setting<unknown>).default
  const value = (name: SettingName) => givenValue(environment[name]) ?? usual(name)
  const problems: string[] = []
  const ports = (Object.keys(SETTINGS) as SettingName[])
    .filter((name) => /_PORTS?$/.test(name))
    .flatMap((name) => (value(name) ?? "").split(",").map((port) => ({ name, port: port.trim() })))
    .filter(({ port }) => port !== "")
  for (const [index, { name, port }] of ports.entries()) {
    const twin = ports.slice(0, index).find((other) => other.port === port)
    if (twin) problems.push(`${name} and ${twin.name} are both ${port}: each process listens on a port of its own`)
  }
  const certificates = (["TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_AUTHORITY_FILE"] as const).filter(value)
  if (certificates.length % 3 !== 0) {
    problems.push("TLS_CERTIFICATE_FILE, TLS_KEY_FILE and TLS_AUTHORITY_FILE go together: set all three or none")
  }
  if (value("NODE_ENV") === "production" && !value("STRIPE_SECRET_KEY")) {
    problems.push(
      "STRIPE_SECRET_KEY is not set: with NODE_ENV=production Airside takes real payments, not the sandbox's",
    )
  }
  if (value("STRIPE_API_BASE") && !value("STRIPE_SECRET_KEY")) {
    problems.push("STRIPE_SECRET_KEY is not set: the server at STRIPE_API_BASE wants one")
  }
  return problems
}
