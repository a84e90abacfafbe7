import { describe, expect, test } from "bun:test"
import { sum } from "@airside/kernel/money"
import fc from "fast-check"
import {
  adultFare,
  BRAND_NAMES,
  brandFare,
  dayFare,
  fareOf,
  kindsOf,
  type PassengerCounts,
  partyPrice,
  standardFare,
  taxOf,
} from "./fares.ts"
import { priceOf, sharesOf } from "./prices.ts"

const unit = fc.constantFrom(1, 100, 1000) // JPY, USD, KWD
const base = fc.integer({ min: 1, max: 2 ** 31 })
const brand = fc.constantFrom(...BRAND_NAMES)
const days = fc.integer({ min: 0, max: 400 })
/** Seats taken of a capacity, the fewer first. */
const demands = fc
  .tuple(fc.integer({ min: 1, max: 900 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(900))
  .map(([capacity, share, more]) => {
    const taken = Math.floor(share * capacity)
    return { capacity, taken, more: Math.min(capacity, taken + more) }
  })

const counts: fc.Arbitrary<PassengerCounts> = fc.record({
  adults: fc.integer({ min: 1, max: 9 }),
  children: fc.nat(8),
  infants: fc.nat(9),
})

describe("fares", () => {
  test("are whole major units, at least one, and exact integers", () => {
    fc.assert(
      fc.property(base, brand, days, demands, unit, (base, brand, days, { taken, capacity }, unit) => {
        const fare = adultFare(base, brand, days, taken, capacity, unit)
        expect(Number.isSafeInteger(fare)).toBe(true)
        expect(fare).toBeGreaterThanOrEqual(unit)
        expect(fare % unit).toBe(0)
      }),
    )
  })

  test("with more demand are never cheaper", () => {
    fc.assert(
      fc.property(base, brand, days, demands, unit, (base, brand, days, { taken, more, capacity }, unit) => {
        const fare = (taken: number) => adultFare(base, brand, days, taken, capacity, unit)
        expect(fare(more)).toBeGreaterThanOrEqual(fare(taken))
      }),
    )
  })

  test("bought later are never cheaper", () => {
    fc.assert(
      fc.property(base, brand, days, days, demands, unit, (base, brand, days, other, { taken, capacity }, unit) => {
        const fare = (days: number) => adultFare(base, brand, days, taken, capacity, unit)
        expect(fare(Math.min(days, other))).toBeGreaterThanOrEqual(fare(Math.max(days, other)))
      }),
    )
  })

  test("of a better brand are dearer, for an adult and for every party", () => {
    fc.assert(
      fc.property(base, days, demands, unit, counts, (base, days, { taken, capacity }, unit, counts) => {
        const fares = BRAND_NAMES.map((brand) => adultFare(base, brand, days, taken, capacity, unit))
        expect(fares[1]!).toBeGreaterThan(fares[0]!)
        expect(fares[2]!).toBeGreaterThan(fares[1]!)
        const parties = fares.map((fare) => partyPrice(fare, 0, counts))
        expect(parties[1]!).toBeGreaterThan(parties[0]!)
        expect(parties[2]!).toBeGreaterThan(parties[1]!)
      }),
    )
  })

  test("of every brand follow from the standard one, and a dearer standard fare makes none cheaper", () => {
    fc.assert(
      fc.property(base, base, brand, days, demands, unit, (a, b, brand, days, { taken, capacity }, unit) => {
        const [less, more] = [a, b]
          .toSorted((x, y) => x - y)
          .map((base) => standardFare(base, days, taken, capacity, unit))
        expect(brandFare(more!, brand, unit)).toBeGreaterThanOrEqual(brandFare(less!, brand, unit))
        expect(brandFare(standardFare(a, days, taken, capacity, unit), brand, unit)).toBe(
          adultFare(a, brand, days, taken, capacity, unit),
        )
      }),
    )
  })

  test("of every passenger are above zero, a child's no higher than an adult's, an infant's no higher than a child's", () => {
    fc.assert(
      fc.property(base, brand, unit, (base, brand, unit) => {
        const adult = adultFare(base, brand, 60, 0, 100, unit)
        const [child, infant] = [fareOf(adult, "child"), fareOf(adult, "infant")]
        expect(infant).toBeGreaterThan(0)
        expect(child).toBeGreaterThanOrEqual(infant)
        expect(adult).toBeGreaterThanOrEqual(child)
      }),
    )
  })

  test("are dearest before and after the weekend", () => {
    const week = [0, 1, 2, 3, 4, 5, 6].map((weekday) => dayFare(10_000, weekday))
    expect(week).toEqual([10_200, 9_400, 9_400, 10_000, 11_200, 9_800, 11_200])
  })

  test("that anybody can work out: 100 USD on a Thursday, half full, ten days ahead", () => {
    const fares = BRAND_NAMES.map((brand) => adultFare(dayFare(100_00, 3), brand, 10, 75, 150, 100))
    // 100 × 1.20 × 1.30 = 156; × 0.85 = 132.60; × 1.35 = 210.60.
    expect(fares).toEqual([132_00, 156_00, 211_00])
    expect(partyPrice(156_00, 38_00, { adults: 2, children: 1, infants: 1 })).toBe(2 * 194_00 + 155_00 + 15_60)
  })

  test("and taxes add up: the party's price is the sum over its passengers", () => {
    fc.assert(
      fc.property(base, brand, unit, fc.nat(500_000), counts, (base, brand, unit, charge, counts) => {
        const fare = adultFare(base, brand, 20, 3, 10, unit)
        const shares = kindsOf(counts).map((kind) => fareOf(fare, kind) + taxOf(charge, kind))
        expect(partyPrice(fare, charge, counts)).toBe(shares.reduce((a, b) => a + b, 0))
      }),
    )
  })

  test("the total is the sum of the lines, of the segments and of what each passenger pays", () => {
    const segments = fc.array(fc.record({ adultFare: fc.integer({ min: 1, max: 2 ** 31 }), charge: fc.nat(500_000) }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(segments, counts, (segments, counts) => {
        const price = priceOf(segments, counts, "USD")
        const total = price.total!.minorUnits
        expect(sum(price.lines.map((line) => line.amount!.minorUnits))).toBe(total)
        expect(sum(sharesOf(segments, kindsOf(counts)).map(({ fare, tax }) => fare + tax))).toBe(total)
        const parties = segments.map(({ adultFare, charge }) => partyPrice(adultFare, charge, counts))
        expect(BigInt(parties.reduce((a, b) => a + b, 0))).toBe(total)
      }),
    )
  })

  test("explain themselves in the lines of a price", () => {
    const price = priceOf([{ adultFare: 100_00, charge: 38_00 }], { adults: 2, children: 1, infants: 1 }, "USD")
    expect(price.lines.map(({ label, amount }) => [label, Number(amount!.minorUnits)])).toEqual([
      ["Fare, 2 adults", 200_00],
      ["Fare, 1 child", 75_00],
      ["Fare, 1 infant", 10_00],
      ["Taxes and airport charges", 3 * 38_00],
    ])
  })
})
