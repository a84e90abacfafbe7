/**
 * Stripe's test cards and what becomes of a payment with each.
 * https://docs.stripe.com/testing and docs.stripe.com/declines/codes; the names are those of `pm_card_<name>`.
 */

export interface Decline {
  code: string
  decline_code: string
  message: string
}

export interface TestCard {
  name: string
  number: string
  brand: "amex" | "discover" | "mastercard" | "visa"
  country: string
  /** Every charge is declined; without `attaches` the card cannot be saved either. */
  decline?: Decline
  attaches?: true
  /** `always`: 3-D Secure at every payment; `unless_set_up`: also off-session until it was set up for that. */
  authentication?: "always" | "unless_set_up"
  /** A refund succeeds at first and fails a moment later. */
  refundFails?: true
  /** The payment is disputed as fraudulent as soon as it is made; with an inquiry the bank only asks, and takes nothing. */
  disputed?: "chargeback" | "inquiry"
  /** Further spellings of the payment method's name. */
  also?: string[]
}

const declined = (decline_code: string, message = "Your card was declined."): Decline => ({
  code: "card_declined",
  decline_code,
  message,
})
const named = (code: string, message: string): Decline => ({ code, decline_code: code, message })
const visa = { brand: "visa", country: "US" } as const

export const TEST_CARDS: TestCard[] = [
  { name: "visa", number: "4242424242424242", ...visa },
  { name: "visa_debit", number: "4000056655665556", ...visa },
  { name: "mastercard", number: "5555555555554444", brand: "mastercard", country: "US" },
  { name: "amex", number: "378282246310005", brand: "amex", country: "US" },
  { name: "discover", number: "6011111111111117", brand: "discover", country: "US" },
  { name: "visa_chargeDeclined", number: "4000000000000002", ...visa, decline: declined("generic_decline") },
  {
    name: "visa_chargeDeclinedInsufficientFunds",
    number: "4000000000009995",
    ...visa,
    decline: declined("insufficient_funds", "Your card has insufficient funds."),
  },
  {
    name: "visa_chargeDeclinedLostCard",
    number: "4000000000009987",
    ...visa,
    decline: declined("lost_card"),
  },
  {
    name: "visa_chargeDeclinedStolenCard",
    number: "4000000000009979",
    ...visa,
    decline: declined("stolen_card"),
  },
  {
    name: "visa_chargeDeclinedVelocityLimitExceeded",
    number: "4000000000006975",
    ...visa,
    decline: declined("card_velocity_exceeded"),
  },
  { name: "radarBlock", number: "4100000000000019", ...visa, decline: declined("fraudulent") },
  {
    name: "visa_chargeDeclinedExpiredCard",
    number: "4000000000000069",
    ...visa,
    decline: named("expired_card", "Your card has expired."),
  },
  {
    name: "visa_chargeDeclinedIncorrectCvc",
    number: "4000000000000127",
    ...visa,
    decline: named("incorrect_cvc", "Your card's security code is incorrect."),
  },
  {
    name: "visa_chargeDeclinedProcessingError",
    number: "4000000000000119",
    ...visa,
    decline: named("processing_error", "An error occurred while processing your card. Try again in a little bit."),
  },
  {
    name: "chargeCustomerFail",
    number: "4000000000000341",
    ...visa,
    decline: declined("generic_decline"),
    attaches: true,
    also: ["visa_chargeCustomerFail"],
  },
  { name: "refundFail", number: "4000000000005126", ...visa, refundFails: true },
  { name: "createDispute", number: "4000000000000259", ...visa, disputed: "chargeback" },
  { name: "createDisputeInquiry", number: "4000000000001976", ...visa, disputed: "inquiry" },
  {
    name: "authenticationRequiredOnSetup",
    number: "4000002500003155",
    ...visa,
    authentication: "unless_set_up",
  },
  { name: "authenticationRequired", number: "4000002760003184", ...visa, authentication: "always" },
]

const byName = new Map<string, TestCard>()
for (const card of TEST_CARDS) {
  const shorter = card.decline ? [card.name.replace(/^visa_/, "")] : []
  for (const name of [card.name, ...shorter, ...(card.also ?? [])]) byName.set(name, card)
}
const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]))

export function cardByName(name: string): TestCard | undefined {
  return byName.get(name)
}

/** `pm_card_visa` → the card; undefined for an ordinary id. */
export function cardByMagicId(paymentMethod: string): TestCard | undefined {
  return paymentMethod.startsWith("pm_card_") ? byName.get(paymentMethod.slice("pm_card_".length)) : undefined
}

export function cardByNumber(number: string): TestCard | undefined {
  return byNumber.get(number)
}

/** The check digit that every card number carries (ISO/IEC 7812-1, annex B). */
export function hasValidCheckDigit(number: string): boolean {
  let sum = 0
  for (let index = 0; index < number.length; index++) {
    const digit = Number(number[number.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
