/** Charges: one for every attempt to take the money, also for those that were declined. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import type { Decline } from "./cards.ts"
import { emit } from "./events.ts"
import { newId } from "./ids.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { text } from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"

interface Attempt {
  intent: Stripe.PaymentIntent
  method: Stripe.PaymentMethod
  decline: Decline | undefined
  authenticated: boolean
}

/** Writes the attempt down: succeeded, or failed with the decline. */
export function recordCharge(call: Call, { intent, method, decline, authenticated }: Attempt): Stripe.Charge {
  const captured = !decline && intent.capture_method !== "manual"
  const charge: Stripe.Charge = {
    id: newId("ch_3"),
    object: "charge",
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: decline ? null : newId("txn_3"),
    billing_details: { ...method.billing_details, tax_id: null },
    calculated_statement_descriptor: intent.statement_descriptor ?? "AIRSIDE SANDBOX",
    captured,
    created: nowSeconds(call),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(decline),
    paid: !decline,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: { card: cardDetails(intent, method, authenticated), type: "card" },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: decline ? "failed" : "succeeded",
    transfer_data: null,
    transfer_group: null,
  }
  call.store.insert("charge", charge, {})
  emit(call, decline ? "charge.failed" : "charge.succeeded", charge)
  return charge
}

/** Stripe refunds nothing that a bank has taken: not before it has decided, and not after it has decided for the holder. */
export function isRefundable(call: Call, charge: string): boolean {
  const { data } = listObjects(call, "dispute", "/v1/disputes", { limit: 100 }, { charge })
  return data.every((dispute) => dispute.is_charge_refundable)
}

export const retrieveCharge = operation({}, (call, _, id) => call.store.read("charge", id).object)

export const listCharges = operation(
  { ...pageParameters, customer: text, payment_intent: text },
  (call, { customer, payment_intent, ...page }) =>
    listObjects(call, "charge", "/v1/charges", page, { customer, payment_intent }),
)

function outcomeOf(decline: Decline | undefined): Stripe.Charge.Outcome {
  return {
    advice_code: decline ? "try_again_later" : null,
    network_advice_code: null,
    network_decline_code: decline ? "01" : null,
    network_status: decline ? "declined_by_network" : "approved_by_network",
    reason: decline?.decline_code ?? null,
    risk_level: "normal",
    risk_score: 20,
    seller_message: decline ? "The bank did not return any further details with this decline." : "Payment complete.",
    type: decline ? "issuer_declined" : "authorized",
  }
}

function cardDetails(
  intent: Stripe.PaymentIntent,
  { card }: Stripe.PaymentMethod,
  authenticated: boolean,
): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: intent.amount,
    authorization_code: null,
    brand: card?.brand ?? null,
    checks: card?.checks ?? null,
    country: card?.country ?? null,
    electronic_commerce_indicator: null,
    exp_month: card?.exp_month ?? 0,
    exp_year: card?.exp_year ?? 0,
    fingerprint: card?.fingerprint ?? null,
    funding: card?.funding ?? null,
    installments: null,
    last4: card?.last4 ?? null,
    mandate: null,
    network: card?.brand ?? null,
    network_transaction_id: null,
    regulated_status: "unregulated",
    three_d_secure: authenticated ? AUTHENTICATED : null,
    transaction_link_id: null,
    wallet: null,
  }
}

const AUTHENTICATED: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: "challenge",
  electronic_commerce_indicator: "05",
  exemption_indicator: null,
  result: "authenticated",
  result_reason: null,
  transaction_id: null,
  version: "2.2.0",
}
