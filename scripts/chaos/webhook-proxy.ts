/** Stands between the sandbox and ui: webhooks arrive often, in reverse, late, or never. */

export interface WebhookProxy {
  url: string
  misbehave(how: WebhookTrouble): void
  behave(): void
  count(): number
  stop(): void
}

export type WebhookTrouble = "tenfold" | "reversed" | "late" | "never"

/** Longer than a hold lives. */
const LATE_MILLISECONDS = 5500
const REVERSE_MILLISECONDS = 700

interface Delivery {
  body: string
  headers: Record<string, string>
}

/** What it keeps back it has taken: the sandbox does not send it again. */
export function startWebhookProxy(target: string): WebhookProxy {
  let how: WebhookTrouble | undefined
  let met = 0
  let waiting: Delivery[] = []

  const pass = ({ body, headers }: Delivery) =>
    fetch(target, { method: "POST", body, headers }).then(
      (response) => response.status,
      () => 503,
    )
  const passReversed = () => {
    const turned = waiting.reverse()
    waiting = []
    ;(async () => {
      for (const delivery of turned) await pass(delivery)
    })()
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const headers = {
        "content-type": request.headers.get("content-type") ?? "",
        "stripe-signature": request.headers.get("stripe-signature") ?? "",
      }
      const delivery = { body: await request.text(), headers }
      if (how) met++
      switch (how) {
        case "never":
          return new Response("ok")
        case "tenfold":
          await Promise.all(Array.from({ length: 10 }, () => pass(delivery)))
          return new Response("ok")
        case "late":
          setTimeout(() => pass(delivery), LATE_MILLISECONDS)
          return new Response("ok")
        case "reversed":
          waiting.push(delivery)
          if (waiting.length === 1) setTimeout(passReversed, REVERSE_MILLISECONDS)
          return new Response("ok")
        default:
          return new Response("", { status: await pass(delivery) })
      }
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/`,
    misbehave(trouble) {
      how = trouble
      met = 0
    },
    behave() {
      how = undefined
    },
    count: () => met,
    stop: () => server.stop(true),
  }
}
