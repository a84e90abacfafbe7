/** What every operation works with, and who is asking. */
import type { Log } from "@airside/kernel/log"
import type Stripe from "stripe"
import type { DeliveryControls } from "./delivery-controls.ts"
import type { Store } from "./store.ts"

/** The version of Stripe's API whose objects the sandbox answers; the one that the SDK is pinned to. */
export const API_VERSION = "2026-10-28.endive"

export interface Sandbox {
  store: Store
  log: Log
  /** Milliseconds since 1970. Tests move it. */
  clock: () => number
  /** Where travellers reach the hosted pages, without a trailing slash. */
  publicUrl: string
  /** Keys of requests that have arrived and are not yet answered. */
  keysInUse: Set<string>
  webhook: WebhookEndpoint | undefined
  /** How events are delivered; see delivery-controls.ts. */
  controls: DeliveryControls
  /** Called when events may wait for delivery. */
  wakeDeliveries: () => void
}

/** Where events are told. https://docs.stripe.com/api/webhook_endpoints/object */
export interface WebhookEndpoint {
  url: string
  secret: string
  /** All of them when left out. */
  enabledEvents?: readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[]
}

/** One request, as the events that it causes name it; a hosted page's or the clock's own doing has neither. */
export interface Call extends Sandbox {
  request: { id: string | null; idempotency_key: string | null }
}

export function ownCall(sandbox: Sandbox): Call {
  return { ...sandbox, request: { id: null, idempotency_key: null } }
}

export function nowSeconds({ clock }: Pick<Sandbox, "clock">): number {
  return Math.floor(clock() / 1000)
}
