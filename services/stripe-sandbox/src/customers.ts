/** Customers: whose saved cards are whose. */
import type Stripe from "stripe"
import { operation } from "./api.ts"
import { noSuch } from "./errors.ts"
import { emit } from "./events.ts"
import { newId, randomText } from "./ids.ts"
import { listObjects, pageParameters } from "./lists.ts"
import { clearableText, mergeMetadata, metadata, object, text } from "./parameters.ts"
import { detachAll } from "./payment-methods.ts"
import { type Call, nowSeconds } from "./sandbox.ts"
import type { Entry } from "./store.ts"

const address = object({
  city: clearableText,
  country: clearableText,
  line1: clearableText,
  line2: clearableText,
  postal_code: clearableText,
  state: clearableText,
})
const details = {
  description: clearableText,
  email: clearableText,
  metadata,
  name: clearableText,
  phone: clearableText,
}

export const createCustomer = operation({ ...details, address }, (call, parameters) => newCustomer(call, parameters))

/** Writes a customer down and says so. */
export function newCustomer(
  call: Call,
  given: { [Field in "description" | "email" | "name" | "phone"]?: string | null | undefined } & {
    metadata?: Record<string, string> | undefined
    address?: object | undefined
  },
): Stripe.Customer {
  const customer: Stripe.Customer = {
    id: newId("cus_"),
    object: "customer",
    address: (given.address as Stripe.Address | undefined) ?? null,
    balance: 0,
    created: nowSeconds(call),
    currency: null,
    default_source: null,
    delinquent: false,
    description: given.description ?? null,
    discount: null,
    email: given.email ?? null,
    invoice_prefix: randomText(8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: mergeMetadata({}, given.metadata),
    name: given.name ?? null,
    next_invoice_sequence: 1,
    phone: given.phone ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  }
  call.store.insert("customer", customer, {})
  emit(call, "customer.created", customer)
  return customer
}

export const retrieveCustomer = operation({}, (call, _, id) => {
  const { object, hidden } = call.store.read("customer", id)
  return hidden.deleted ? deleted(id) : object
})

export const updateCustomer = operation({ ...details, address }, (call, { metadata, ...changes }, id) => {
  const entry = livingCustomer(call, id)
  Object.assign(entry.object, changes, { metadata: mergeMetadata(entry.object.metadata, metadata) })
  call.store.update<"customer">(entry)
  emit(call, "customer.updated", entry.object)
  return entry.object
})

export const deleteCustomer = operation({}, (call, _, id) => {
  const { object } = livingCustomer(call, id)
  detachAll(call, id)
  call.store.update<"customer">({ object, hidden: { deleted: true } })
  emit(call, "customer.deleted", object)
  return deleted(id)
})

export const listCustomers = operation({ ...pageParameters, email: text }, (call, { email, ...page }) =>
  listObjects(call, "customer", "/v1/customers", page, { email }),
)

/** The customer that a parameter or a path names; a deleted one is none. */
export function livingCustomer(call: Call, id: string, param?: string): Entry<"customer"> {
  const entry = param ? call.store.refer("customer", id, param) : call.store.read("customer", id)
  if (entry.hidden.deleted) throw noSuch("customer", id, param ?? "id", param ? 400 : 404)
  return entry
}

function deleted(id: string): Stripe.DeletedCustomer {
  return { id, object: "customer", deleted: true }
}
