import { expect, test } from "bun:test"
import type { CallContext } from "../context.ts"
import { BRAND_NAMES } from "./fares.ts"
import { listFareBrands } from "./list-fare-brands.ts"

test("a better brand never gives less, and its words say what its numbers do", async () => {
  const { brands } = await listFareBrands({} as CallContext, {})
  expect(brands.map((brand) => brand.name)).toEqual([...BRAND_NAMES])
  for (const [index, brand] of brands.entries()) {
    const better = brands[index + 1]
    if (better) {
      expect(better.checkedBags).toBeGreaterThanOrEqual(brand.checkedBags)
      expect(better.choosesSeats || !brand.choosesSeats).toBe(true)
      expect(better.cancellationFeePercent).toBeLessThan(brand.cancellationFeePercent)
    }
    expect(brand.checkedBag.startsWith(["No", "One", "Two"][brand.checkedBags]!)).toBe(true)
    expect(brand.seatChoice.startsWith("Choose")).toBe(brand.choosesSeats)
    const fee = /(\d+) %/.exec(brand.refunds)?.[1]
    if (fee !== undefined) expect(Number(fee)).toBe(brand.cancellationFeePercent)
    for (const sentence of [brand.cabinBag, brand.checkedBag, brand.seatChoice, brand.changes, brand.refunds]) {
      expect(sentence).toMatch(/^[A-Z].*\.$/)
    }
  }
})
