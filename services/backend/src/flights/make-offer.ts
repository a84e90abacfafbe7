import type { Offer } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { BRANDS } from "./brands.ts"
import { CABIN_VALUES } from "./cabins.ts"
import { type Departure, toFlightSegment } from "./departures.ts"
import { adultFare, type Brand, dayFare, type PassengerCounts } from "./fares.ts"
import { signOffer } from "./offers.ts"
import { type PricedSegment, priceOf, unitOf } from "./prices.ts"

/** Counts above this are answered as this. */
export const SEATS_LEFT_SHOWN = 9

/** An itinerary at today's price, signed. The departures are in the order of travel. */
export function makeOffer(
  context: Pick<Context, "rules">,
  departures: readonly Departure[],
  brand: Brand,
  counts: PassengerCounts,
): Offer {
  const { rules } = context
  const first = departures[0]!
  const last = departures.at(-1)!
  const segments = departures.map((departure) => ({
    departure,
    priced: priceSegment(departure, brand, rules.currency),
  }))
  const price = priceOf(
    segments.map(({ priced }) => priced),
    counts,
    rules.currency,
  )
  const expireTime = new Date(first.readTime.getTime() + rules.offerSeconds * 1000)
  const token = signOffer(
    {
      expireTime,
      cabin: first.cabin,
      brand,
      counts,
      currency: rules.currency,
      totalMinorUnits: price.total!.minorUnits,
      segments: segments.map(({ departure, priced }) => ({
        flightId: departure.flightId,
        date: departure.date,
        version: departure.version,
        adultFareMinorUnits: priced.adultFareMinorUnits,
      })),
    },
    rules.offerKey,
  )
  return {
    token,
    expireTime,
    cabin: CABIN_VALUES[first.cabin],
    brand,
    refundable: BRANDS[brand].cancellationFeePercent < 100,
    price,
    durationMinutes: Math.round((last.arrivalTime.getTime() - first.departureTime.getTime()) / 60_000),
    connections: departures.length - 1,
    seatsLeft: Math.min(SEATS_LEFT_SHOWN, ...departures.map((each) => each.capacity - each.taken)),
    segments: departures.map(toFlightSegment),
    fares: [{ brand, token, total: price.total }],
    choice: false,
  }
}

function priceSegment(departure: Departure, brand: Brand, currency: string): PricedSegment {
  return {
    adultFareMinorUnits: BigInt(
      adultFare(
        dayFare(Number(departure.baseFareMinorUnits), weekdayOf(departure.date)),
        brand,
        Math.floor((departure.departureTime.getTime() - departure.readTime.getTime()) / 86_400_000),
        departure.taken,
        departure.capacity,
        unitOf(currency),
      ),
    ),
    originCountry: departure.originCountry,
    destinationCountry: departure.destinationCountry,
  }
}

/** 0 is Monday. */
const weekdayOf = (date: string): number => (new Date(date).getUTCDay() + 6) % 7
