/** Manual capture: an intent that was authorised is charged later, in whole or in part, once. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { openDispute } from "./disputes.ts"
import { invalidRequest, unexpectedState } from "./errors.ts"
import { emit } from "./events.ts"
import { cardOf } from "./new-payment-method.ts"
import { positiveInteger } from "./parameters.ts"
import type { Call } from "./sandbox.ts"
import type { Entry } from "./store.ts"

/** Codes: payment_intent_unexpected_state, amount_too_large. */
export const capturePaymentIntent = operation({ amount_to_capture: positiveInteger }, (call, parameters, id) => {
  const intent = call.store.read("payment_intent", id)
  const { object } = intent
  if (object.status !== "requires_capture") {
    const rule = "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
    const message = `This PaymentIntent could not be captured because it has a status of ${object.status}. ${rule}`
    throw unexpectedState(message, { payment_intent: object })
  }
  const amount = parameters.amount_to_capture ?? object.amount_capturable
  if (amount > object.amount_capturable) {
    const message = "The requested capture amount is greater than the amount you can capture for this charge."
    throw invalidRequest(message, { code: "amount_too_large", param: "amount_to_capture" })
  }
  const charge = call.store.read("charge", object.latest_charge as string)
  charge.object.captured = true
  charge.object.amount_captured = amount
  charge.object.amount_refunded = charge.object.amount - amount
  call.store.update<"charge">(charge)
  emit(call, "charge.captured", charge.object)
  complete(call, intent, amount)
  return object
})

/** The intent's money is taken. */
export function complete(call: Call, intent: Entry<"payment_intent">, amount: number): void {
  const { object } = intent
  object.status = "succeeded"
  object.amount_received = amount
  object.amount_capturable = 0
  call.store.update<"payment_intent">(intent)
  emit(call, "payment_intent.succeeded", object)
  const method = call.store.read("payment_method", object.payment_method as string)
  const { disputed } = cardOf(method)
  if (disputed) openDispute(call, object.latest_charge as string, disputed)
}

/** The intent's money is set aside until it is captured or cancelled. */
export function authorise(call: Call, intent: Entry<"payment_intent">): void {
  const { object } = intent
  object.status = "requires_capture"
  object.amount_capturable = object.amount
  call.store.update<"payment_intent">(intent)
  emit(call, "payment_intent.amount_capturable_updated", object)
}

/** What was set aside and never taken is free again, which Stripe shows as refunded. */
export function releaseAuthorisation(call: Call, { object }: Entry<"payment_intent">): void {
  if (object.status !== "requires_capture") return
  const charge = call.store.read("charge", object.latest_charge as string)
  release(charge.object)
  object.amount_capturable = 0
  call.store.update<"charge">(charge)
  emit(call, "charge.refunded", charge.object)
}

function release(charge: Stripe.Charge): void {
  charge.amount_refunded = charge.amount
  charge.refunded = true
}
