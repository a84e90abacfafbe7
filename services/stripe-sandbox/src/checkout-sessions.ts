/** Checkout Sessions: a payment on the sandbox's own page. https://docs.stripe.com/api/checkout/sessions */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { livingCustomer, newCustomer } from "./customers.ts"
import { invalidRequest } from "./errors.ts"
import { emit } from "./events.ts"
import { newId } from "./ids.ts"
import { lineItemParameters, newLineItem } from "./line-items.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { checkChargeable } from "./money.ts"
import { integer, list, mergeMetadata, metadata, object, oneOf, required, text, webUrl } from "./parameters.ts"
import { cancelEntry } from "./payment-intents.ts"
import { type Call, nowSeconds, ownCall, type Sandbox } from "./sandbox.ts"
import type { Entry } from "./store.ts"

const SHORTEST_SECONDS = 30 * 60
const LONGEST_SECONDS = 24 * 3600

export const createSession = operation(
  {
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
    payment_method_types: list(oneOf("card")),
    submit_type: oneOf("auto", "book", "pay"),
    success_url: required(webUrl),
    ui_mode: oneOf("hosted", "hosted_page"),
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
    .query<{ id: string }, [number]>("select id from objects where due_time <= ? order by due_time limit 500")
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

interface NewSession {
  cancel_url?: string | undefined
  client_reference_id?: string | undefined
  currency: string
  customer?: string | undefined
  customer_creation?: "always" | "if_required" | undefined
  customer_email?: string | undefined
  expires_at: number
  locale?: string | undefined
  metadata?: Record<string, string> | undefined
  submit_type?: Stripe.Checkout.Session.SubmitType | undefined
  success_url: string
  total: number
  ui_mode?: "hosted" | "hosted_page" | undefined
}

function newSession(call: Call, given: NewSession): Stripe.Checkout.Session {
  const id = newId("cs_test_a1")
  return {
    id,
    object: "checkout.session",
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: given.total,
    amount_total: given.total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: given.cancel_url ?? null,
    client_reference_id: given.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: nowSeconds(call),
    currency: given.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: given.customer ?? null,
    customer_account: null,
    customer_creation: given.customer ? null : (given.customer_creation ?? "if_required"),
    customer_details: null,
    customer_email: given.customer_email ?? null,
    discounts: [],
    expires_at: given.expires_at,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: given.locale ?? null,
    managed_payments: null,
    metadata: mergeMetadata({}, given.metadata),
    mode: "payment",
    origin_context: null,
    // Since 2022-08-01 the intent comes into being with the first attempt to pay.
    payment_intent: null,
    payment_link: null,
    payment_method_collection: "if_required",
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: "automatic" } },
    payment_method_types: ["card"],
    payment_status: "unpaid",
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: given.submit_type ?? null,
    subscription: null,
    success_url: given.success_url,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: given.ui_mode ?? "hosted_page",
    url: `${call.publicUrl}/c/pay/${id}`,
    wallet_options: null,
  }
}
