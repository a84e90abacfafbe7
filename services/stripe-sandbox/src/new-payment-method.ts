/** How a payment method comes into being: from a test card's number, its token or its `pm_card_…` id. */
import type Stripe from "stripe"
import { cardByMagicId, cardByName, cardByNumber, hasValidCheckDigit, type TestCard } from "./cards.ts"
import { CardError, invalidRequest } from "./errors.ts"
import { newId } from "./ids.ts"
import {
  clearableText,
  integer,
  mergeMetadata,
  metadata,
  object,
  oneOf,
  type Parsed,
  required,
  text,
} from "./parameters.ts"
import { type Call, nowSeconds } from "./sandbox.ts"
import type { Entry } from "./store.ts"

const billingDetails = object({
  email: clearableText,
  name: clearableText,
  phone: clearableText,
  address: object({
    city: clearableText,
    country: clearableText,
    line1: clearableText,
    line2: clearableText,
    postal_code: clearableText,
    state: clearableText,
  }),
})

/** What describes a card; also `payment_method_data` of an intent. */
export const cardParameters = {
  type: required(oneOf("card")),
  card: object({ number: text, exp_month: integer, exp_year: integer, cvc: text, token: text }),
  billing_details: billingDetails,
  metadata,
}

/** A method for the card that is described. Codes: incorrect_number, invalid_expiry_…, invalid_cvc, card_declined. */
export function newPaymentMethod(call: Call, given: Parsed<typeof cardParameters>): Entry<"payment_method"> {
  const { number, exp_month, exp_year, cvc, token } = given.card ?? {}
  const byToken = token?.startsWith("tok_") ? cardByName(token.slice("tok_".length)) : undefined
  if (!byToken && (number === undefined || exp_month === undefined || exp_year === undefined)) {
    const missing = number === undefined ? "number" : exp_month === undefined ? "exp_month" : "exp_year"
    const param = `card[${missing}]`
    throw invalidRequest(`Missing required param: ${param}.`, { code: "parameter_missing", param })
  }
  const card = byToken ?? checkedCard(call, number ?? "", exp_month ?? 0, exp_year ?? 0, cvc)
  return insertMethod(call, card, {
    expiry: byToken ? undefined : { month: exp_month ?? 0, year: fullYear(exp_year ?? 0) },
    billing: given.billing_details,
    metadata: given.metadata,
    hasCvc: cvc !== undefined,
  })
}

/** The method that a parameter names; each use of a `pm_card_…` makes a new one, as with Stripe. */
export function methodFor(call: Call, id: string, param = "payment_method"): Entry<"payment_method"> {
  const card = cardByMagicId(id)
  return card ? insertMethod(call, card, {}) : call.store.refer("payment_method", id, param)
}

export function cardOf({ hidden }: Entry<"payment_method">): TestCard {
  const card = cardByName(hidden.card)
  if (!card) throw new Error(`${hidden.card} is no longer a test card`)
  return card
}

function checkedCard(call: Call, given: string, month: number, year: number, cvc: string | undefined): TestCard {
  const number = given.replace(/[\s-]/g, "")
  if (!/^\d{12,19}$/.test(number) || !hasValidCheckDigit(number)) {
    throw new CardError({ code: "incorrect_number", message: "Your card number is incorrect.", param: "number" })
  }
  if (month < 1 || month > 12) {
    throw new CardError({
      code: "invalid_expiry_month",
      message: "Your card's expiration month is invalid.",
      param: "exp_month",
    })
  }
  const now = new Date(call.clock())
  const monthsLeft = (fullYear(year) - now.getUTCFullYear()) * 12 + month - 1 - now.getUTCMonth()
  if (monthsLeft < 0 || fullYear(year) > now.getUTCFullYear() + 50) {
    throw new CardError({
      code: "invalid_expiry_year",
      message: "Your card's expiration year is invalid.",
      param: "exp_year",
    })
  }
  const card = cardByNumber(number)
  if (cvc !== undefined && !/^\d{3,4}$/.test(cvc)) {
    throw new CardError({ code: "invalid_cvc", message: "Your card's security code is invalid.", param: "cvc" })
  }
  if (!card) {
    const message = "Your card was declined. Your request was in test mode, but used a non test card."
    throw new CardError({ code: "card_declined", decline_code: "test_mode_live_card", message })
  }
  return card
}

interface MethodDetails {
  expiry?: { month: number; year: number } | undefined
  billing?: Parsed<{ details: typeof billingDetails }>["details"]
  metadata?: Record<string, string> | undefined
  hasCvc?: boolean
}

function insertMethod(call: Call, card: TestCard, { expiry, billing, metadata, hasCvc }: MethodDetails) {
  const year = new Date(call.clock()).getUTCFullYear()
  const empty = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }
  const method: Stripe.PaymentMethod = {
    id: newId("pm_1"),
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: {
      address: { ...empty, ...billing?.address },
      email: billing?.email ?? null,
      name: billing?.name ?? null,
      phone: billing?.phone ?? null,
      tax_id: null,
    },
    card: {
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: hasCvc ? (card.decline?.code === "incorrect_cvc" ? "fail" : "pass") : null,
      },
      country: card.country,
      display_brand: card.brand,
      exp_month: expiry?.month ?? 12,
      exp_year: expiry?.year ?? year + 8,
      fingerprint: fingerprintOf(card),
      funding: card.name.endsWith("debit") ? "debit" : "credit",
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: card.brand !== "discover" },
      wallet: null,
    },
    created: nowSeconds(call),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: mergeMetadata({}, metadata),
    type: "card",
  }
  const hidden = { card: card.name }
  call.store.insert("payment_method", method, hidden)
  return { object: method, hidden } as Entry<"payment_method">
}

/** The same card, however often it is entered, has the same fingerprint. */
function fingerprintOf(card: TestCard): string {
  return new Bun.CryptoHasher("sha256").update(card.name).digest("base64").replace(/[+/=]/g, "").slice(0, 16)
}

const fullYear = (year: number) => (year < 100 ? 2000 + year : year)
