/** Amounts: whole minor units of a lower-case ISO 4217 currency, as on Stripe's wire. */
import { invalidRequest } from "./errors.ts"

/** https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in minor units; 1 where none is named. */
const MINIMUM_CHARGES: Record<string, number> = {
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
}
const MAXIMUM_CHARGE = 99_999_999
const CURRENCIES = new Set(Intl.supportedValuesOf("currency").map((code) => code.toLowerCase()))

/** The currency in lower case; refuses what is none. */
export function knownCurrency(given: string, param: string): string {
  const currency = given.toLowerCase()
  if (CURRENCIES.has(currency)) return currency
  throw invalidRequest(`Invalid currency: ${given}. Use a three-letter ISO 4217 code.`, { param })
}

/** Refuses an amount that Stripe would not charge. Codes: amount_too_small, amount_too_large. */
export function checkChargeable(amount: number, currency: string, subject = "Amount", param?: string): void {
  checkLastDigit(amount, currency)
  const minimum = MINIMUM_CHARGES[currency] ?? 1
  const named = param ? { param } : {}
  if (amount < minimum) {
    const message = `${subject} must be at least ${formatMoney(minimum, currency)} ${currency}`
    throw invalidRequest(message, { code: "amount_too_small", ...named })
  }
  if (amount > MAXIMUM_CHARGE) {
    const message = `${subject} must be no more than ${formatMoney(MAXIMUM_CHARGE, currency)}`
    throw invalidRequest(message, { code: "amount_too_large", ...named })
  }
}

/**
 * Refuses what no card network takes: in a currency with three decimals the last digit is 0
 * (https://docs.stripe.com/currencies#three-decimal).
 */
export function checkLastDigit(amount: number, currency: string): void {
  if (formatOf(currency).resolvedOptions().maximumFractionDigits !== 3 || amount % 10 === 0) return
  throw invalidRequest(`Invalid amount. Amounts in ${currency} must be evenly divisible by 10.`, { param: "amount" })
}

/** For people: `$1,234.50`. */
export function formatMoney(minorUnits: number, currency: string): string {
  const format = formatOf(currency)
  return format.format(minorUnits / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

const formats = new Map<string, Intl.NumberFormat>()

function formatOf(currency: string): Intl.NumberFormat {
  const known = formats.get(currency)
  if (known) return known
  const format = new Intl.NumberFormat("en-US", { style: "currency", currency: currency.toUpperCase() })
  formats.set(currency, format)
  return format
}
