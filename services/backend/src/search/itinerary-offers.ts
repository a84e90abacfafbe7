import type { FlightSegment, SearchFilters, Slice } from "@airside/protos/airside/flights/v1/flights"
import type { Context } from "../context.ts"
import type { CabinName } from "../flights/cabins.ts"
import { dateOf } from "../flights/civil-date.ts"
import type { PassengerCounts } from "../flights/fares.ts"
import { offerOf, type View } from "../flights/make-offer.ts"
import { brandsAllowed, type Moment } from "./ask-engine.ts"
import type { Leg } from "./legs.ts"
import type { RankedItinerary } from "./rank-itineraries.ts"
import type { Timetable } from "./timetable.ts"

/**
 * What the engine found for a slice, as offers to hold: the prices are those that it compared. In the basic view the
 * offers share their flights, of which each is said once.
 */
export function itineraryOffers(
  context: Pick<Context, "rules">,
  { timetable, now }: Moment,
  itineraries: readonly RankedItinerary[],
  { cabin, counts, view }: { cabin: CabinName; counts: PassengerCounts; view: View },
  filters: SearchFilters,
): Pick<Slice, "offers" | "segments"> {
  const { rules } = context
  const isFull = view === "full"
  const expireTime = new Date(now.getTime() + rules.offerSeconds * 1000)
  const brands = brandsAllowed(filters)
  const shared = createFlightList(timetable)
  const offers = itineraries.map(({ legs, departure, arrival, isChoice }) => {
    const segments = legs.map((leg) => {
      const { id, version } = timetable.flights[leg.flight]!
      const charge = timetable.routeCharge[leg.route]!
      return { flightId: id, date: dateOf(leg.day), version, standardFare: leg.standardFare, charge }
    })
    const facts = {
      terms: { expireTime, cabin, counts, currency: rules.currency, segments },
      brands,
      durationMinutes: arrival - departure,
      seatsLeft: Math.min(...legs.map((leg) => leg.seatsLeft)),
      segments: isFull ? legs.map((leg) => segmentOf(timetable, leg, timetable.flights[leg.flight]!.id)) : [],
      segmentIndexes: isFull ? [] : legs.map(shared.indexOf),
      choice: isChoice,
    }
    return offerOf(context, facts, view)
  })
  return { offers, segments: shared.segments }
}

/** Flights on their days, each once. */
function createFlightList(timetable: Timetable) {
  const segments: FlightSegment[] = []
  const indexes = new Map<number, number>()
  return {
    segments,
    /** Where the leg stands among the segments; it is added if it is not there. */
    indexOf(leg: Leg): number {
      const key = leg.day * timetable.flights.length + leg.flight
      const known = indexes.get(key)
      if (known !== undefined) return known
      indexes.set(key, segments.length)
      return segments.push(segmentOf(timetable, leg, "")) - 1
    },
  }
}

function segmentOf(timetable: Timetable, leg: Leg, flightId: string): FlightSegment {
  const { flights, designators, designatorOf, carriers, carrierOf, zones, zoneOf, routeOrigin, routeDestination } =
    timetable
  const { carrier, origin, destination, durationMinutes, aircraft } = flights[leg.flight]!
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
    flightId,
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
