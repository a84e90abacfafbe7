import type { Money } from "@airside/protos/airside/type/v1/money"

/**
 * Splits an amount in proportion to weights, exactly: largest remainder, earlier shares first among equals. With a step
 * all shares but the first are multiples of it, and the first one is when the amount is.
 */
export function allocate(total: bigint, weights: readonly bigint[], step = 1n): bigint[] {
  if (weights.length === 0) return []
  if (step !== 1n) {
    const [first, ...others] = allocate(total / step, weights).map((share) => share * step)
    return [first! + (total % step), ...others]
  }
  const negative = total < 0n
  const amount = negative ? -total : total
  const sum = weights.reduce((a, b) => a + b, 0n)
  const effective = sum === 0n ? weights.map(() => 1n) : weights
  const divisor = sum === 0n ? BigInt(weights.length) : sum
  const shares = effective.map((weight) => (amount * weight) / divisor)
  const remainders = effective.map((weight, index) => ({ index, remainder: (amount * weight) % divisor }))
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1))
  let left = amount - shares.reduce((a, b) => a + b, 0n)
  for (const { index } of remainders) {
    if (left === 0n) break
    shares[index]! += 1n
    left -= 1n
  }
  return negative ? shares.map((share) => -share) : shares
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)

export const money = (currency: string, minorUnits: bigint): Money => ({ currency, minorUnits })

const digitsOf = new Map<string, number>()

/** Digits behind the point: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217, as the runtime knows it). */
export function minorDigits(currency: string): number {
  const known = digitsOf.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat("en", { style: "currency", currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  digitsOf.set(currency, digits)
  return digits
}

/** Minor units of a major one: 100 for USD, 1 for JPY, 1000 for KWD. */
export const unitOf = (currency: string): number => 10 ** minorDigits(currency)

/**
 * What an amount on a card is a multiple of: Stripe wants the last digit of a three-decimal currency to be 0
 * (docs.stripe.com/currencies#three-decimal).
 */
export const cardStep = (currency: string): bigint => (minorDigits(currency) === 3 ? 10n : 1n)

/** Towards zero, to what a card can pay. */
export const roundForCard = (minorUnits: bigint, currency: string): bigint =>
  minorUnits - (minorUnits % cardStep(currency))

/** The smaller of two amounts: Math.min takes no bigint. */
export const least = (...amounts: [bigint, ...bigint[]]): bigint => amounts.reduce((a, b) => (b < a ? b : a))
