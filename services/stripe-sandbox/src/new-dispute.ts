/** A dispute of a whole charge for fraud as it begins: a chargeback takes the money, an inquiry is only a question. */
import type Stripe from "stripe"
import { newId } from "./ids.ts"
import { type Call, nowSeconds } from "./sandbox.ts"

const EVIDENCE_SECONDS = 9 * 24 * 3600
const FEE = 1500

export function newDispute(call: Call, charge: Stripe.Charge, type: "chargeback" | "inquiry"): Stripe.Dispute {
  const dispute: Stripe.Dispute = {
    id: newId("dp_1"),
    object: "dispute",
    amount: charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: nowSeconds(call),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: nowSeconds(call) + EVIDENCE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: type === "inquiry",
    livemode: false,
    metadata: {},
    network_reason_code: "10.4",
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: charge.payment_method_details?.card?.brand ?? "visa",
        case_type: type,
        network: charge.payment_method_details?.card?.network ?? "visa",
        network_reason_code: "10.4",
      },
      type: "card",
    },
    reason: "fraudulent",
    status: type === "inquiry" ? "warning_needs_response" : "needs_response",
  }
  if (type === "chargeback") dispute.balance_transactions.push(newMovement(call, dispute, -dispute.amount))
  return dispute
}

/** What a dispute takes from the balance, below zero and with a fee, or gives back to it. */
export function newMovement(call: Call, dispute: Stripe.Dispute, amount: number): Stripe.BalanceTransaction {
  const fee = amount < 0 ? FEE : 0
  const description = amount < 0 ? "Dispute fee" : null
  return {
    id: newId("txn_1"),
    object: "balance_transaction",
    amount,
    available_on: nowSeconds(call),
    balance_type: "payments",
    created: nowSeconds(call),
    currency: dispute.currency,
    description: `Chargeback ${amount < 0 ? "withdrawal" : "reversal"} for ${dispute.charge}`,
    exchange_rate: null,
    fee,
    fee_details: fee
      ? [{ amount: fee, application: null, currency: dispute.currency, description, type: "stripe_fee" }]
      : [],
    net: amount - fee,
    reporting_category: amount < 0 ? "dispute" : "dispute_reversal",
    source: dispute.id,
    status: "available",
    type: "adjustment",
  }
}

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
}
