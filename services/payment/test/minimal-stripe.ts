/** A server that speaks just enough of Stripe's API: the fields that a payment cannot do without, and no others. */
export interface MinimalStripe {
  url: string
  /** Pays an open session, as its page would. */
  paySession(id: string): void
  stop(): void
}

interface Intent {
  id: string
  object: "payment_intent"
  status: string
  amount: number
  currency: string
  client_secret: string
  metadata: Record<string, string>
}
interface Session {
  id: string
  object: "checkout.session"
  status: string
  url: string
  payment_intent: string | null
}

export function startMinimalStripe(): MinimalStripe {
  const intents = new Map<string, Intent>()
  const sessions = new Map<string, Session & { hidden: Omit<Intent, "id" | "object" | "client_secret"> }>()
  let made = 0
  const newId = (prefix: string) => `${prefix}_${++made}`

  function newIntent(status: string, amount: number, currency: string, metadata: Record<string, string>): Intent {
    const id = newId("pi")
    const intent = {
      id,
      object: "payment_intent" as const,
      status,
      amount,
      currency,
      client_secret: `${id}_s`,
      metadata,
    }
    intents.set(id, intent)
    return intent
  }
  const changed = <T extends { status: string }>(object: T, status: string) => Object.assign(object, { status })
  const shown = ({ hidden: _, ...session }: Session & { hidden: unknown }) => session
  const metadataOf = (form: URLSearchParams, prefix = "metadata") =>
    Object.fromEntries(
      [...form]
        .filter(([name]) => name.startsWith(`${prefix}[`))
        .map(([name, value]) => [name.slice(prefix.length + 1, -1), value]),
    )

  function answer(line: string, id: string, form: URLSearchParams): object {
    const intent = intents.get(id)!
    const session = sessions.get(id)!
    switch (line) {
      case "POST /v1/customers":
        return { id: newId("cus"), object: "customer" }
      case "POST /v1/payment_intents":
        return newIntent("requires_payment_method", Number(form.get("amount")), form.get("currency")!, metadataOf(form))
      case "GET /v1/payment_intents/ID":
        return intent
      case "POST /v1/payment_intents/ID/confirm":
        return changed(intent, "succeeded")
      case "POST /v1/payment_intents/ID/cancel":
        return changed(intent, "canceled")
      case "POST /v1/refunds":
        return { id: newId("re"), object: "refund", status: "succeeded" }
      case "POST /v1/checkout/sessions": {
        const made = { id: newId("cs"), object: "checkout.session" as const, status: "open", payment_intent: null }
        const price = "line_items[0][price_data]"
        const [amount, currency] = [Number(form.get(`${price}[unit_amount]`)), form.get(`${price}[currency]`)!]
        const hidden = {
          status: "succeeded",
          amount,
          currency,
          metadata: metadataOf(form, "payment_intent_data[metadata]"),
        }
        const opened = { ...made, url: `http://page.test/${made.id}`, hidden }
        sessions.set(made.id, opened)
        return shown(opened)
      }
      case "GET /v1/checkout/sessions/ID":
        return shown(session)
      case "POST /v1/checkout/sessions/ID/expire":
        return shown(changed(session, "expired"))
      case "POST /v1/payment_methods/ID/attach":
        return { id, object: "payment_method", card: { brand: "visa", last4: "4242", exp_month: 12, exp_year: 2040 } }
      case "GET /v1/payment_methods":
        return { object: "list", data: [], has_more: false }
      default:
        throw new Error(`${line} is more than a payment needs`)
    }
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const id = /\/((?:pi|cs|pm)_\w+)/.exec(pathname)?.[1] ?? ""
      const line = `${request.method} ${id ? pathname.replace(id, "ID") : pathname}`
      return Response.json(answer(line, id, new URLSearchParams(await request.text())))
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    paySession(id) {
      const session = sessions.get(id)!
      const { status, amount, currency, metadata } = session.hidden
      session.status = "complete"
      session.payment_intent = newIntent(status, amount, currency, metadata).id
    },
    stop: () => server.stop(true),
  }
}
