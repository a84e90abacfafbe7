import { expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import fc from "fast-check"
import { BRAND_NAMES } from "./fares.ts"
import { faresOf } from "./make-offer.ts"
import { type OfferTerms, offerToken, readOffer, signOffer } from "./offers.ts"

const KEY = "a key of this house"

const segment = fc.record({
  flightId: fc.uuid(),
  date: fc.date({ min: new Date("2026-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }).map(civilDate),
  version: fc.nat(2 ** 32 - 1),
  standardFare: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
  charge: fc.nat(2 ** 32 - 1),
})
const terms: fc.Arbitrary<OfferTerms> = fc.record({
  expireTime: fc.integer({ min: 1_700_000_000, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000)),
  cabin: fc.constantFrom("economy", "premium_economy", "business", "first"),
  counts: fc.record({ adults: fc.nat(9), children: fc.nat(9), infants: fc.nat(9) }),
  currency: fc.constantFrom("USD", "JPY", "KWD"),
  segments: fc.array(segment, { minLength: 1, maxLength: 6 }),
})

function civilDate(date: Date): string {
  return date.toISOString().slice(0, 10)
}

test("an offer reads as it was signed, in every brand, and its token is at most 300 characters", () => {
  fc.assert(
    fc.property(terms, fc.constantFrom(...BRAND_NAMES), (terms, brand) => {
      const token = offerToken(signOffer(terms, KEY), brand)
      expect(token.length).toBeLessThanOrEqual(300)
      expect(readOffer(token, KEY, "")).toEqual({ ...terms, brand })
    }),
  )
})

test("whoever changes a letter of what is signed, or the key, has no offer", () => {
  fc.assert(
    fc.property(terms, fc.nat(), fc.integer({ min: 1, max: 63 }), (terms, place, turn) => {
      const signed = signOffer(terms, KEY)
      const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
      // The last letter may hold bits that belong to no byte.
      const at = place % (signed.length - 1)
      const other = letters[(letters.indexOf(signed[at]!) + turn) % 64]!
      const altered = signed.slice(0, at) + other + signed.slice(at + 1)
      expect(() => readOffer(offerToken(altered, "light"), KEY, "")).toThrow("not made here")
      expect(() => readOffer(offerToken(signed, "light"), "another key", "")).toThrow("not made here")
    }),
  )
})

test("a brand that there is none of is no offer", () => {
  const segments = [{ flightId: newId(), date: "2027-01-10", version: 1, standardFare: 150_00, charge: 38_00 }]
  const counts = { adults: 1, children: 0, infants: 0 }
  const terms: OfferTerms = { expireTime: new Date(), cabin: "economy", counts, currency: "USD", segments }
  const signed = signOffer(terms, KEY)
  for (const token of [signed, `${signed}.`, `${signed}.gold`, `${signed}.constructor`, `.light`, ""]) {
    expect(() => readOffer(token, KEY, "")).toThrow("not made here")
  }
})

test("one signature serves all brands: each costs what its own token says, better ones more", () => {
  fc.assert(
    fc.property(terms, (terms) => {
      const party = { ...terms, counts: { ...terms.counts, adults: 1 + (terms.counts.adults % 9) } }
      const fares = faresOf(roundFares(party), BRAND_NAMES, KEY)
      expect(fares.map((fare) => readOffer(fare.token, KEY, "").brand)).toEqual([...BRAND_NAMES])
      expect(new Set(fares.map((fare) => fare.token.split(".")[0])).size).toBe(1)
      const [light, standard, flex] = fares.map((fare) => fare.total!.minorUnits)
      expect(light! < standard! && standard! < flex!).toBe(true)
    }),
  )
})

/** Standard fares are whole major units, two at least. */
function roundFares(terms: OfferTerms): OfferTerms {
  const round = (fare: number) => Math.max(2, Math.floor(fare / 1000)) * 1000
  return { ...terms, segments: terms.segments.map((each) => ({ ...each, standardFare: round(each.standardFare) })) }
}
