/** Payment methods: cards, of which only the test cards exist. */
import { operation } from "./api.ts"
import { cardByMagicId } from "./cards.ts"
import { livingCustomer } from "./customers.ts"
import { CardError, invalidRequest } from "./errors.ts"
import { emit } from "./events.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { cardOf, cardParameters, methodFor, newPaymentMethod } from "./new-payment-method.ts"
import { oneOf, required, text } from "./parameters.ts"
import type { Call } from "./sandbox.ts"
import type { Entry } from "./store.ts"

export const createPaymentMethod = operation(
  cardParameters,
  (call, parameters) => newPaymentMethod(call, parameters).object,
)

export const retrievePaymentMethod = operation({}, (call, _, id) =>
  cardByMagicId(id) ? methodFor(call, id).object : call.store.read("payment_method", id).object,
)

export const attachPaymentMethod = operation({ customer: required(text) }, (call, { customer }, id) => {
  const entry = cardByMagicId(id) ? methodFor(call, id) : call.store.read("payment_method", id)
  livingCustomer(call, customer, "customer")
  if (entry.object.customer && entry.object.customer !== customer) {
    throw invalidRequest("The payment method you provided has already been attached to a customer.", {
      code: "payment_method_unexpected_state",
    })
  }
  if (entry.hidden.spent) {
    const message = "was previously used without being attached to a Customer or was detached from a Customer"
    throw invalidRequest(`This PaymentMethod ${message}, and may not be used again.`)
  }
  const { decline, attaches } = cardOf(entry)
  if (decline && !attaches) throw new CardError({ ...decline })
  attach(call, entry, customer)
  return entry.object
})

export function attach(call: Call, entry: Entry<"payment_method">, customer: string): void {
  if (entry.object.customer === customer) return
  entry.object.customer = customer
  call.store.update<"payment_method">(entry)
  emit(call, "payment_method.attached", entry.object)
}

export const detachPaymentMethod = operation({}, (call, _, id) => {
  const entry = call.store.read("payment_method", id)
  if (!entry.object.customer) {
    throw invalidRequest("The payment method you provided is not attached to a customer so detachment is impossible.")
  }
  detach(call, entry)
  return entry.object
})

/** Detaches every method of a customer who is being deleted. */
export function detachAll(call: Call, customer: string): void {
  const rows = call.store.sqlite
    .query<{ id: string }, [string]>("select id from objects where customer = ? and kind = 'payment_method'")
    .all(customer)
  for (const { id } of rows) detach(call, call.store.read("payment_method", id))
}

function detach(call: Call, entry: Entry<"payment_method">): void {
  entry.object.customer = null
  entry.hidden.spent = true
  call.store.update<"payment_method">(entry)
  emit(call, "payment_method.detached", entry.object)
}

export const listPaymentMethods = operation(
  { ...pageParameters, customer: text, type: oneOf("card") },
  (call, { customer, type: _, ...page }) =>
    listObjects(call, "payment_method", "/v1/payment_methods", page, { customer }),
)

export const listCustomerPaymentMethods = operation(
  { ...pageParameters, type: oneOf("card") },
  (call, { type: _, ...page }, id) => {
    livingCustomer(call, id)
    return listObjects(call, "payment_method", `/v1/customers/${id}/payment_methods`, page, { customer: id })
  },
)
