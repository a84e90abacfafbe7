import type { Aircraft } from "../../seed/aircraft.ts"
import { type Coordinates, distanceKm, pointBetween } from "./geography.ts"

/** Airways are a little longer than great circles. */
const DETOUR = 1.045
const LEGS = 8
/** The jet streams: west winds, strongest around 45 degrees north and south. */
const JET_STREAM_KMH = 75
const JET_STREAM_LATITUDE = 45
const JET_STREAM_WIDTH = 18

/**
 * Minutes from gate to gate, in steps of five: the distance at cruise speed with the mean wind along the way, and the
 * type's allowance for taxi, climb and approach. So the same pair takes less time eastbound than westbound.
 */
export function blockMinutes(aircraft: Aircraft, from: Coordinates, to: Coordinates): number {
  const groundSpeedKmh = aircraft.cruiseKmh + tailwindKmh(from, to)
  const minutes = aircraft.allowanceMinutes + (60 * DETOUR * distanceKm(from, to)) / groundSpeedKmh
  return Math.max(25, 5 * Math.round(minutes / 5))
}

/** Mean over the legs of the great circle; negative against the wind. */
function tailwindKmh(from: Coordinates, to: Coordinates): number {
  const legKm = distanceKm(from, to) / LEGS
  if (legKm === 0) return 0
  let sum = 0
  let start = from
  for (let leg = 1; leg <= LEGS; leg++) {
    const end = leg === LEGS ? to : pointBetween(from, to, leg / LEGS)
    const latitude = (start.latitude + end.latitude) / 2
    const offCentre = (Math.abs(latitude) - JET_STREAM_LATITUDE) / JET_STREAM_WIDTH
    sum += JET_STREAM_KMH * Math.exp(-offCentre * offCentre) * eastwardShare(start, end, latitude, legKm)
    start = end
  }
  return sum / LEGS
}

/** From 1 for a leg due east to -1 for one due west. */
function eastwardShare(start: Coordinates, end: Coordinates, latitude: number, legKm: number): number {
  const degrees = ((end.longitude - start.longitude + 540) % 360) - 180
  const eastKm = degrees * 111.2 * Math.cos((latitude * Math.PI) / 180)
  return Math.max(-1, Math.min(1, eastKm / legKm))
}
