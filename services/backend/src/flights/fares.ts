import { minorDigits } from "@airside/kernel/money"

export type PassengerCounts = { adults: number; children: number; infants: number }
export type PassengerKind = "adult" | "child" | "infant"

/**
 * What a brand costs and what it gives back. `feePercent` of the fare is kept when a booking is cancelled; taxes and
 * airport charges always go back in full.
 */
export const BRANDS = {
  standard: { pricePercent: 100, feePercent: 20, refundable: true },
} as const
export type Brand = keyof typeof BRANDS

/** Children pay three quarters of the adult fare, infants on a lap a tenth: the industry's usual discounts. */
const SHARE_PERCENT: Record<PassengerKind, bigint> = { adult: 100n, child: 75n, infant: 10n }

/** Charged for every passenger with a seat at every departure, in major units of the selling currency. */
const DEPARTURE_CHARGE = { domestic: 14, international: 38 }

/** Days before departure from which on a percentage of the base fare is asked; later is never cheaper. */
const ADVANCE_PURCHASE = [
  { days: 60, percent: 80 },
  { days: 30, percent: 90 },
  { days: 14, percent: 100 },
  { days: 7, percent: 120 },
  { days: 3, percent: 145 },
  { days: 0, percent: 170 },
]

/** A full departure costs this much more than an empty one. */
const FULL_PERCENT = 60

/**
 * The fare of one adult on one segment, in minor units, rounded to whole major units:
 * base fare × brand × advance purchase × how full the cabin is. Never below one major unit; a fuller cabin or a later
 * purchase never costs less.
 */
export function adultFare(input: {
  baseFareMinorUnits: bigint
  brand: Brand
  daysBeforeDeparture: number
  taken: number
  capacity: number
  currency: string
}): bigint {
  const advance = ADVANCE_PURCHASE.find(({ days }) => input.daysBeforeDeparture >= days) ?? ADVANCE_PURCHASE.at(-1)!
  const demand = 100 + Math.floor((FULL_PERCENT * input.taken) / input.capacity)
  const percents = BigInt(BRANDS[input.brand].pricePercent) * BigInt(advance.percent) * BigInt(demand)
  const unit = 10n ** BigInt(minorDigits(input.currency))
  const majorUnits = (input.baseFareMinorUnits * percents + 500_000n * unit) / (1_000_000n * unit)
  return (majorUnits > 0n ? majorUnits : 1n) * unit
}

/** A passenger's fare on a segment whose adult fare is known. */
export const fareOf = (adult: bigint, kind: PassengerKind): bigint => (adult * SHARE_PERCENT[kind]) / 100n

/** Taxes and airport charges of one passenger on one segment. An infant on a lap pays none. */
export function taxOf(
  segment: { originCountry: string; destinationCountry: string },
  kind: PassengerKind,
  currency: string,
): bigint {
  if (kind === "infant") return 0n
  const charge =
    segment.originCountry === segment.destinationCountry ? DEPARTURE_CHARGE.domestic : DEPARTURE_CHARGE.international
  return BigInt(charge) * 10n ** BigInt(minorDigits(currency))
}

/** One entry a passenger: adults first, then children, then infants. */
export function kindsOf({ adults, children, infants }: PassengerCounts): PassengerKind[] {
  return [
    ...Array<PassengerKind>(adults).fill("adult"),
    ...Array<PassengerKind>(children).fill("child"),
    ...Array<PassengerKind>(infants).fill("infant"),
  ]
}
