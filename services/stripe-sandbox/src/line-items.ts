/** Line items of a Checkout Session, each with a price of its own. */
import type Stripe from "stripe"
import { invalidRequest } from "./errors.ts"
import { newId } from "./ids.ts"
import { knownCurrency } from "./money.ts"
import { integer, list, metadata, object, oneOf, type Parsed, positiveInteger, required, text } from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"

export const lineItemParameters = {
  price_data: required(
    object({
      currency: required(text),
      product_data: required(object({ name: required(text), description: text, images: list(text), metadata })),
      tax_behavior: oneOf("exclusive", "inclusive", "unspecified"),
      unit_amount: required(integer),
    }),
  ),
  quantity: positiveInteger,
}

/** The item that the parameters describe; `param` is their full name. */
export function newLineItem(call: Call, given: Parsed<typeof lineItemParameters>, param: string): Stripe.LineItem {
  const { price_data, quantity = 1 } = given
  const currency = knownCurrency(price_data.currency, `${param}[price_data][currency]`)
  if (price_data.unit_amount < 0) {
    throw invalidRequest("This value must be greater than or equal to 0.", {
      code: "parameter_invalid_integer",
      param: `${param}[price_data][unit_amount]`,
    })
  }
  const total = price_data.unit_amount * quantity
  return {
    id: newId("li_1"),
    object: "item",
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency,
    description: price_data.product_data.name,
    metadata: {},
    price: newPrice(call, currency, price_data.unit_amount),
    quantity,
  }
}

function newPrice(call: Call, currency: string, unitAmount: number): Stripe.Price {
  return {
    id: newId("price_1"),
    object: "price",
    active: false,
    billing_scheme: "per_unit",
    created: nowSeconds(call),
    currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: newId("prod_"),
    recurring: null,
    tax_behavior: "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: "one_time",
    unit_amount: unitAmount,
    unit_amount_decimal: null,
  }
}
