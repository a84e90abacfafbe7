import { expect, test } from "bun:test"
import { readPlaces } from "../../seed/places.ts"
import { airportCharges } from "./airport-charges.ts"
import { DOLLARS, sellingIn } from "./selling.ts"

const places = readPlaces()
const chargesAt = (code: string, selling = DOLLARS) =>
  airportCharges(places.find((place) => place.code === code)!, selling)

test("every airport charges something, in whole units, and who leaves the country pays more", () => {
  for (const selling of [DOLLARS, sellingIn("JPY"), sellingIn("KWD")]) {
    const unit = { USD: 100, JPY: 1, KWD: 1000 }[selling.currency]!
    for (const place of places) {
      const { domesticMinorUnits, internationalMinorUnits } = airportCharges(place, selling)
      expect(domesticMinorUnits % unit).toBe(0)
      expect(domesticMinorUnits).toBeGreaterThan(0)
      expect(internationalMinorUnits % unit).toBe(0)
      expect(internationalMinorUnits).toBeGreaterThan(domesticMinorUnits)
    }
  }
})

test("countries differ, and so do large and small airports of one", () => {
  expect(chargesAt("LHR").internationalMinorUnits).toBeGreaterThan(chargesAt("VIE").internationalMinorUnits)
  expect(chargesAt("LHR").domesticMinorUnits).toBeGreaterThan(chargesAt("INV").domesticMinorUnits)
})

test("an airport that nobody has counted charges what a small one elsewhere does", () => {
  const charges = airportCharges({ code: "QQA", countryCode: "XX" }, DOLLARS)
  expect(charges).toEqual({ domesticMinorUnits: 8_00, internationalMinorUnits: 24_00 })
})
