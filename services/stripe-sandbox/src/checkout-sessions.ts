/** Checkout Sessions: a payment on the sandbox's own page. https://docs.stripe.com/api/checkout/sessions */
import { operation } from "./api.ts"
import { livingCustomer, newCustomer } from "./customers.ts"
import { invalidRequest } from "./errors.ts"
import { emit } from "./events.ts"
import { lineItemParameters, newLineItem } from "./line-items.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { checkChargeable } from "./money.ts"
import { newSession } from "./new-session.ts"
import {
  integer,
  list,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  paymentMethodTypes,
  required,
  text,
  webUrl,
  withdrawnPaymentMethodTypes,
} from "./parameters.ts"
import { cancelEntry } from "./payment-intents.ts"
import { type Call, nowSeconds, ownCall, type Sandbox } from "./sandbox.ts"
import type { Entry } from "./store.ts"

const SHORTEST_SECONDS = 30 * 60
const LONGEST_SECONDS = 24 * 3600

export const createSession = operation(
  {
    allowed_payment_method_types: paymentMethodTypes,
    cancel_url: webUrl,
    client_reference_id: text,
    currency: text,
    customer: text,
    customer_creation: oneOf("always", "if_required"),
    customer_email: text,
    expires_at: integer,
    line_items: required(list(object(lineItemParameters))),
    locale: text,
    metadata,
    mode: required(oneOf("payment")),
    payment_intent_data: object({
      capture_method: oneOf("automatic", "automatic_async"),
      description: text,
      metadata,
      receipt_email: text,
      setup_future_usage: oneOf("off_session", "on_session"),
    }),
    payment_method_types: withdrawnPaymentMethodTypes,
    submit_type: oneOf("auto", "book", "pay"),
    success_url: required(webUrl),
    ui_mode: oneOf("hosted_page"),
  },
  (call, parameters) => {
    if (parameters.customer) livingCustomer(call, parameters.customer, "customer")
    if (parameters.customer && (parameters.customer_email || parameters.customer_creation)) {
      const other = parameters.customer_email ? "customer_email" : "customer_creation"
      throw invalidRequest(`You may only specify one of these parameters: customer, ${other}.`)
    }
    const lineItems = parameters.line_items.map((item, index) => newLineItem(call, item, `line_items[${index}]`))
    const currency = lineItems[0]?.currency
    if (!currency)
      throw invalidRequest("Missing required param: line_items.", { code: "parameter_missing", param: "line_items" })
    if (lineItems.some((item) => item.currency !== currency)) {
      throw invalidRequest("All line items must have the same currency.", { param: "line_items" })
    }
    const total = lineItems.reduce((sum, item) => sum + item.amount_total, 0)
    checkChargeable(total, currency, "The Checkout Session's total amount due")
    const session = newSession(call, {
      ...parameters,
      currency,
      total,
      expires_at: expiry(call, parameters.expires_at),
    })
    const intent = parameters.payment_intent_data
    call.store.insert("checkout.session", session, {
      lineItems,
      intent: {
        metadata: mergeMetadata({}, intent?.metadata),
        description: intent?.description ?? null,
        receiptEmail: intent?.receipt_email ?? null,
        setupFutureUsage: intent?.setup_future_usage ?? null,
      },
    })
    return session
  },
)

export const retrieveSession = operation({}, (call, _, id) => currentSession(call, id).object)

export const updateSession = operation({ metadata }, (call, { metadata }, id) => {
  const entry = currentSession(call, id)
  entry.object.metadata = mergeMetadata(entry.object.metadata ?? {}, metadata)
  call.store.update<"checkout.session">(entry)
  return entry.object
})

export const expireSession = operation({}, (call, _, id) => {
  const entry = currentSession(call, id)
  if (entry.object.status !== "open") {
    const rule = 'Only Checkout Sessions with a status in ["open"] can be expired.'
    throw invalidRequest(`${rule} This Checkout Session has a status of \`${entry.object.status}\`.`)
  }
  expireEntry(call, entry)
  return entry.object
})

export const listSessions = operation(
  {
    ...pageParameters,
    customer: text,
    payment_intent: text,
    status: oneOf("open", "complete", "expired"),
  },
  (call, { customer, payment_intent, status, ...page }) =>
    listObjects(call, "checkout.session", "/v1/checkout/sessions", page, { customer, payment_intent, status }),
)

export const listLineItems = operation({ limit: integer }, (call, _, id) => {
  const { hidden } = call.store.read("checkout.session", id)
  return { object: "list", data: hidden.lineItems, has_more: false, url: `/v1/checkout/sessions/${id}/line_items` }
})

/** The session as it is at this moment: one whose time has come is expired first. */
export function currentSession(call: Call, id: string): Entry<"checkout.session"> {
  const entry = call.store.read("checkout.session", id)
  if (entry.object.status === "open" && entry.object.expires_at <= nowSeconds(call)) expireEntry(call, entry)
  return entry
}

/** Expires every session whose time has come. */
export function expireDueSessions(sandbox: Sandbox): void {
  const { store } = sandbox
  const due = store.sqlite
    .query<{ id: string }, [number]>(
      "select id from objects where due_time <= ? and kind = 'checkout.session' order by due_time limit 500",
    )
    .all(nowSeconds(sandbox))
  if (due.length === 0) return
  store.transaction(() => {
    for (const { id } of due) currentSession(ownCall(sandbox), id)
  })
}

/** The session's intent has succeeded. */
export function completeSession(
  call: Call,
  entry: Entry<"checkout.session">,
  payer: { email: string | null; name: string | null },
) {
  const session = entry.object
  session.status = "complete"
  session.payment_status = "paid"
  session.url = null
  session.customer_details = {
    address: null,
    business_name: null,
    email: payer.email,
    individual_name: null,
    name: payer.name,
    phone: null,
    tax_exempt: "none",
    tax_ids: [],
  }
  if (!session.customer && session.customer_creation === "always") {
    session.customer = newCustomer(call, { email: payer.email, name: payer.name }).id
  }
  call.store.update<"checkout.session">(entry)
  emit(call, "checkout.session.completed", session)
}

function expireEntry(call: Call, entry: Entry<"checkout.session">): void {
  const session = entry.object
  session.status = "expired"
  session.url = null
  call.store.update<"checkout.session">(entry)
  const intent = session.payment_intent && call.store.find("payment_intent", session.payment_intent as string)
  if (intent && intent.object.status !== "canceled") cancelEntry(call, intent, "expired")
  emit(call, "checkout.session.expired", session)
}

function expiry(call: Call, given: number | undefined): number {
  const now = nowSeconds(call)
  const expiresAt = given ?? now + LONGEST_SECONDS
  // Stripe, too, forgives the seconds that the request was under way.
  if (expiresAt >= now + SHORTEST_SECONDS - 60 && expiresAt <= now + LONGEST_SECONDS + 60) return expiresAt
  const side = expiresAt < now + SHORTEST_SECONDS ? "at least 30 minutes" : "less than 24 hours"
  throw invalidRequest(`The \`expires_at\` timestamp must be ${side} from Checkout Session creation.`, {
    param: "expires_at",
  })
}
