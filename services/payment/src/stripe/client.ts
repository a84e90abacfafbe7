import Stripe from "stripe"

const TIMEOUT_SECONDS = 10

/**
 * Stripe's SDK, which speaks to Stripe or to the Stripe-compatible server at `base`. Its own retries are off: a lost
 * answer is asked for again by the next request or by the sweep, under the same idempotency key.
 */
export function createStripe(secretKey: string, base: string | undefined): Stripe {
  return new Stripe(secretKey, {
    ...(base && serverAt(new URL(base))),
    timeout: TIMEOUT_SECONDS * 1000,
    maxNetworkRetries: 0,
    telemetry: false,
    appInfo: { name: "Airside" },
  })
}

function serverAt({ protocol, hostname, port }: URL) {
  const isPlain = protocol === "http:"
  return {
    protocol: isPlain ? ("http" as const) : ("https" as const),
    host: hostname,
    port: port || (isPlain ? 80 : 443),
  }
}
