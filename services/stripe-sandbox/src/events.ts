/** Events: what changed, as it was at that moment. Written in the change's own transaction. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { newId } from "./ids.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { text } from "./parameters.ts"
import { API_VERSION, type Call, nowSeconds, type Sandbox, type WebhookEndpoint } from "./sandbox.ts"
import type { AnyObject } from "./store.ts"

const KEPT_SECONDS = 30 * 24 * 3600

/** Records that something happened to the object and, where the webhook endpoint wants to know, that it is to be told. */
export function emit(call: Call, type: Stripe.Event.Type, object: AnyObject): void {
  const isToldTo = ({ enabledEvents }: WebhookEndpoint) => enabledEvents?.includes(type) ?? true
  const isTold = call.webhook !== undefined && isToldTo(call.webhook)
  const event: Stripe.EventBase = {
    id: newId("evt_"),
    object: "event",
    api_version: API_VERSION,
    created: nowSeconds(call),
    data: { object: object as unknown as Stripe.Event.Data.Object },
    livemode: false,
    pending_webhooks: isTold ? 1 : 0,
    request: call.request,
    type,
  }
  call.store.insert("event", event, {})
  if (!isTold) return
  call.store.sqlite
    .query("insert into deliveries (event, attempts, next_time) values (?, 0, ?)")
    .run(event.id, call.clock())
  // After the transaction, which is synchronous, has ended.
  queueMicrotask(call.wakeDeliveries)
}

export const retrieveEvent = operation({}, (call, _, id) => withPending(call, call.store.read("event", id).object))

export const listEvents = operation({ ...pageParameters, type: text }, (call, { type, ...page }) => {
  const events = listObjects(call, "event", "/v1/events", page, { type })
  return { ...events, data: events.data.map((event) => withPending(call, event)) }
})

function withPending(call: Call, event: Stripe.EventBase): Stripe.EventBase {
  const waiting = call.store.sqlite.query("select 1 from deliveries where event = ?").get(event.id)
  return { ...event, pending_webhooks: waiting ? 1 : 0 }
}

/** Stripe, too, answers events for 30 days only. The oldest is looked at first: nearly always it is young enough. */
export function forgetOldEvents(sandbox: Sandbox): void {
  const { sqlite } = sandbox.store
  const keptFrom = nowSeconds(sandbox) - KEPT_SECONDS
  const oldest = sqlite
    .query<{ created: number }, []>(
      "select body ->> '$.created' as created from objects where kind = 'event' order by sequence limit 1",
    )
    .get()
  if (!oldest || oldest.created > keptFrom) return
  sqlite
    .query(
      `delete from objects
       where sequence in (select sequence from objects where kind = 'event' order by sequence limit 1000)
         and body ->> '$.created' <= ?`,
    )
    .run(keptFrom)
}
