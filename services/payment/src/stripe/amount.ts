/** Currencies without minor units that Stripe nevertheless counts in hundredths. https://docs.stripe.com/currencies */
const COUNTED_IN_HUNDREDTHS = ["ISK", "UGX"]

/** Our minor units as Stripe counts them. */
export function stripeAmount(currency: string, minorUnits: bigint): number {
  return Number(COUNTED_IN_HUNDREDTHS.includes(currency) ? minorUnits * 100n : minorUnits)
}

/** Stripe's count in our minor units. */
export function ourAmount(currency: string, amount: number): bigint {
  return COUNTED_IN_HUNDREDTHS.includes(currency.toUpperCase()) ? BigInt(amount) / 100n : BigInt(amount)
}
