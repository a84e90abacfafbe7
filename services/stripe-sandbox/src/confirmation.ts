/**
 * What becomes of a PaymentIntent when it is confirmed: paid, declined, or waiting for 3-D Secure.
 * https://docs.stripe.com/payments/paymentintents/lifecycle
 */
import type Stripe from "stripe"
import { authorise, complete } from "./capture.ts"
import type { Decline } from "./cards.ts"
import { recordCharge } from "./charges.ts"
import { CardError, invalidRequest } from "./errors.ts"
import { emit } from "./events.ts"
import { cardOf } from "./new-payment-method.ts"
import { attach } from "./payment-methods.ts"
import type { Call } from "./sandbox.ts"
import type { Entry } from "./store.ts"

export interface Terms {
  /** The traveller is not there to authenticate. */
  offSession: boolean
  /** The payment fails rather than wait for the traveller. */
  errorOnAction?: boolean | undefined
  returnUrl: string | undefined
}

type Intent = Entry<"payment_intent">
type Method = Entry<"payment_method">

/** Tries to take the money. Leaves the intent `succeeded`, `requires_capture` or `requires_action`, or throws the decline. */
export function confirm(
  call: Call,
  intent: Intent,
  method: Method,
  { offSession, errorOnAction, returnUrl }: Terms,
): void {
  checkMayBeUsed(intent.object, method)
  intent.object.payment_method = method.object.id
  intent.hidden.returnUrl = returnUrl
  const authentication = cardOf(method).authentication
  if (!authentication || (offSession && authentication === "unless_set_up" && method.hidden.authenticated)) {
    charge(call, intent, method, false)
  } else if (offSession || errorOnAction) {
    decline(call, intent, method, AUTHENTICATION_REQUIRED)
  } else {
    requireAuthentication(call, intent)
  }
}

/** The traveller has answered the bank's challenge. An intent that no longer waits for it stays as it is. */
export function finishAuthentication(call: Call, intent: Intent, passed: boolean): void {
  if (intent.object.status !== "requires_action") return
  const method = call.store.read("payment_method", intent.object.payment_method as string)
  intent.object.next_action = null
  if (passed) charge(call, intent, method, true)
  else fail(call, intent, method, { ...AUTHENTICATION_FAILED, type: "invalid_request_error" })
}

/** Refuses another customer's method, and one that has had its only use. */
export function checkMayBeUsed(intent: Stripe.PaymentIntent | Stripe.SetupIntent, { object, hidden }: Method): void {
  if (hidden.spent) {
    const uses = "was previously used with a PaymentIntent without Customer attachment, shared with a connected account"
    throw invalidRequest(
      `The provided PaymentMethod ${uses} without Customer attachment, or was detached from a Customer. It may not be ` +
        "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
    )
  }
  if (!object.customer || object.customer === intent.customer) return
  if (!intent.customer) {
    const message = `The payment method ${object.id} belongs to the Customer ${object.customer}.`
    throw invalidRequest(`${message} Please include the Customer in the \`customer\` parameter on the PaymentIntent.`, {
      param: "payment_method",
    })
  }
  throw invalidRequest(
    `The customer does not have a payment method with the ID ${object.id}. The payment method must be attached to the customer.`,
    { code: "resource_missing", param: "payment_method" },
  )
}

function charge(call: Call, intent: Intent, method: Method, authenticated: boolean): void {
  const refusal = cardOf(method).decline
  if (refusal) decline(call, intent, method, refusal)
  const { object } = intent
  object.latest_charge = recordCharge(call, {
    intent: object,
    method: method.object,
    decline: undefined,
    authenticated,
  }).id
  object.last_payment_error = null
  object.next_action = null
  if (authenticated && object.setup_future_usage === "off_session") method.hidden.authenticated = true
  if (object.setup_future_usage && object.customer) attach(call, method, object.customer as string)
  spend(call, method)
  if (object.capture_method === "manual") authorise(call, intent)
  else complete(call, intent, object.amount)
}

function decline(call: Call, intent: Intent, method: Method, refusal: Decline): never {
  const failed = recordCharge(call, {
    intent: intent.object,
    method: method.object,
    decline: refusal,
    authenticated: false,
  })
  intent.object.latest_charge = failed.id
  spend(call, method)
  fail(call, intent, method, { ...refusal, charge: failed.id, type: "card_error" })
  throw new CardError({
    ...refusal,
    charge: failed.id,
    payment_intent: intent.object,
    payment_method: method.object,
  })
}

function fail(
  call: Call,
  { object, hidden }: Intent,
  method: Method,
  error: Stripe.PaymentIntent.LastPaymentError,
): void {
  object.status = "requires_payment_method"
  object.payment_method = null
  object.next_action = null
  object.last_payment_error = { ...error, payment_method: method.object }
  call.store.update<"payment_intent">({ object, hidden })
  emit(call, "payment_intent.payment_failed", object)
}

function requireAuthentication(call: Call, { object, hidden }: Intent): void {
  const url = `${call.publicUrl}/3ds/${object.id}?client_secret=${object.client_secret}`
  object.status = "requires_action"
  object.next_action = hidden.returnUrl
    ? { type: "redirect_to_url", redirect_to_url: { return_url: hidden.returnUrl, url } }
    : { type: "use_stripe_sdk", use_stripe_sdk: { type: "three_d_secure_redirect", stripe_js: url } }
  call.store.update<"payment_intent">({ object, hidden })
  emit(call, "payment_intent.requires_action", object)
}

/** A method that belongs to no customer may be used once, whatever came of it. */
function spend(call: Call, method: Method): void {
  if (!method.object.customer) method.hidden.spent = true
  call.store.update<"payment_method">(method)
}

const AUTHENTICATION_REQUIRED: Decline = {
  code: "authentication_required",
  decline_code: "authentication_required",
  message: "Your card was declined. This transaction requires authentication.",
}

const AUTHENTICATION_FAILED = {
  code: "payment_intent_authentication_failure",
  message:
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
} as const
