import { minorDigits, money, sum } from "@airside/kernel/money"
import { type Price, PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { fareOf, kindsOf, type PassengerCounts, type PassengerKind, taxOf } from "./fares.ts"

export interface PricedSegment {
  adultFareMinorUnits: bigint
  originCountry: string
  destinationCountry: string
}

/** Minor units of a major one: 100 for USD, 1 for JPY. */
export const unitOf = (currency: string): number => 10 ** minorDigits(currency)

/** Charged for every passenger with a seat at every departure, in major units of the selling currency. */
const DEPARTURE_CHARGE = { domestic: 14, international: 38 }

const chargeOf = ({ originCountry, destinationCountry }: PricedSegment, currency: string): number =>
  DEPARTURE_CHARGE[originCountry === destinationCountry ? "domestic" : "international"] * unitOf(currency)

/** What one passenger pays for one segment. */
export interface Share {
  passenger: number
  segment: number
  fare: bigint
  tax: bigint
}

/** Every passenger's share of every segment, passengers in the order of kindsOf. The price is their sum. */
export function sharesOf(
  segments: readonly PricedSegment[],
  kinds: readonly PassengerKind[],
  currency: string,
): Share[] {
  return kinds.flatMap((kind, passenger) =>
    segments.map((segment, index) => ({
      passenger,
      segment: index,
      fare: BigInt(fareOf(Number(segment.adultFareMinorUnits), kind)),
      tax: BigInt(taxOf(chargeOf(segment, currency), kind)),
    })),
  )
}

/** The price of an itinerary for all passengers, with a line a passenger type and one for taxes. */
export function priceOf(segments: readonly PricedSegment[], counts: PassengerCounts, currency: string): Price {
  const kinds = kindsOf(counts)
  return priceFromShares(sharesOf(segments, kinds, currency), kinds, currency)
}

export function priceFromShares(shares: readonly Share[], kinds: readonly PassengerKind[], currency: string): Price {
  const fareLines = (["adult", "child", "infant"] as const)
    .map((kind) => ({ kind, count: kinds.filter((each) => each === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => ({
      kind: PriceLineKind.FARE,
      label: `Fare, ${count} ${NOUNS[kind][count === 1 ? 0 : 1]}`,
      amount: money(
        currency,
        sum(shares.filter((share) => kinds[share.passenger] === kind).map((share) => share.fare)),
      ),
    }))
  const tax = sum(shares.map((share) => share.tax))
  const lines = [
    ...fareLines,
    { kind: PriceLineKind.TAX, label: "Taxes and airport charges", amount: money(currency, tax) },
  ]
  return { total: money(currency, sum(lines.map((line) => line.amount.minorUnits))), lines }
}

const NOUNS: Record<PassengerKind, [string, string]> = {
  adult: ["adult", "adults"],
  child: ["child", "children"],
  infant: ["infant", "infants"],
}
