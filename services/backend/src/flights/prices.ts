import { money } from "@airside/kernel/money"
import { type Price, type PriceLine, PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { fareOf, type PassengerCounts, type PassengerKind, taxOf } from "./fares.ts"

/** In minor units of the selling currency. */
export interface PricedSegment {
  /** Of the brand that is priced. */
  adultFare: number
  /** What the departure airport asks of a passenger with a seat. */
  charge: number
}

/** What one passenger pays for one segment. */
export interface Share {
  passenger: number
  segment: number
  fare: bigint
  tax: bigint
}

/** Every passenger's share of every segment; the price is their sum. */
export const sharesOf = (segments: readonly PricedSegment[], kinds: readonly PassengerKind[]): Share[] =>
  kinds.flatMap((kind, passenger) =>
    segments.map(({ adultFare, charge }, segment) => ({
      passenger,
      segment,
      fare: BigInt(fareOf(adultFare, kind)),
      tax: BigInt(taxOf(charge, kind)),
    })),
  )

/** The price of an itinerary for all passengers, with a line a passenger type and one for taxes. */
export function priceOf(segments: readonly PricedSegment[], counts: PassengerCounts, currency: string): Price {
  const lines: PriceLine[] = []
  let total = 0
  let tax = 0
  for (const kind of ["adult", "child", "infant"] as const) {
    const count = counts[PLURALS[kind]]
    if (count === 0) continue
    let fare = 0
    for (const { adultFare, charge } of segments) {
      fare += count * fareOf(adultFare, kind)
      tax += count * taxOf(charge, kind)
    }
    total += fare
    const label = `Fare, ${count} ${count === 1 ? kind : PLURALS[kind]}`
    lines.push({ kind: PriceLineKind.FARE, label, amount: money(currency, BigInt(fare)) })
  }
  const amount = money(currency, BigInt(tax))
  lines.push({ kind: PriceLineKind.TAX, label: "Taxes and airport charges", amount })
  return { total: money(currency, BigInt(total + tax)), lines }
}

const PLURALS = { adult: "adults", child: "children", infant: "infants" } as const
