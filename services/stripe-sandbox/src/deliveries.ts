/**
 * Delivers events to the webhook endpoint, each until it is taken: at least once, in no promised order. What waits is
 * in the database, so a restart forgets nothing. https://docs.stripe.com/webhooks#retries
 */
import { createHmac } from "node:crypto"
import type { Sandbox, WebhookEndpoint } from "./sandbox.ts"

const AT_ONCE = 16
const TIMEOUT_MILLISECONDS = 10_000
const LONGEST_SLEEP_MILLISECONDS = 60_000
const HOURS = 3600
/** Pauses before each further attempt; the last one repeats until the event is three days old. */
const RETRY_SECONDS = [1, 2, 5, 10, 30, 60, 300, 900, HOURS, 3 * HOURS]
const GIVE_UP_SECONDS = 3 * 24 * HOURS

/** Of the deliveries that are due. */
const ORDERS = { any: "next_time", oldest: "sequence", newest: "sequence desc", shuffled: "random()" } as const

export interface Deliveries {
  /** Events may wait: look now. */
  wake(): void
  /** Takes no more and ends what is under way; a delivery cut short is repeated after the next start. */
  stop(): Promise<void>
}

export function startDeliveries(sandbox: Sandbox, webhook: WebhookEndpoint): Deliveries {
  const { store, log } = sandbox
  /** In memory only: the file has no other reader, and what a crash cuts off is due at once after the next start. */
  const underWay = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  let timer: Timer | undefined

  const selectDue = (order: string) =>
    store.sqlite.query<{ event: string; attempts: number }, [number, number]>(
      `select event, attempts
       from deliveries
       left join objects on objects.id = deliveries.event
       where next_time <= ?
       order by ${order}
       limit ?`,
    )
  const selectNext = store.sqlite.query<{ next_time: number | null }, [number]>(
    "select min(next_time) as next_time from deliveries where next_time > ?",
  )
  const postpone = store.sqlite.query("update deliveries set attempts = ?, next_time = ? where event = ?")
  const forget = store.sqlite.query("delete from deliveries where event = ?")

  function wake(): void {
    const { held, order } = sandbox.controls
    const room = order === "any" ? AT_ONCE : 1
    if (stopping.signal.aborted || held || underWay.size >= room) return
    clearTimeout(timer)
    const now = sandbox.clock()
    // Those under way are still in the table: with twice the room there are enough others among the first.
    for (const { event, attempts } of selectDue(ORDERS[order]).all(now, 2 * AT_ONCE)) {
      if (underWay.size < room && !underWay.has(event)) start(event, attempts)
    }
    const next = selectNext.get(now)?.next_time
    if (next != null) timer = setTimeout(wake, Math.min(next - now, LONGEST_SLEEP_MILLISECONDS))
  }

  function start(event: string, attempts: number): void {
    const delivery = deliver(event, attempts)
      .catch((err) => log.error({ err, event }, "webhook failed"))
      .finally(() => {
        underWay.delete(event)
        wake()
      })
    underWay.set(event, delivery)
  }

  async function deliver(event: string, attempts: number): Promise<void> {
    const row = store.sqlite
      .query<{ body: string; created: number }, [string]>(
        "select body, body ->> '$.created' as created from objects where id = ?",
      )
      .get(event)
    const outcome = row ? await postCopies(row.body) : "taken"
    if (stopping.signal.aborted && outcome !== "taken") return
    if (outcome === "taken") {
      forget.run(event)
    } else if (row && sandbox.clock() / 1000 - row.created > GIVE_UP_SECONDS) {
      forget.run(event)
      log.error({ event, attempts: attempts + 1, outcome }, "webhook given up")
    } else {
      const pause = RETRY_SECONDS[Math.min(attempts, RETRY_SECONDS.length - 1)] ?? 0
      postpone.run(attempts + 1, sandbox.clock() + pause * 1000, event)
      log.warn({ event, attempts: attempts + 1, outcome, retry_seconds: pause }, "webhook not taken")
    }
  }

  /** As often as the controls say; the first copy that is not taken ends it. */
  async function postCopies(body: string): Promise<string> {
    for (let copy = 1; copy < sandbox.controls.copies; copy++) {
      const outcome = await post(body)
      if (outcome !== "taken") return outcome
    }
    return post(body)
  }

  /** "taken" for a 2xx, else what went wrong. */
  async function post(body: string): Promise<string> {
    try {
      const response = await fetch(webhook.url, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "stripe-signature": signatureOf(body, webhook.secret, Math.floor(sandbox.clock() / 1000)),
          "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
        redirect: "manual",
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
      })
      await response.arrayBuffer()
      return response.ok ? "taken" : `status ${response.status}`
    } catch (error) {
      return (error as Error).message
    }
  }

  wake()
  return {
    wake,
    async stop() {
      clearTimeout(timer)
      stopping.abort()
      await Promise.allSettled(underWay.values())
    },
  }
}

/** The `Stripe-Signature` header. https://docs.stripe.com/webhooks#verify-manually */
export function signatureOf(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`
}
