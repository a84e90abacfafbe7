/** Refunds: whole or in part, of money that was really taken. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { isRefundable } from "./charges.ts"
import { invalidRequest, unexpectedState } from "./errors.ts"
import { emit } from "./events.ts"
import { newId } from "./ids.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { checkLastDigit, formatMoney } from "./money.ts"
import { cardOf } from "./new-payment-method.ts"
import { mergeMetadata, metadata, oneOf, positiveInteger, text } from "./parameters.ts"
import { type Call, nowSeconds, ownCall, type Sandbox } from "./sandbox.ts"
import type { Entry } from "./store.ts"

/** How long a refund to a card that takes none looks as if it had succeeded. */
const FAILS_AFTER_SECONDS = 2

/** Codes: charge_already_refunded, charge_disputed; a larger refund than what is left has none. */
export const createRefund = operation(
  {
    amount: positiveInteger,
    charge: text,
    metadata,
    payment_intent: text,
    reason: oneOf("duplicate", "fraudulent", "requested_by_customer"),
  },
  (call, parameters) => {
    const { object: charge, hidden } = chargeToRefund(call, parameters.charge, parameters.payment_intent)
    if (!isRefundable(call, charge.id)) {
      throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
        code: "charge_disputed",
      })
    }
    const left = charge.amount_captured - charge.amount_refunded
    if (charge.refunded) {
      throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" })
    }
    const amount = parameters.amount ?? left
    checkLastDigit(amount, charge.currency)
    if (amount > left) {
      const asked = formatMoney(amount, charge.currency)
      const rest = formatMoney(left, charge.currency)
      throw invalidRequest(`Refund amount (${asked}) is greater than unrefunded amount on charge (${rest})`, {
        param: "amount",
      })
    }
    const refund = newRefund(call, charge, amount, parameters)
    charge.amount_refunded += amount
    charge.refunded = charge.amount_refunded === charge.amount_captured
    const { refundFails } = cardOf(call.store.read("payment_method", charge.payment_method as string))
    call.store.insert("refund", refund, refundFails ? { failTime: nowSeconds(call) + FAILS_AFTER_SECONDS } : {})
    call.store.update<"charge">({ object: charge, hidden })
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", charge)
    return refund
  },
)

/** Ends every refund that is due to fail: its money is the charge's again. */
export function failDueRefunds(sandbox: Sandbox): void {
  const { store } = sandbox
  const due = store.sqlite
    .query<{ id: string }, [number]>("select id from objects where due_time <= ? and kind = 'refund' limit 500")
    .all(nowSeconds(sandbox))
  if (due.length === 0) return
  store.transaction(() => {
    for (const { id } of due) failRefund(ownCall(sandbox), store.read("refund", id).object, "expired_or_canceled_card")
  })
}

/** The refund did not reach the card: its money is the charge's again. */
export function failRefund(call: Call, refund: Stripe.Refund, reason: string): void {
  refund.status = "failed"
  refund.failure_reason = reason
  refund.failure_balance_transaction = newId("txn_3")
  const charge = call.store.read("charge", refund.charge as string)
  charge.object.amount_refunded -= refund.amount
  charge.object.refunded = false
  call.store.update<"refund">({ object: refund, hidden: {} })
  call.store.update<"charge">(charge)
  emit(call, "refund.updated", refund)
  emit(call, "refund.failed", refund)
  emit(call, "charge.refund.updated", refund)
}

export const retrieveRefund = operation({}, (call, _, id) => call.store.read("refund", id).object)

export const updateRefund = operation({ metadata }, (call, { metadata }, id) => {
  const { object, hidden } = call.store.read("refund", id)
  object.metadata = mergeMetadata(object.metadata ?? {}, metadata)
  call.store.update<"refund">({ object, hidden })
  emit(call, "refund.updated", object)
  return object
})

export const listRefunds = operation(
  { ...pageParameters, charge: text, payment_intent: text },
  (call, { charge, payment_intent, ...page }) =>
    listObjects(call, "refund", "/v1/refunds", page, { charge, payment_intent }),
)

function chargeToRefund(call: Call, charge: string | undefined, intent: string | undefined): Entry<"charge"> {
  if (charge && intent) {
    throw invalidRequest("You may only specify one of these parameters: charge, payment_intent.")
  }
  if (charge) {
    const entry = call.store.refer("charge", charge, "charge")
    if (entry.object.paid) return entry
    throw invalidRequest(`Charge ${charge} has failed and cannot be refunded.`, { param: "charge" })
  }
  if (!intent) {
    throw invalidRequest("One of the following params should be provided for this request: payment_intent or charge.", {
      code: "parameter_missing",
    })
  }
  const { object } = call.store.refer("payment_intent", intent, "payment_intent")
  if (object.status === "succeeded") return call.store.read("charge", object.latest_charge as string)
  throw unexpectedState(`This PaymentIntent (${intent}) does not have a successful charge to refund.`, {
    payment_intent: object,
  })
}

function newRefund(
  call: Call,
  charge: Stripe.Charge,
  amount: number,
  { reason, metadata }: { reason?: string | undefined; metadata?: Record<string, string> | undefined },
): Stripe.Refund {
  return {
    id: newId("re_3"),
    object: "refund",
    amount,
    balance_transaction: newId("txn_3"),
    charge: charge.id,
    created: nowSeconds(call),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" },
      type: "card",
    },
    metadata: mergeMetadata({}, metadata),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  }
}
