/** How a PaymentIntent comes into being, by the API or by a Checkout Session. */
import type Stripe from "stripe"
import { emit } from "./events.ts"
import { newId, randomText } from "./ids.ts"
import { mergeMetadata } from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"
import type { Entry } from "./store.ts"

export interface NewIntent {
  amount: number
  currency: string
  capture_method?: Stripe.PaymentIntent.CaptureMethod | undefined
  /** Null when the ways to pay were listed: then none of them redirects. */
  redirects: "always" | "never" | null
  customer?: string | null | undefined
  description?: string | null | undefined
  metadata?: Record<string, string> | undefined
  receipt_email?: string | null | undefined
  setup_future_usage?: "off_session" | "on_session" | null | undefined
  statement_descriptor?: string | undefined
  statement_descriptor_suffix?: string | undefined
}

/** Writes an intent without a method down. `session` is the Checkout Session that owns it. */
export function newPaymentIntent(call: Call, given: NewIntent, session?: string): Entry<"payment_intent"> {
  const id = newId("pi_3")
  const intent: Stripe.PaymentIntent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: given.redirects ? null : ["card"],
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: given.redirects && { allow_redirects: given.redirects, enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: given.capture_method ?? "automatic_async",
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: "automatic",
    created: nowSeconds(call),
    currency: given.currency,
    customer: given.customer ?? null,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: mergeMetadata({}, given.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" },
    },
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: given.receipt_email ?? null,
    review: null,
    setup_future_usage: given.setup_future_usage ?? null,
    shipping: null,
    source: null,
    statement_descriptor: given.statement_descriptor ?? null,
    statement_descriptor_suffix: given.statement_descriptor_suffix ?? null,
    status: "requires_payment_method",
    transfer_data: null,
    transfer_group: null,
  }
  const hidden = session ? { session } : {}
  call.store.insert("payment_intent", intent, hidden)
  emit(call, "payment_intent.created", intent)
  return { object: intent, hidden }
}
