/** A SetupIntent as it begins. */
import type Stripe from "stripe"
import { newId, randomText } from "./ids.ts"
import { mergeMetadata } from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"

export interface NewSetup {
  automatic_payment_methods?: { allow_redirects?: "always" | "never" | undefined } | undefined
  customer?: string | undefined
  description?: string | undefined
  metadata?: Record<string, string> | undefined
  allowed_payment_method_types?: "card"[] | undefined
  usage?: "off_session" | "on_session" | undefined
}

/** Without a method; the caller writes it down. */
export function newSetupIntent(call: Call, given: NewSetup): Stripe.SetupIntent {
  const id = newId("seti_1")
  const redirects = given.automatic_payment_methods?.allow_redirects ?? "always"
  return {
    id,
    object: "setup_intent",
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    application: null,
    automatic_payment_methods: given.allowed_payment_method_types
      ? null
      : { allow_redirects: redirects, enabled: true },
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomText(25)}`,
    created: nowSeconds(call),
    customer: given.customer ?? null,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: mergeMetadata({}, given.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: "automatic" } },
    payment_method_types: ["card"],
    single_use_mandate: null,
    status: "requires_payment_method",
    usage: given.usage ?? "off_session",
  }
}
