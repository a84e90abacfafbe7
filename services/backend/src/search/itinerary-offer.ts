import type { FlightSegment, Offer, SearchFilters } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import type { CabinName } from "../flights/cabins.ts"
import { dateOf } from "../flights/civil-date.ts"
import type { PassengerCounts } from "../flights/fares.ts"
import { offerOf, type View } from "../flights/make-offer.ts"
import type { OfferTerms } from "../flights/offers.ts"
import { brandsAllowed, type Moment } from "./ask-engine.ts"
import type { Leg } from "./legs.ts"
import type { RankedItinerary } from "./rank-itineraries.ts"
import type { Timetable } from "./timetable.ts"

/** What the engine found as an offer to hold: the prices are those that it compared. */
export function itineraryOffer(
  context: Pick<Context, "rules">,
  { timetable, now }: Moment,
  { legs, departure, arrival, isChoice }: RankedItinerary,
  { cabin, counts, view }: { cabin: CabinName; counts: PassengerCounts; view: View },
  filters: SearchFilters,
): Offer {
  const { rules } = context
  const terms: OfferTerms = {
    expireTime: new Date(now.getTime() + rules.offerSeconds * 1000),
    cabin,
    counts,
    currency: rules.currency,
    segments: legs.map((leg) => {
      const { id, version } = timetable.flights[leg.flight]!
      const charge = timetable.routeCharge[leg.route]!
      return { flightId: id, date: dateOf(leg.day), version, standardFare: leg.standardFare, charge }
    }),
  }
  const facts = {
    terms,
    brands: brandsAllowed(filters),
    durationMinutes: arrival - departure,
    seatsLeft: Math.min(...legs.map((leg) => leg.seatsLeft)),
    segments: legs.map((leg) => segmentOf(timetable, leg, view)),
  }
  const offer = offerOf(context, facts, view)
  offer.choice = isChoice
  return offer
}

function segmentOf(timetable: Timetable, leg: Leg, view: View): FlightSegment {
  const { flights, designators, designatorOf, carriers, carrierOf, zones, zoneOf, routeOrigin, routeDestination } =
    timetable
  const { id, carrier, origin, destination, durationMinutes, aircraft } = flights[leg.flight]!
  const localText = (airport: number, instant: number) => textOf(instant, zones.offsetAt(zoneOf[airport]!, instant))
  return {
    flightNumber: designators[designatorOf[leg.flight]!]!,
    carrier,
    carrierName: carriers[carrierOf[leg.flight]!]!.name,
    origin,
    destination,
    departsAt: localText(routeOrigin[leg.route]!, leg.departure),
    arrivesAt: localText(routeDestination[leg.route]!, leg.arrival),
    durationMinutes,
    aircraft,
    flightId: view === "basic" ? "" : id,
  }
}

const MINUTES_OF_DAY = 1440
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"))
/** "00:00" to "23:59". */
const CLOCK = Array.from(
  { length: MINUTES_OF_DAY },
  (_, minute) => `${TWO_DIGITS[Math.floor(minute / 60)]}:${TWO_DIGITS[minute % 60]}`,
)

/** An instant, in minutes since 1970, as RFC 3339 with an offset. */
function textOf(instant: number, offset: number): string {
  const local = instant + offset
  const day = Math.floor(local / MINUTES_OF_DAY)
  const sign = offset < 0 ? "-" : "+"
  return `${dateOf(day)}T${CLOCK[local - day * MINUTES_OF_DAY]}:00${sign}${CLOCK[Math.abs(offset)]}`
}
