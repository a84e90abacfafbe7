import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { adultFare, fareOf, kindsOf, taxOf } from "./fares.ts"
import { priceOf } from "./prices.ts"

const situation = fc.record({
  baseFareMinorUnits: fc.bigInt({ min: 1n, max: 2_000_000n }),
  brand: fc.constant("standard" as const),
  daysBeforeDeparture: fc.integer({ min: 0, max: 400 }),
  capacity: fc.integer({ min: 1, max: 400 }),
  currency: fc.constantFrom("USD", "JPY", "KWD"),
})

describe("fares", () => {
  test("are never below one major unit, and more demand is never cheaper", () => {
    fc.assert(
      fc.property(situation, fc.nat(400), fc.nat(400), (input, a, b) => {
        const [fewer, more] = [a, b].map((taken) => Math.min(taken, input.capacity)).toSorted((x, y) => x - y)
        const cheap = adultFare({ ...input, taken: fewer! })
        expect(cheap > 0n).toBe(true)
        expect(adultFare({ ...input, taken: more! }) >= cheap).toBe(true)
      }),
    )
  })

  test("a later purchase is never cheaper", () => {
    fc.assert(
      fc.property(situation, fc.nat(400), (input, days) => {
        const [late, early] = [input.daysBeforeDeparture, days].toSorted((x, y) => x - y)
        const fare = (daysBeforeDeparture: number) => adultFare({ ...input, daysBeforeDeparture, taken: 0 })
        expect(fare(late!) >= fare(early!)).toBe(true)
      }),
    )
  })

  test("the total is the sum of the lines and of the passengers' fares and taxes", () => {
    const counts = fc.record({ adults: fc.integer({ min: 1, max: 9 }), children: fc.nat(8), infants: fc.nat(9) })
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 100n, max: 900_000n }), { minLength: 1, maxLength: 6 }),
        counts,
        (fares, passengers) => {
          const segments = fares.map((adultFareMinorUnits) => ({
            adultFareMinorUnits,
            originCountry: "AT",
            destinationCountry: "GB",
          }))
          const price = priceOf(segments, passengers, "USD")
          const lines = price.lines.reduce((total, line) => total + line.amount!.minorUnits, 0n)
          const expected = kindsOf(passengers)
            .flatMap((kind) =>
              segments.map((segment) => fareOf(segment.adultFareMinorUnits, kind) + taxOf(segment, kind, "USD")),
            )
            .reduce((a, b) => a + b, 0n)
          expect(price.total!.minorUnits).toBe(lines)
          expect(lines).toBe(expected)
        },
      ),
    )
  })
})
