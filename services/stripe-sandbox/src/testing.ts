/** A sandbox of its own for a test, spoken to with Stripe's SDK. */
import { createLog } from "@airside/kernel/log"
import Stripe from "stripe"
import { type SandboxSettings, startSandbox } from "./server.ts"

export interface TestSandbox {
  stripe: Stripe
  url: string
  /** Moves the sandbox's clock forward. */
  advance(seconds: number): void
  stop(): Promise<void>
}

export function testSandbox(settings: Partial<SandboxSettings> = {}): TestSandbox {
  let offset = 0
  const sandbox = startSandbox({
    host: "127.0.0.1",
    port: 0,
    databaseFile: ":memory:",
    log: createLog("stripe-sandbox", "fatal"),
    clock: () => Date.now() + offset,
    ...settings,
  })
  return {
    stripe: client(sandbox.port),
    url: `http://127.0.0.1:${sandbox.port}`,
    advance: (seconds) => {
      offset += seconds * 1000
    },
    stop: sandbox.stop,
  }
}

export function client(port: number, key = "sk_test_airside"): Stripe {
  return new Stripe(key, { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0, telemetry: false })
}

/** A header of the answer that the SDK took an object from; on Bun it has them as the platform's Headers. */
export function header(object: { lastResponse: { headers: unknown } }, name: string): string | null {
  return (object.lastResponse.headers as Headers).get(name)
}

/** The error that Stripe's SDK throws; fails when there is none. */
export async function refusal(request: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await request.then(
    () => undefined,
    (reason) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw new Error(`Expected Stripe to refuse, saw ${error}`)
}

/** Sends a hosted page's form, and answers where it leads or what it shows. */
export async function submit(url: string, fields: Record<string, string>) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" })
  return { status: response.status, location: response.headers.get("location") ?? "", page: await response.text() }
}

export const card = (card_number: string, more: Record<string, string> = {}) => ({
  card_number,
  expiry: "12 / 34",
  cvc: "123",
  name: "Ada Lovelace",
  ...more,
})

/** Waits until the condition holds, at most five seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 5000; Date.now() < deadline; await Bun.sleep(10)) {
    if (await condition()) return
  }
  throw new Error("The condition did not come true within five seconds")
}
