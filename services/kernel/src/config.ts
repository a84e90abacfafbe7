/**
 * Every setting of Airside, in one table: its shape, its default and what it is for. `.env.example`, the compose
 * file and the launcher are checked against this table; a process names the settings that it reads and gets them
 * parsed, or one error that names every missing and malformed value at once.
 */

import type { JSONWebKeySet, JWK } from "jose"

export type Setting<T> = { parse: (text: string) => T; default?: string; optional?: true; secret?: true; about: string }

const text = (value: string) => value

const wholeNumber = (minimum: number, maximum: number) => (value: string) => {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < minimum || number > maximum) {
    throw new Error(`must be a whole number from ${minimum} to ${maximum}`)
  }
  return number
}

const port = wholeNumber(1, 65_535)
const seconds = wholeNumber(1, 30 * 24 * 3600)

const oneOf =
  <const T extends string>(...choices: T[]) =>
  (value: string): T => {
    if (!choices.includes(value as T)) throw new Error(`must be one of ${choices.join(", ")}`)
    return value as T
  }

const onOff = (value: string) => oneOf("on", "off")(value) === "on"

const url =
  (...protocols: string[]) =>
  (value: string) => {
    const parsed = URL.parse(value)
    if (!parsed || !protocols.includes(parsed.protocol)) {
      throw new Error(`must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`)
    }
    return value.replace(/\/$/, "")
  }

/** By gRPC-Web, or by gRPC: a name stands for all the addresses that it has; several are IPv4 addresses. */
const address = (value: string) => {
  if (/^https?:/.test(value)) {
    const { origin, href } = new URL(url("http:", "https:")(value))
    if (href !== `${origin}/`) throw new Error("must be http://host:port, and nothing behind it")
    return origin
  }
  const [first = "", ...more] = value.split(/\s*,\s*/)
  if (!/^[^\s:/]+:\d{1,5}$/.test(first))
    throw new Error("must be http://host:port, host:port, or several of 127.0.0.1:8001")
  for (const each of more.length > 0 ? [first, ...more] : []) {
    if (!/^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/.test(each)) throw new Error("must have IPv4 addresses only: 127.0.0.1:8001")
  }
  return [first, ...more].join(",")
}

const ports = (value: string) => value.split(/\s*,\s*/).map(port)

const currency = (value: string) => {
  if (!/^[A-Z]{3}$/.test(value)) throw new Error("must be an ISO 4217 code such as USD")
  return value
}

const json = (value: string) => {
  try {
    return JSON.parse(value) as Record<string, unknown>
  } catch {
    throw new Error("must be JSON")
  }
}

const signingKey = (value: string): JWK => {
  const key = json(value)
  if (key.kty !== "OKP" || key.crv !== "Ed25519" || !key.d) throw new Error("must be a private Ed25519 JWK")
  return key
}

const publicKeys = (value: string): JSONWebKeySet => {
  const { keys } = json(value)
  if (!Array.isArray(keys) || keys.length === 0) throw new Error("must be a JWKS with at least one key")
  return { keys }
}

const longSecret = (value: string) => {
  if (value.length < 32) throw new Error("must be at least 32 characters long")
  return value
}

export const SETTINGS = {
  HOST: { parse: text, default: "127.0.0.1", about: "address that every process listens on" },
  PUBLIC_URL: {
    parse: url("http:", "https:"),
    optional: true,
    about: "URL that travellers reach the ui under; default http://localhost:UI_PORT, or HOST's address",
  },
  UI_PORT: { parse: port, default: "8000", about: "pages and JSON API" },
  BACKEND_PORT: { parse: port, default: "8001", about: "gRPC: accounts, flights, bookings" },
  BACKEND_WEB_PORT: {
    parse: port,
    optional: true,
    about: "gRPC-Web: the same over HTTP/1.1, as the processes speak to each other; 8101 where bun run start starts it",
  },
  FURTHER_BACKEND_PORTS: {
    parse: ports,
    optional: true,
    about: "backends beside the first, one for each port, such as 8011,8021; with RESTART=on one at a time may restart",
  },
  PAYMENT_PORT: { parse: port, default: "8002", about: "gRPC: payments" },
  PAYMENT_WEB_PORT: { parse: port, optional: true, about: "gRPC-Web: payments; 8102 where bun run start starts it" },
  LOYALTY_PORT: { parse: port, default: "8003", about: "gRPC: loyalty" },
  LOYALTY_WEB_PORT: { parse: port, optional: true, about: "gRPC-Web: loyalty; 8103 where bun run start starts it" },
  SANDBOX_PORT: {
    parse: port,
    default: "8012",
    about: "stripe-sandbox, started when there is no real STRIPE_SECRET_KEY",
  },
  DATABASE_PORT: { parse: port, default: "5432", about: "embedded PostgreSQL, started when DATABASE_URL is not set" },
  DATA_DIR: { parse: text, default: ".data", about: "database, development keys and the sandbox's file" },
  DATABASE_URL: {
    parse: url("postgres:", "postgresql:"),
    optional: true,
    secret: true,
    about: "administrator's connection to a PostgreSQL of your own; used to migrate and seed",
  },
  BACKEND_DATABASE_URL: { parse: url("postgres:", "postgresql:"), secret: true, about: "backend's own role" },
  PAYMENT_DATABASE_URL: { parse: url("postgres:", "postgresql:"), secret: true, about: "payment's own role" },
  LOYALTY_DATABASE_URL: { parse: url("postgres:", "postgresql:"), secret: true, about: "loyalty's own role" },
  DATABASE_PREPARE: {
    parse: onOff,
    default: "on",
    about: "prepared statements; off behind PgBouncer in transaction mode",
  },
  DATABASE_CONNECTIONS: {
    parse: wholeNumber(2, 500),
    default: "5",
    about: "connections of one process for transactions, and as many again for single statements",
  },
  POSTGRES_DB: { parse: text, default: "flight_booking", about: "name of the database" },
  POSTGRES_USER: {
    parse: text,
    default: "postgres",
    about: "administrator of the embedded and of the compose database",
  },
  POSTGRES_PASSWORD: { parse: text, default: "postgres", secret: true, about: "the administrator's password" },
  BACKEND_ADDRESS: {
    parse: address,
    default: "127.0.0.1:8001",
    about: "where clients find backend: by gRPC-Web at http://host:port, by gRPC at host:port, several with commas",
  },
  PAYMENT_ADDRESS: {
    parse: address,
    default: "127.0.0.1:8002",
    about: "where clients find payment: by gRPC-Web at http://host:port, by gRPC at host:port, several with commas",
  },
  LOYALTY_ADDRESS: {
    parse: address,
    default: "127.0.0.1:8003",
    about: "where clients find loyalty: by gRPC-Web at http://host:port, by gRPC at host:port, several with commas",
  },
  BACKEND_PRIVATE_KEY: {
    parse: signingKey,
    secret: true,
    about: "Ed25519 private JWK that signs backend's and people's identity tokens",
  },
  UI_PRIVATE_KEY: { parse: signingKey, secret: true, about: "Ed25519 private JWK that signs ui's identity tokens" },
  IDENTITY_PUBLIC_KEYS: {
    parse: publicKeys,
    about: "JWKS with the public keys of backend and ui, kid = the service's name",
  },
  OFFER_KEY: { parse: longSecret, secret: true, about: "key that signs offers and cancellation quotes" },
  STRIPE_SECRET_KEY: {
    parse: text,
    secret: true,
    optional: true,
    about: "Stripe's secret key; not set: the sandbox's",
  },
  STRIPE_PUBLISHABLE_KEY: { parse: text, optional: true, about: "Stripe's publishable key" },
  STRIPE_WEBHOOK_SECRET: {
    parse: text,
    secret: true,
    optional: true,
    about: "signing secret of the webhook endpoint /api/payments/webhook",
  },
  STRIPE_API_BASE: {
    parse: url("http:", "https:"),
    optional: true,
    about: "a Stripe-compatible server to use in Stripe's place",
  },
  SANDBOX_WEBHOOK_URL: { parse: url("http:", "https:"), optional: true, about: "where the sandbox delivers events" },
  SANDBOX_PUBLIC_URL: {
    parse: url("http:", "https:"),
    optional: true,
    about: "URL that travellers reach the sandbox's hosted page under",
  },
  SELLING_CURRENCY: { parse: currency, default: "USD", about: "currency of every price" },
  OFFER_SECONDS: { parse: seconds, default: "1800", about: "how long an offer is valid" },
  HOLD_SECONDS: { parse: seconds, default: "900", about: "how long seats are held for payment" },
  HOLD_EXTENSION_SECONDS: { parse: seconds, default: "600", about: "added once, when payment starts" },
  CANCELLATION_QUOTE_SECONDS: { parse: seconds, default: "600", about: "how long a cancellation quote is valid" },
  SALE_HORIZON_DAYS: { parse: wholeNumber(1, 720), default: "330", about: "how far ahead seats are sold" },
  SALES_CLOSE_MINUTES: {
    parse: wholeNumber(0, 10_080),
    default: "60",
    about: "sales close this long before departure",
  },
  SEATS_PER_BOOKING: { parse: wholeNumber(1, 9), default: "9", about: "most seats in one booking" },
  TLS_CERTIFICATE_FILE: {
    parse: text,
    optional: true,
    about: "certificate of this process; with key and authority: mutual TLS between processes",
  },
  TLS_KEY_FILE: { parse: text, optional: true, about: "key of that certificate" },
  TLS_AUTHORITY_FILE: {
    parse: text,
    optional: true,
    about: "authority that the peers' certificates are checked against",
  },
  RESTART: { parse: onOff, default: "off", about: "on: the launcher restarts a child that died, with backoff" },
  FAILPOINTS: {
    parse: text,
    optional: true,
    about: "for tests of recovery, refused in production: where a service dies, freezes or loses an answer",
  },
  LOG_LEVEL: {
    parse: oneOf("debug", "info", "warn", "error"),
    default: "info",
    about: "least severity that is logged",
  },
  NODE_ENV: {
    parse: oneOf("development", "test", "production"),
    default: "development",
    about: "production refuses development aids",
  },
} satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof SETTINGS

type Value<Name extends SettingName> = (typeof SETTINGS)[Name] extends { optional: true }
  ? ReturnType<(typeof SETTINGS)[Name]["parse"]> | undefined
  : ReturnType<(typeof SETTINGS)[Name]["parse"]>

export type Config<Name extends SettingName> = { [Key in Name]: Value<Key> }

/** Thrown by readConfig; the message has one line for each bad setting. */
export class ConfigError extends Error {}

/**
 * Parses the named settings; `required` names optional ones that this process cannot do without. Throws one ConfigError
 * that names every missing and malformed value.
 */
export function readConfig<const Name extends SettingName>(
  names: readonly Name[],
  environment: Record<string, string | undefined>,
  required: readonly NoInfer<Name>[] = [],
): Config<Name> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const setting: Setting<unknown> = SETTINGS[name]
    const given = givenValue(environment[name]) ?? setting.default
    if (given === undefined) {
      if (!setting.optional || required.includes(name)) problems.push(`${name} is not set: ${setting.about}`)
      continue
    }
    try {
      values[name] = setting.parse(given)
    } catch (error) {
      const shown = setting.secret ? "" : ` (is ${JSON.stringify(given.slice(0, 80))})`
      problems.push(`${name} ${(error as Error).message}${shown}: ${setting.about}`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.join("\n"))
  return values as Config<Name>
}

/** The value without surrounding space; an empty one and a placeholder such as `sk_test_your_key_here` count as not set. */
export function givenValue(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  if (!trimmed || /your_.*_?here$/.test(trimmed)) return undefined
  return trimmed
}
