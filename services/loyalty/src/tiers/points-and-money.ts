import { minorDigits, roundForCard } from "@airside/kernel/money"
import type { TierRow } from "./read-tiers.ts"

const POINTS_PER_UNIT = 2n
const POINTS_PER_UNIT_OF_VALUE = 100n
const PERCENT = 100n

/** Points for a fare: two for each unit of its currency × the tier's multiplier, rounded down. */
export function pointsForFare(fareMinorUnits: bigint, currency: string, tier: TierRow): bigint {
  return (fareMinorUnits * POINTS_PER_UNIT * BigInt(tier.earningPercent)) / (PERCENT * minorUnitsPerUnit(currency))
}

/** What points pay for, in minor units: 0.01 of a unit each × the tier's factor, rounded down, to what a card can pay the rest of. */
export function valueOfPoints(points: bigint, currency: string, tier: TierRow): bigint {
  const divisor = PERCENT * POINTS_PER_UNIT_OF_VALUE
  return roundForCard((points * minorUnitsPerUnit(currency) * BigInt(tier.redemptionPercent)) / divisor, currency)
}

const minorUnitsPerUnit = (currency: string) => 10n ** BigInt(minorDigits(currency))
