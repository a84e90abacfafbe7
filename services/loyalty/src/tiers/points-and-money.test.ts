import { expect, test } from "bun:test"
import { TIERS } from "../../seed/tiers.ts"
import { pointsForFare, valueOfPoints } from "./points-and-money.ts"
import type { TierRow } from "./read-tiers.ts"

const tiers = TIERS.map((tier): TierRow => ({ ...tier, benefits: [...tier.benefits] }))
const [bronze, , , platinum] = tiers as [TierRow, TierRow, TierRow, TierRow]

test("two points a unit × 1.00, 1.25, 1.50, 2.00, rounded down", () => {
  expect(tiers.map((tier) => pointsForFare(333_33n, "USD", tier))).toEqual([666n, 833n, 999n, 1_333n])
})

test("a point is worth 0.01 × 1.00, 1.10, 1.20, 1.30, rounded down to minor units", () => {
  expect(tiers.map((tier) => valueOfPoints(999n, "USD", tier))).toEqual([999n, 1_098n, 1_198n, 1_298n])
})

test("what a minor unit is follows the currency", () => {
  expect(pointsForFare(333n, "JPY", bronze)).toBe(666n)
  expect(valueOfPoints(199n, "JPY", platinum)).toBe(2n)
  expect(pointsForFare(10_499n, "KWD", bronze)).toBe(20n)
  expect(valueOfPoints(1n, "KWD", platinum)).toBe(10n) // the last digit is 0 on every card
})
