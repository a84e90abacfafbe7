import { least, minorDigits, roundForCard } from "@airside/kernel/money"
import type { Transaction } from "@airside/kernel/sql"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"

/** Stripe's smallest charge in minor units (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const SMALLEST_CHARGE: Record<string, bigint> = {
  AED: 200n,
  AUD: 50n,
  BRL: 50n,
  CAD: 50n,
  CHF: 50n,
  CZK: 1500n,
  DKK: 250n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  HUF: 17500n,
  INR: 50n,
  JPY: 50n,
  MXN: 1000n,
  MYR: 200n,
  NOK: 300n,
  NZD: 50n,
  PLN: 200n,
  RON: 200n,
  SEK: 300n,
  SGD: 50n,
  THB: 1000n,
  USD: 50n,
}

export const smallestCharge = (currency: string): bigint => SMALLEST_CHARGE[currency] ?? 50n

/** What points are worth: 0.01 of the currency's unit each, times the tier's percentage; rounded down, to what a card can pay the rest of. */
export function pointsValue(points: bigint, redemptionPercent: number, currency: string): bigint {
  return roundForCard((points * BigInt(redemptionPercent) * 10n ** BigInt(minorDigits(currency))) / 10_000n, currency)
}

/** The fewest points that pay an amount. */
export function pointsFor(minorUnits: bigint, redemptionPercent: number, currency: string): bigint {
  const perPoint = BigInt(redemptionPercent) * 10n ** BigInt(minorDigits(currency))
  return (minorUnits * 10_000n + perPoint - 1n) / perPoint
}

export interface Standing {
  balance: bigint
  redemptionPercent: number
  tier: string
  /** The tier that somebody with fewer lifetime points would have. */
  tierAfterLosing(points: bigint): string
}

/** A person's points and what one of them is worth at their tier. */
export async function readStanding({ loyalty }: Pick<Context, "loyalty">, userId: string): Promise<Standing> {
  const [{ account }, { tiers }] = await Promise.all([
    loyalty.getAccount({ userId }),
    loyalty.listTiers({ pageSize: 100, pageToken: "" }),
  ])
  const tier = tiers.find((each) => each.name === account!.tier)
  return {
    balance: account!.balance,
    redemptionPercent: tier?.redemptionPercent ?? 100,
    tier: account!.tier,
    tierAfterLosing: (points) =>
      tiers.findLast((each) => each.minimumPoints <= account!.lifetime - points)?.name ?? account!.tier,
  }
}

/**
 * Whoever is about to move points of an account takes its row first: of two bookings that count on the same balance,
 * the second sees what the first began.
 */
export async function lockPoints(tx: Transaction, userId: string | null): Promise<void> {
  if (userId) await tx`select 1 from users where id = ${userId} for no key update`
}

/**
 * How many of the points that a traveller wants to spend can be spent: never more than the total takes. Throws
 * NOT_ENOUGH_POINTS and POINTS_REMAINDER_TOO_SMALL.
 */
export function spendablePoints(wanted: bigint, standing: Standing, totalMinorUnits: bigint, currency: string): bigint {
  if (wanted > standing.balance) {
    throw failures.NOT_ENOUGH_POINTS({ balance: String(standing.balance) }, [
      { field: "points", message: `the account has ${standing.balance} points` },
    ])
  }
  const needed = pointsFor(totalMinorUnits, standing.redemptionPercent, currency)
  const points = least(wanted, needed)
  const value = pointsValue(points, standing.redemptionPercent, currency)
  if (isRemainderTooSmall(totalMinorUnits, value, currency)) throw remainderTooSmall(currency)
  return points
}

export function isRemainderTooSmall(totalMinorUnits: bigint, valueMinorUnits: bigint, currency: string): boolean {
  const remainder = totalMinorUnits - valueMinorUnits
  return remainder > 0n && remainder < smallestCharge(currency)
}

export const remainderTooSmall = (currency: string) =>
  failures.POINTS_REMAINDER_TOO_SMALL({ smallest_minor_units: String(smallestCharge(currency)) }, [
    { field: "points", message: "leaves less than the smallest amount that a card can pay" },
  ])
