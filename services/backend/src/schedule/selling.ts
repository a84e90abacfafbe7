import { unitOf } from "@airside/kernel/money"

/** What fares and charges, which are made up in US dollars, are sold in: a currency, and its units in a dollar. */
export interface Selling {
  currency: string
  rate: number
}

/** Rounded: made-up amounts need no better. A currency that is missing here is taken for a dollar's worth. */
const UNITS_IN_A_DOLLAR: Record<string, number> = {
  AED: 3.7,
  AUD: 1.5,
  BRL: 5.5,
  CAD: 1.4,
  CHF: 0.85,
  CLP: 950,
  CNY: 7.2,
  EUR: 0.9,
  GBP: 0.77,
  HKD: 7.8,
  INR: 85,
  JPY: 150,
  KRW: 1400,
  KWD: 0.31,
  MXN: 19,
  NOK: 10.5,
  NZD: 1.7,
  SEK: 10.5,
  SGD: 1.33,
  THB: 34,
  TRY: 40,
  VND: 25_000,
  ZAR: 18,
}

/** At this rate, or else at about the usual one. */
export const sellingIn = (currency: string, rate = UNITS_IN_A_DOLLAR[currency] ?? 1): Selling => ({ currency, rate })

export const DOLLARS = sellingIn("USD")

/** An amount of dollars in minor units of the selling currency: whole major units, at least one. */
export const soldAt = (dollars: number, { currency, rate }: Selling): number =>
  Math.max(1, Math.round(dollars * rate)) * unitOf(currency)
