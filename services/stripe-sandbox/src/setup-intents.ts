/** SetupIntents: a card is saved for later without a payment, authenticated where its bank asks for it. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { checkMayBeUsed } from "./confirmation.ts"
import { livingCustomer } from "./customers.ts"
import { CardError, unexpectedState } from "./errors.ts"
import { emit } from "./events.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { cardOf, cardParameters, methodFor, newPaymentMethod } from "./new-payment-method.ts"
import { newSetupIntent } from "./new-setup-intent.ts"
import {
  boolean,
  metadata,
  object,
  oneOf,
  type Parsed,
  paymentMethodTypes,
  required,
  text,
  webUrl,
  withdrawnPaymentMethodTypes,
} from "./parameters.ts"
import { attach } from "./payment-methods.ts"
import type { Call } from "./sandbox.ts"
import type { Entry } from "./store.ts"

type Setup = Entry<"setup_intent">
const OPEN = ["requires_payment_method", "requires_confirmation", "requires_action"]

const confirmParameters = {
  allowed_payment_method_types: paymentMethodTypes,
  payment_method: text,
  payment_method_data: object(cardParameters),
  payment_method_types: withdrawnPaymentMethodTypes,
  return_url: webUrl,
  use_stripe_sdk: boolean,
}

export const createSetupIntent = operation(
  {
    ...confirmParameters,
    automatic_payment_methods: object({ enabled: required(boolean), allow_redirects: oneOf("always", "never") }),
    confirm: boolean,
    customer: text,
    description: text,
    metadata,
    usage: oneOf("off_session", "on_session"),
  },
  (call, parameters) => {
    if (parameters.customer) livingCustomer(call, parameters.customer, "customer")
    const setup: Setup = { object: newSetupIntent(call, parameters), hidden: {} }
    call.store.insert("setup_intent", setup.object, setup.hidden)
    emit(call, "setup_intent.created", setup.object)
    if (parameters.confirm) return confirmEntry(call, setup, parameters)
    assignMethod(call, setup, parameters)
    call.store.update<"setup_intent">(setup)
    return setup.object
  },
)

export const confirmSetupIntent = operation(confirmParameters, (call, parameters, id) =>
  confirmEntry(call, call.store.read("setup_intent", id), parameters),
)

export const retrieveSetupIntent = operation({}, (call, _, id) => call.store.read("setup_intent", id).object)

export const cancelSetupIntent = operation(
  { cancellation_reason: oneOf("abandoned", "duplicate", "requested_by_customer") },
  (call, { cancellation_reason }, id) => {
    const setup = call.store.read("setup_intent", id)
    checkOpen(setup.object, "cancel")
    setup.object.cancellation_reason = cancellation_reason ?? null
    return move(call, setup, "canceled", "setup_intent.canceled")
  },
)

export const listSetupIntents = operation({ ...pageParameters, customer: text }, (call, { customer, ...page }) =>
  listObjects(call, "setup_intent", "/v1/setup_intents", page, { customer }),
)

/** The traveller has answered the bank's challenge. An intent that no longer waits for it stays as it is. */
export function finishSetup(call: Call, setup: Setup, passed: boolean): void {
  if (setup.object.status !== "requires_action") return
  const method = call.store.read("payment_method", setup.object.payment_method as string)
  if (passed) complete(call, setup, method)
  else fail(call, setup, { ...AUTHENTICATION_FAILED, payment_method: method.object })
}

function confirmEntry(call: Call, setup: Setup, parameters: Parsed<typeof confirmParameters>): Stripe.SetupIntent {
  checkOpen(setup.object, "confirm")
  const method = assignMethod(call, setup, parameters)
  if (!method) {
    const message = "You cannot confirm this SetupIntent because it's missing a payment method."
    throw unexpectedState(message, { setup_intent: setup.object })
  }
  const { decline, attaches, authentication } = cardOf(method)
  if (decline && !attaches) {
    fail(call, setup, { ...decline, type: "card_error", payment_method: method.object })
    throw new CardError({ ...decline, setup_intent: setup.object, payment_method: method.object })
  }
  if (authentication) requireAuthentication(call, setup, parameters.return_url)
  else complete(call, setup, method)
  return setup.object
}

function requireAuthentication(call: Call, setup: Setup, returnUrl: string | undefined): void {
  const { object } = setup
  const url = `${call.publicUrl}/3ds/${object.id}?client_secret=${object.client_secret}`
  setup.hidden.returnUrl = returnUrl
  object.next_action = returnUrl
    ? { type: "redirect_to_url", redirect_to_url: { return_url: returnUrl, url } }
    : { type: "use_stripe_sdk", use_stripe_sdk: { type: "three_d_secure_redirect", stripe_js: url } }
  object.status = "requires_action"
  call.store.update<"setup_intent">(setup)
  emit(call, "setup_intent.requires_action", object)
}

function complete(call: Call, setup: Setup, method: Entry<"payment_method">): void {
  method.hidden.authenticated = true
  call.store.update<"payment_method">(method)
  if (setup.object.customer) attach(call, method, setup.object.customer as string)
  setup.object.last_setup_error = null
  move(call, setup, "succeeded", "setup_intent.succeeded")
}

function fail(call: Call, setup: Setup, error: Stripe.SetupIntent.LastSetupError): void {
  setup.object.payment_method = null
  setup.object.last_setup_error = error
  move(call, setup, "requires_payment_method", "setup_intent.setup_failed")
}

function move(
  call: Call,
  setup: Setup,
  status: Stripe.SetupIntent.Status,
  event: Stripe.Event.Type,
): Stripe.SetupIntent {
  setup.object.status = status
  setup.object.next_action = null
  call.store.update<"setup_intent">(setup)
  emit(call, event, setup.object)
  return setup.object
}

function assignMethod(
  call: Call,
  setup: Setup,
  given: Parsed<typeof confirmParameters>,
): Entry<"payment_method"> | undefined {
  const { object } = setup
  const id = given.payment_method ?? (object.payment_method as string | null)
  const described = given.payment_method_data && newPaymentMethod(call, given.payment_method_data)
  const method = described ?? (id ? methodFor(call, id) : undefined)
  if (!method) return undefined
  checkMayBeUsed(object, method)
  object.payment_method = method.object.id
  if (object.status === "requires_payment_method") object.status = "requires_confirmation"
  return method
}

function checkOpen(setup: Stripe.SetupIntent, verb: "cancel" | "confirm"): void {
  if (OPEN.includes(setup.status)) return
  const message = `You cannot ${verb} this SetupIntent because it has a status of ${setup.status}.`
  throw unexpectedState(message, { setup_intent: setup })
}

const AUTHENTICATION_FAILED = {
  type: "invalid_request_error",
  code: "setup_intent_authentication_failure",
  message: "The latest attempt to set up the payment method has failed because authentication failed.",
} as const
