/**
 * Disputes: a cardholder wants the money back, and the bank takes it until that is decided. Won and lost by evidence,
 * in Stripe's own way for tests. https://docs.stripe.com/testing#disputes
 */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { invalidRequest } from "./errors.ts"
import { emit } from "./events.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { newDispute, newMovement } from "./new-dispute.ts"
import { boolean, clearableText, mergeMetadata, metadata, object, text } from "./parameters.ts"
import { failRefund } from "./refunds.ts"
import type { Call } from "./sandbox.ts"
import type { Entry } from "./store.ts"

type Dispute = Entry<"dispute">
const WINS = "winning_evidence"
const LOSES = "losing_evidence"
const ESCALATES = "escalate_inquiry_evidence"

/** The charge is disputed: by a chargeback the bank takes its amount. */
export function openDispute(call: Call, chargeId: string, type: "chargeback" | "inquiry"): void {
  const charge = call.store.read("charge", chargeId)
  const dispute = newDispute(call, charge.object, type)
  charge.object.disputed = true
  call.store.update<"charge">(charge)
  call.store.insert("dispute", dispute, {})
  emit(call, "charge.dispute.created", dispute)
  if (type === "chargeback") emit(call, "charge.dispute.funds_withdrawn", dispute)
}

export const retrieveDispute = operation({}, (call, _, id) => call.store.read("dispute", id).object)

export const listDisputes = operation(
  { ...pageParameters, charge: text, payment_intent: text },
  (call, { charge, payment_intent, ...page }) =>
    listObjects(call, "dispute", "/v1/disputes", page, { charge, payment_intent }),
)

/** Submitted text is the evidence; `winning_evidence` and `losing_evidence` decide at once, another escalates an inquiry. */
export const updateDispute = operation(
  { evidence: object({ uncategorized_text: clearableText }), metadata, submit: boolean },
  (call, { evidence, metadata, submit = true }, id) => {
    const dispute = call.store.read("dispute", id)
    const { object } = dispute
    requireUndecided(object, evidence ? "updated" : undefined)
    object.metadata = mergeMetadata(object.metadata, metadata)
    if (evidence) {
      object.evidence = { ...object.evidence, uncategorized_text: evidence.uncategorized_text ?? null }
      object.evidence_details.has_evidence = true
    }
    if (evidence && submit) return submitEvidence(call, dispute)
    call.store.update<"dispute">(dispute)
    emit(call, "charge.dispute.updated", object)
    return object
  },
)

/** Accepts the dispute: it is lost. */
export const closeDispute = operation({}, (call, _, id) => {
  const dispute = call.store.read("dispute", id)
  requireUndecided(dispute.object, "closed")
  return decide(call, dispute, "lost")
})

function submitEvidence(call: Call, dispute: Dispute): Stripe.Dispute {
  const { object } = dispute
  object.evidence_details.submission_count += 1
  object.evidence_details.submission_method = "manual"
  const isInquiry = object.status.startsWith("warning_")
  object.status = isInquiry ? "warning_under_review" : "under_review"
  const said = object.evidence.uncategorized_text
  if (said === WINS || said === LOSES)
    return decide(call, dispute, isInquiry ? "warning_closed" : said === WINS ? "won" : "lost")
  if (said === ESCALATES && isInquiry) return escalate(call, dispute)
  call.store.update<"dispute">(dispute)
  emit(call, "charge.dispute.updated", object)
  return object
}

/** The inquiry has become a chargeback, which takes the money, and refunds on their way to the card turn back. */
function escalate(call: Call, dispute: Dispute): Stripe.Dispute {
  const { object } = dispute
  object.status = "needs_response"
  object.is_charge_refundable = false
  object.payment_method_details!.card!.case_type = "chargeback"
  object.balance_transactions.push(newMovement(call, object, -object.amount))
  call.store.update<"dispute">(dispute)
  emit(call, "charge.dispute.updated", object)
  emit(call, "charge.dispute.funds_withdrawn", object)
  const charge = object.charge as string
  for (const refund of listObjects(call, "refund", "/v1/refunds", { limit: 100 }, { charge }).data) {
    if (refund.status === "succeeded") failRefund(call, refund, "charge_for_pending_refund_disputed")
  }
  return object
}

function decide(call: Call, dispute: Dispute, status: "won" | "lost" | "warning_closed"): Stripe.Dispute {
  const { object } = dispute
  object.status = status
  if (status === "won") {
    object.balance_transactions.push(newMovement(call, object, object.amount))
    object.is_charge_refundable = true
  }
  call.store.update<"dispute">(dispute)
  emit(call, "charge.dispute.closed", object)
  if (status === "won") emit(call, "charge.dispute.funds_reinstated", object)
  return object
}

function requireUndecided({ status }: Stripe.Dispute, done: string | undefined): void {
  if (!done || /needs_response|under_review/.test(status)) return
  throw invalidRequest(`This dispute cannot be ${done} because it is already closed (${status}).`)
}
