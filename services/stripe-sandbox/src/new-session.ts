/** A Checkout Session as it begins. */
import type Stripe from "stripe"
import { newId } from "./ids.ts"
import { mergeMetadata } from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"

export interface NewSession {
  allowed_payment_method_types?: "card"[] | undefined
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
}

/** Open, with a page of its own; the caller writes it down. */
export function newSession(call: Call, given: NewSession): Stripe.Checkout.Session {
  const id = newId("cs_test_a1")
  return {
    id,
    object: "checkout.session",
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
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
    ui_mode: "hosted_page",
    url: `${call.publicUrl}/c/pay/${id}`,
    wallet_options: null,
  }
}
