import { expect, test } from "bun:test"
import fc from "fast-check"
import { allocate, least, minorDigits, roundForCard, sum } from "./money.ts"

const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 30 })
const distance = (a: bigint, b: bigint) => (a > b ? a - b : b - a)

test("shares add up exactly, and each is within one unit of its proportion", () => {
  fc.assert(
    fc.property(amount, weights, (total, parts) => {
      const shares = allocate(total, parts)
      expect(shares).toHaveLength(parts.length)
      expect(sum(shares)).toBe(total)
      const whole = sum(parts)
      parts.forEach((part, index) => {
        const [weight, of] = whole === 0n ? [1n, BigInt(parts.length)] : [part, whole]
        expect(distance(shares[index]! * of, total * weight) < of).toBe(true)
      })
    }),
  )
})

test("with a step, every share is a multiple of it when the whole is", () => {
  fc.assert(
    fc.property(amount, weights, (total, parts) => {
      const shares = allocate(total * 10n, parts, 10n)
      expect(shares).toEqual(allocate(total, parts).map((share) => share * 10n))
      expect(sum(allocate(total, parts, 10n))).toBe(total)
    }),
  )
  expect([1239n, -1239n].map((fils) => roundForCard(fils, "KWD"))).toEqual([1230n, -1230n])
  expect(roundForCard(1239n, "USD")).toBe(1239n)
})

test("a refund is the mirror of its charge", () => {
  fc.assert(
    fc.property(amount, weights, (total, parts) => {
      expect(allocate(-total, parts)).toEqual(allocate(total, parts).map((share) => -share))
    }),
  )
})

test("equal weights: the earlier get the odd units, and the order stays", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.integer({ min: 1, max: 30 }), (total, count) => {
      const shares = allocate(total, Array<bigint>(count).fill(7n))
      expect(shares).toEqual([...shares].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)))
    }),
  )
  expect(allocate(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n])
  expect(allocate(10n, [1n, 0n, 3n])).toEqual([3n, 0n, 7n])
  expect(allocate(5n, [])).toEqual([])
})

test("who weighs nothing gets nothing", () => {
  expect(allocate(7n, [0n, 2n, 0n, 2n])).toEqual([0n, 4n, 0n, 3n])
})

test("minor digits are the currency's", () => {
  expect(["USD", "JPY", "KWD"].map(minorDigits)).toEqual([2, 0, 3])
  expect(least(3n, -1n, 2n)).toBe(-1n)
})
