import { givenValue, readConfig } from "@airside/kernel/config"
import { rpcCredentials } from "@airside/kernel/credentials"
import { localHost, readEnvironment } from "../launcher/settings.ts"

/** Where the services of a running Airside are, and how to speak to them. Throws ConfigError. */
export function readPeers(environment: Record<string, string | undefined> = readEnvironment()) {
  const config = readConfig(
    [
      "HOST",
      "BACKEND_PORT",
      "PAYMENT_PORT",
      "LOYALTY_PORT",
      "STRIPE_SECRET_KEY",
      "TLS_CERTIFICATE_FILE",
      "TLS_KEY_FILE",
      "TLS_AUTHORITY_FILE",
    ],
    environment,
  )
  const host = localHost(config.HOST)
  return {
    credentials: rpcCredentials(config).client,
    isLive: /^[a-z]+_live_/.test(config.STRIPE_SECRET_KEY ?? ""),
    addressOf: {
      backend: givenValue(environment.BACKEND_ADDRESS) ?? `${host}:${config.BACKEND_PORT}`,
      payment: givenValue(environment.PAYMENT_ADDRESS) ?? `${host}:${config.PAYMENT_PORT}`,
      loyalty: givenValue(environment.LOYALTY_ADDRESS) ?? `${host}:${config.LOYALTY_PORT}`,
    },
  }
}
