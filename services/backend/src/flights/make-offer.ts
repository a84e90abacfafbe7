import { money, unitOf } from "@airside/kernel/money"
import type { Fare, FlightSegment, Offer, Price } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import { BRANDS } from "./brands.ts"
import { CABIN_VALUES } from "./cabins.ts"
import { dayOf, weekdayOf } from "./civil-date.ts"
import { type Departure, toFlightSegment } from "./departures.ts"
import { BRAND_NAMES, type Brand, brandFare, dayFare, type PassengerCounts, partyPrice, standardFare } from "./fares.ts"
import { type ChosenOffer, type OfferTerms, offerToken, signOffer } from "./offers.ts"
import { priceOf } from "./prices.ts"

/** Counts above this are answered as this. */
export const SEATS_LEFT_SHOWN = 9
const DAY_MILLISECONDS = 86_400_000

/** An itinerary at today's prices, signed. The departures are in the order of travel, the brands lowest first. */
export function makeOffer(
  context: Pick<Context, "rules">,
  departures: readonly Departure[],
  counts: PassengerCounts,
  brands: readonly Brand[] = BRAND_NAMES,
): Offer {
  const { rules } = context
  const first = departures[0]!
  const unit = unitOf(rules.currency)
  return offerOf(context, {
    terms: {
      expireTime: new Date(first.readTime.getTime() + rules.offerSeconds * 1000),
      cabin: first.cabin,
      counts,
      currency: rules.currency,
      segments: departures.map((departure) => ({
        flightId: departure.flightId,
        date: departure.date,
        version: departure.version,
        standardFare: standardFareOf(departure, unit),
        charge: Number(departure.chargeMinorUnits),
      })),
    },
    brands,
    durationMinutes: (departures.at(-1)!.arrivalTime.getTime() - first.departureTime.getTime()) / 60_000,
    seatsLeft: Math.min(...departures.map((each) => each.capacity - each.taken)),
    segments: departures.map(toFlightSegment),
    segmentIndexes: [],
    choice: false,
  })
}

/** See OfferView. */
export type View = "basic" | "full"

/** What an offer says beside its terms. */
interface Facts {
  terms: OfferTerms
  /** At least one, lowest first. */
  brands: readonly Brand[]
  durationMinutes: number
  seatsLeft: number
  /** In the full view. */
  segments: FlightSegment[]
  /** In the basic view. */
  segmentIndexes: number[]
  choice: boolean
}

/** The offer of these facts, signed. */
export function offerOf(
  { rules }: Pick<Context, "rules">,
  { terms, brands, ...facts }: Facts,
  view: View = "full",
): Offer {
  const isFull = view === "full"
  const fares = faresOf(terms, brands, rules.offerKey)
  const lowest = brands[0]!
  return {
    token: fares[0]!.token,
    expireTime: isFull ? terms.expireTime : undefined,
    cabin: CABIN_VALUES[terms.cabin],
    brand: lowest,
    refundable: BRANDS[lowest].cancellationFeePercent < 100,
    price: isFull ? priceIn(terms, lowest) : undefined,
    durationMinutes: facts.durationMinutes,
    connections: terms.segments.length - 1,
    seatsLeft: Math.min(SEATS_LEFT_SHOWN, facts.seatsLeft),
    segments: facts.segments,
    segmentIndexes: facts.segmentIndexes,
    fares: isFull ? fares : fares.map(({ brand, total }) => ({ brand, token: "", total })),
    choice: facts.choice,
  }
}

/** What these brands cost under the terms, all with the same signature. */
export function faresOf(terms: OfferTerms, brands: readonly Brand[], offerKey: string): Fare[] {
  const signed = signOffer(terms, offerKey)
  return brands.map((brand) => {
    const token = offerToken(signed, brand)
    return { brand, token, total: money(terms.currency, offerTotal({ ...terms, brand })) }
  })
}

function priceIn({ segments, counts, currency }: OfferTerms, brand: Brand): Price {
  const unit = unitOf(currency)
  const priced = segments.map(({ standardFare, charge }) => ({
    adultFare: brandFare(standardFare, brand, unit),
    charge,
  }))
  return priceOf(priced, counts, currency)
}

/** What an offer costs the party, in minor units. */
export function offerTotal({ segments, counts, currency, brand }: ChosenOffer): bigint {
  const unit = unitOf(currency)
  let total = 0
  for (const { standardFare, charge } of segments) {
    total += partyPrice(brandFare(standardFare, brand, unit), charge, counts)
  }
  return BigInt(total)
}

function standardFareOf(
  { baseFareMinorUnits, date, departureTime, readTime, taken, capacity }: Departure,
  unit: number,
) {
  const days = (departureTime.getTime() - readTime.getTime()) / DAY_MILLISECONDS
  const weekday = weekdayOf(dayOf(date))
  return standardFare(dayFare(Number(baseFareMinorUnits), weekday), days, taken, capacity, unit)
}
