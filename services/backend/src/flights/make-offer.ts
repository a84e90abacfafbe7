import { money, unitOf } from "@airside/kernel/money"
import type { Fare, Offer } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { BRANDS } from "./brands.ts"
import { CABIN_VALUES } from "./cabins.ts"
import { type Departure, toFlightSegment } from "./departures.ts"
import { BRAND_NAMES, type Brand, brandFare, dayFare, type PassengerCounts, partyPrice, standardFare } from "./fares.ts"
import { type OfferTerms, offerToken, signOffer } from "./offers.ts"
import { priceOf } from "./prices.ts"

/** Counts above this are answered as this. */
export const SEATS_LEFT_SHOWN = 9

/**
 * An itinerary at today's prices, signed. The departures are in the order of travel, the brands (at least one) lowest
 * first.
 */
export function makeOffer(
  { rules }: Pick<Context, "rules">,
  departures: readonly Departure[],
  counts: PassengerCounts,
  brands: readonly Brand[] = BRAND_NAMES,
): Offer {
  const first = departures[0]!
  const last = departures.at(-1)!
  const { currency } = rules
  const unit = unitOf(currency)
  const terms: OfferTerms = {
    expireTime: new Date(first.readTime.getTime() + rules.offerSeconds * 1000),
    cabin: first.cabin,
    counts,
    currency,
    segments: departures.map((departure) => ({
      flightId: departure.flightId,
      date: departure.date,
      version: departure.version,
      standardFare: standardFareOf(departure, unit),
      charge: Number(departure.chargeMinorUnits),
    })),
  }
  const fares = faresOf(terms, brands, rules.offerKey)
  const lowest = brands[0]!
  return {
    token: fares[0]!.token,
    expireTime: terms.expireTime,
    cabin: CABIN_VALUES[first.cabin],
    brand: lowest,
    refundable: BRANDS[lowest].cancellationFeePercent < 100,
    price: priceOf(
      terms.segments.map((segment) => ({ ...segment, adultFare: brandFare(segment.standardFare, lowest, unit) })),
      counts,
      currency,
    ),
    durationMinutes: Math.round((last.arrivalTime.getTime() - first.departureTime.getTime()) / 60_000),
    connections: departures.length - 1,
    seatsLeft: Math.min(SEATS_LEFT_SHOWN, ...departures.map((each) => each.capacity - each.taken)),
    segments: departures.map(toFlightSegment),
    fares,
    choice: false,
  }
}

/** What these brands cost under the terms, all with the same signature. */
export function faresOf(terms: OfferTerms, brands: readonly Brand[], offerKey: string): Fare[] {
  const { segments, counts, currency } = terms
  const unit = unitOf(currency)
  const signed = signOffer(terms, offerKey)
  return brands.map((brand) => {
    let total = 0
    for (const { standardFare, charge } of segments) {
      total += partyPrice(brandFare(standardFare, brand, unit), charge, counts)
    }
    return { brand, token: offerToken(signed, brand), total: money(currency, BigInt(total)) }
  })
}

function standardFareOf(
  { baseFareMinorUnits, date, departureTime, readTime, taken, capacity }: Departure,
  unit: number,
) {
  const days = (departureTime.getTime() - readTime.getTime()) / 86_400_000
  return standardFare(dayFare(Number(baseFareMinorUnits), weekdayOf(date)), days, taken, capacity, unit)
}

/** 0 is Monday. */
const weekdayOf = (date: string): number => (new Date(date).getUTCDay() + 6) % 7
