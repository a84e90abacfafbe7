import { AIRCRAFT, type Aircraft, type AircraftCode } from "../../seed/aircraft.ts"
import type { Route } from "./choose-routes.ts"

/** Turboprops are for short ways. */
const TURBOPROP_KM = 900
/** Long-range types are for long ways, but the busiest shorter routes have a few of the big ones. */
const LONG_RANGE_KM = 8_000
const LONG_WAY_KM = 4_000
const BUSY_WEEKLY = 70

/**
 * The aircraft within range whose seats are closest to what a flight on the route needs: more on longer and on busier
 * ways. With some variety between the flights of a route.
 */
export function chooseAircraft(
  route: Pick<Route, "distanceKm" | "weeklyRoundTrips">,
  random: () => number,
): AircraftCode {
  const { distanceKm, weeklyRoundTrips } = route
  const usual = 80 * (1 + distanceKm / 2_800) * (weeklyRoundTrips / 7) ** 0.35
  const seats = usual * (0.75 + 0.5 * random())
  const longRange = distanceKm > LONG_WAY_KM || (weeklyRoundTrips > BUSY_WEEKLY && random() < 0.15)
  let best: AircraftCode = "A350-900"
  let bestMisfit = Infinity
  for (const [code, aircraft] of Object.entries(AIRCRAFT) as [AircraftCode, Aircraft][]) {
    if (distanceKm > aircraft.rangeKm || (aircraft.rangeKm > LONG_RANGE_KM && !longRange)) continue
    if (code === "ATR 72" && distanceKm > TURBOPROP_KM) continue
    const misfit = Math.abs(Math.log(seatsOf(aircraft) / seats))
    if (misfit < bestMisfit) [best, bestMisfit] = [code, misfit]
  }
  return best
}

function seatsOf(aircraft: Aircraft): number {
  return Object.values(aircraft.cabins).reduce((total, seats) => total + seats, 0)
}
