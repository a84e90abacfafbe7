/** PaymentIntents: one amount of money from the first thought to the last attempt. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { releaseAuthorisation } from "./capture.ts"
import { checkMayBeUsed, confirm } from "./confirmation.ts"
import { livingCustomer } from "./customers.ts"
import { invalidRequest, unexpectedState } from "./errors.ts"
import { emit } from "./events.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { checkChargeable, knownCurrency } from "./money.ts"
import { newPaymentIntent } from "./new-payment-intent.ts"
import { cardParameters, methodFor, newPaymentMethod } from "./new-payment-method.ts"
import {
  boolean,
  clearableText,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  type Parsed,
  paymentMethodTypes,
  positiveInteger,
  required,
  text,
  webUrl,
  withdrawnPaymentMethodTypes,
} from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"
import type { Entry } from "./store.ts"

/** Statuses of an intent that may still be cancelled; of one that may still be changed and confirmed. */
const CANCELABLE = [
  "requires_payment_method",
  "requires_capture",
  "requires_confirmation",
  "requires_action",
  "processing",
]
const CHANGEABLE = ["requires_payment_method", "requires_confirmation", "requires_action"]

const setupFutureUsage = oneOf("off_session", "on_session")
const confirmParameters = {
  allowed_payment_method_types: paymentMethodTypes,
  error_on_requires_action: boolean,
  off_session: oneOf("true", "false", "one_off", "recurring"),
  payment_method: text,
  payment_method_data: object(cardParameters),
  payment_method_types: withdrawnPaymentMethodTypes,
  receipt_email: clearableText,
  return_url: webUrl,
  setup_future_usage: setupFutureUsage,
  use_stripe_sdk: boolean,
}
const createParameters = {
  ...confirmParameters,
  amount: required(positiveInteger),
  automatic_payment_methods: object({ enabled: required(boolean), allow_redirects: oneOf("always", "never") }),
  capture_method: oneOf("automatic", "automatic_async", "manual"),
  confirm: boolean,
  confirmation_method: oneOf("automatic"),
  currency: required(text),
  customer: text,
  description: text,
  metadata,
  statement_descriptor: text,
  statement_descriptor_suffix: text,
}

export const createPaymentIntent = operation(createParameters, (call, parameters) => {
  const currency = knownCurrency(parameters.currency, "currency")
  checkChargeable(parameters.amount, currency, "Amount", "amount")
  if (parameters.customer) livingCustomer(call, parameters.customer, "customer")
  if (parameters.automatic_payment_methods && parameters.allowed_payment_method_types) {
    throw invalidRequest(
      "You may only specify one of these parameters: allowed_payment_method_types, automatic_payment_methods.",
    )
  }
  const redirects = parameters.automatic_payment_methods?.allow_redirects ?? "always"
  const intent = newPaymentIntent(call, {
    ...parameters,
    currency,
    redirects: parameters.allowed_payment_method_types ? null : redirects,
  })
  if (parameters.confirm) return confirmEntry(call, intent, parameters)
  refuseConfirmOnly(parameters)
  assignMethod(call, intent, parameters)
  call.store.update<"payment_intent">(intent)
  return intent.object
})

export const confirmPaymentIntent = operation(confirmParameters, (call, parameters, id) =>
  confirmEntry(call, call.store.read("payment_intent", id), parameters),
)

export const retrievePaymentIntent = operation({ client_secret: text }, (call, { client_secret }, id) => {
  const { object } = call.store.read("payment_intent", id)
  if (client_secret === undefined || client_secret === object.client_secret) return object
  throw invalidRequest(
    "The client_secret provided does not match the client_secret associated with this PaymentIntent.",
    {
      code: "payment_intent_invalid_parameter",
      param: "client_secret",
    },
  )
})

export const updatePaymentIntent = operation(
  {
    amount: positiveInteger,
    currency: text,
    customer: text,
    description: clearableText,
    metadata,
    payment_method: text,
    payment_method_data: object(cardParameters),
    receipt_email: clearableText,
    setup_future_usage: setupFutureUsage,
    statement_descriptor: text,
    statement_descriptor_suffix: text,
  },
  (call, { metadata, payment_method, payment_method_data, ...changes }, id) => {
    const intent = call.store.read("payment_intent", id)
    const bound = ["amount", "currency", "customer", "setup_future_usage"].filter((name) => name in changes)
    if (payment_method ?? payment_method_data) bound.push("payment_method")
    if (bound[0]) checkChangeable(intent, bound[0])
    const currency = changes.currency ? knownCurrency(changes.currency, "currency") : intent.object.currency
    checkChargeable(changes.amount ?? intent.object.amount, currency, "Amount", "amount")
    if (changes.customer) livingCustomer(call, changes.customer, "customer")
    Object.assign(intent.object, changes, { currency, metadata: mergeMetadata(intent.object.metadata, metadata) })
    assignMethod(call, intent, { payment_method, payment_method_data })
    call.store.update<"payment_intent">(intent)
    return intent.object
  },
)

export const cancelPaymentIntent = operation(
  { cancellation_reason: oneOf("duplicate", "fraudulent", "requested_by_customer", "abandoned") },
  (call, { cancellation_reason }, id) => {
    const intent = call.store.read("payment_intent", id)
    const { status } = intent.object
    refuseOwnedBySession(intent)
    if (!CANCELABLE.includes(status)) {
      const rule = `Only a PaymentIntent with one of the following statuses may be canceled: ${CANCELABLE.join(", ")}.`
      throw unexpectedState(`You cannot cancel this PaymentIntent because it has a status of ${status}. ${rule}`, {
        payment_intent: intent.object,
      })
    }
    return cancelEntry(call, intent, cancellation_reason ?? null)
  },
)

/** Ends an intent that has not been paid; the caller has checked that. */
export function cancelEntry(
  call: Call,
  { object, hidden }: Entry<"payment_intent">,
  reason: Stripe.PaymentIntent.CancellationReason | null,
): Stripe.PaymentIntent {
  releaseAuthorisation(call, { object, hidden })
  object.status = "canceled"
  object.canceled_at = nowSeconds(call)
  object.cancellation_reason = reason
  object.next_action = null
  call.store.update<"payment_intent">({ object, hidden })
  emit(call, "payment_intent.canceled", object)
  return object
}

export const listPaymentIntents = operation({ ...pageParameters, customer: text }, (call, { customer, ...page }) =>
  listObjects(call, "payment_intent", "/v1/payment_intents", page, { customer }),
)

function confirmEntry(call: Call, intent: Entry<"payment_intent">, parameters: Parsed<typeof confirmParameters>) {
  const { object } = intent
  refuseOwnedBySession(intent)
  if (object.status === "succeeded") {
    const message =
      "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
    throw unexpectedState(message, { payment_intent: object })
  }
  if (!CHANGEABLE.includes(object.status)) {
    const rule =
      "Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action."
    throw unexpectedState(
      `You cannot confirm this PaymentIntent because it has a status of ${object.status}. ${rule}`,
      {
        payment_intent: object,
      },
    )
  }
  if (parameters.setup_future_usage) object.setup_future_usage = parameters.setup_future_usage
  if (parameters.receipt_email !== undefined) object.receipt_email = parameters.receipt_email
  const offSession = parameters.off_session !== undefined && parameters.off_session !== "false"
  const method = assignMethod(call, intent, parameters)
  if (!method) {
    const remedy = "You can either update the PaymentIntent with a payment method and then confirm it again"
    const message = `You cannot confirm this PaymentIntent because it's missing a payment method. ${remedy}, or confirm it again directly with a payment method or ConfirmationToken.`
    throw unexpectedState(message, { payment_intent: object })
  }
  if (object.automatic_payment_methods?.allow_redirects === "always" && !parameters.return_url && !offSession) {
    const why =
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`."
    const remedy =
      "If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never`"
    throw invalidRequest(`${why} ${remedy} when creating Setup Intents and Payment Intents.`)
  }
  confirm(call, intent, method, {
    offSession,
    errorOnAction: parameters.error_on_requires_action,
    returnUrl: parameters.return_url,
  })
  return object
}

/** Sets the method that the parameters bring along, if any, and answers the intent's method. */
function assignMethod(
  call: Call,
  intent: Entry<"payment_intent">,
  given: Pick<Parsed<typeof confirmParameters>, "payment_method" | "payment_method_data">,
): Entry<"payment_method"> | undefined {
  const id = given.payment_method ?? (given.payment_method_data ? undefined : intent.object.payment_method)
  const method = given.payment_method_data
    ? newPaymentMethod(call, given.payment_method_data)
    : typeof id === "string"
      ? methodFor(call, id)
      : undefined
  if (!method) return undefined
  checkMayBeUsed(intent.object, method)
  intent.object.payment_method = method.object.id
  if (intent.object.status === "requires_payment_method") intent.object.status = "requires_confirmation"
  return method
}

function checkChangeable({ object, hidden }: Entry<"payment_intent">, name: string): void {
  refuseOwnedBySession({ object, hidden })
  if (CHANGEABLE.includes(object.status)) return
  const rule = `You may only update the ${name} of a PaymentIntent with one of the following statuses: ${CHANGEABLE.join(", ")}.`
  const message = `This PaymentIntent's ${name} could not be updated because it has a status of ${object.status}. ${rule}`
  throw unexpectedState(message, { payment_intent: object })
}

/** https://docs.stripe.com/api/payment_intents/cancel: "Expire the Checkout Session instead". */
function refuseOwnedBySession({ object, hidden }: Entry<"payment_intent">): void {
  if (!hidden.session) return
  const message =
    "You cannot perform this action on PaymentIntents created by Checkout. Expire the Checkout Session instead."
  throw unexpectedState(message, { payment_intent: object })
}

function refuseConfirmOnly(parameters: Parsed<typeof createParameters>): void {
  const name = (["off_session", "return_url", "error_on_requires_action"] as const).find(
    (each) => parameters[each] !== undefined,
  )
  if (!name) return
  throw invalidRequest(`You cannot pass \`${name}\` without \`confirm=true\`.`, { param: name })
}
