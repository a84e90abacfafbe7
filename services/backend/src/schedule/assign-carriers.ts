import type { Carrier } from "../../seed/carriers.ts"
import type { Place } from "../../seed/places.ts"
import type { Route } from "./choose-routes.ts"
import { distanceKm } from "./geography.ts"

/** A carrier's numbers for a flight and its return. */
export interface FlightNumbers {
  carrierCode: string
  outbound: number
  inbound: number
}

const LAST_NUMBER = 9999

/**
 * Gives out carriers and flight numbers, each number once for a carrier. `forRoute` decides who flies a route: carriers
 * with a hub at an end, those at home at both first, more of them the more flights there are; its answer names the
 * carriers of one round trip after the other, in turn. Throws when all the numbers of all carriers are taken.
 */
export function assignCarriers(carriers: Carrier[], places: Place[], random: () => number) {
  const placeOf = new Map(places.map((place) => [place.code, place]))
  const used = new Map(carriers.map((carrier) => [carrier.code, 0]))

  const forRoute = (route: Route): (() => FlightNumbers) => {
    const competitors = competitorsOn(route, carriers, placeOf, random)
    let turn = 0
    return () => {
      const inTurn = competitors[turn++ % competitors.length]!.code
      const code = used.get(inTurn)! + 2 <= LAST_NUMBER ? inTurn : leastBusy(used)
      const outbound = used.get(code)! + 1
      if (outbound >= LAST_NUMBER) throw new Error("there are more flights than flight numbers")
      used.set(code, outbound + 1)
      return { carrierCode: code, outbound, inbound: outbound + 1 }
    }
  }
  return { forRoute }
}

function competitorsOn(
  { from, to, weeklyRoundTrips }: Route,
  carriers: Carrier[],
  placeOf: Map<string, Place>,
  random: () => number,
): Carrier[] {
  const atHome = (carrier: Carrier) => carrier.hubs.filter((hub) => hub === from.code || hub === to.code).length
  const candidates = carriers
    .map((carrier) => ({ carrier, rank: atHome(carrier) + random() }))
    .filter(({ rank }) => rank >= 1)
    .sort((a, b) => b.rank - a.rank || (a.carrier.code < b.carrier.code ? -1 : 1))
    .map(({ carrier }) => carrier)
  if (candidates.length === 0) return [nearestCarrier(from, carriers, placeOf)]
  return candidates.slice(0, weeklyRoundTrips < 10 ? 1 : weeklyRoundTrips < 28 ? 2 : 3)
}

/** For a route that touches no hub; without any hub in the network, the first carrier. */
function nearestCarrier(place: Place, carriers: Carrier[], placeOf: Map<string, Place>): Carrier {
  const kmToHub = (carrier: Carrier) =>
    Math.min(...carrier.hubs.map((hub) => placeOf.get(hub)).map((hub) => (hub ? distanceKm(place, hub) : Infinity)))
  return carriers.reduce((nearest, carrier) => (kmToHub(carrier) < kmToHub(nearest) ? carrier : nearest))
}

function leastBusy(used: Map<string, number>): string {
  return [...used].reduce((least, entry) => (entry[1] < least[1] ? entry : least))[0]
}
