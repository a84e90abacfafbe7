/**
 * What only a sandbox can do, below /sandbox: hold events back, deliver them in an order of choice or several times, and
 * repeat one. It takes the API's key and form encoding. Settings last until the sandbox stops.
 *
 * POST /sandbox/webhooks        held=true|false  order=any|oldest|newest|shuffled  copies=1…10
 * POST /sandbox/events/ID/deliver   one more delivery of that event, now
 */
import { operation } from "./api.ts"
import { invalidRequest } from "./errors.ts"
import { boolean, oneOf, positiveInteger } from "./parameters.ts"
import type { Sandbox } from "./sandbox.ts"

export interface DeliveryControls {
  /** Nothing is delivered. */
  held: boolean
  /** Any: as they come, many at once. Otherwise of those that wait, one after another. */
  order: "any" | "oldest" | "newest" | "shuffled"
  /** How often each event is delivered before it counts as taken. */
  copies: number
}

const MOST_COPIES = 10

export const newControls = (): DeliveryControls => ({ held: false, order: "any", copies: 1 })

export const controlDeliveries = operation(
  { held: boolean, order: oneOf("any", "oldest", "newest", "shuffled"), copies: positiveInteger },
  (call, changes) => {
    if ((changes.copies ?? 1) > MOST_COPIES) {
      throw invalidRequest(`An event is delivered at most ${MOST_COPIES} times.`, { param: "copies" })
    }
    Object.assign(call.controls, changes)
    queueMicrotask(call.wakeDeliveries)
    return { ...call.controls, waiting: waiting(call) }
  },
)

/** The event comes once more, also when it was taken long ago. */
export const deliverAgain = operation({}, (call, _, id) => {
  const event = call.store.read("event", id).object
  if (!call.webhook) throw invalidRequest("No webhook endpoint is set: see SANDBOX_WEBHOOK_URL.")
  call.store.sqlite
    .query(
      `insert into deliveries (event, attempts, next_time) values (?, 0, ?)
       on conflict (event) do update set next_time = excluded.next_time`,
    )
    .run(event.id, call.clock())
  queueMicrotask(call.wakeDeliveries)
  return { ...event, pending_webhooks: 1 }
})

function waiting({ store }: Sandbox): number {
  return store.sqlite.query<{ count: number }, []>("select count(*) as count from deliveries").get()?.count ?? 0
}
