import type { Place } from "../../seed/places.ts"
import { distanceKm } from "./geography.ts"
import { utcOffsetMinutes } from "./utc-offset.ts"

const DAY = 1440
/** Gate to gate: the allowance for taxi, climb and descent, and the fastest and slowest that aircraft fly. */
const ALLOWANCE_MINUTES = 30
const FASTEST_KMH = 1_050
const USUAL_KMH = 780
const SLOWEST_KMH = 250

/**
 * The real minutes of a flight from local arrival minus local departure modulo a day, which is all that some timetables
 * tell: the difference of the zones comes off and whole days go on, so that it fits the distance best. Undefined when
 * nothing fits.
 */
export function realMinutes(localMinutes: number, origin: Place, destination: Place): number | undefined {
  const zoneShift = utcOffsetMinutes(destination.timeZone) - utcOffsetMinutes(origin.timeZone)
  const minutes = (((localMinutes - zoneShift) % DAY) + DAY) % DAY
  const km = distanceKm(origin, destination)
  const shortest = (60 * km) / FASTEST_KMH
  const longest = 2 * ALLOWANCE_MINUTES + (60 * km) / SLOWEST_KMH
  const usual = ALLOWANCE_MINUTES + (60 * km) / USUAL_KMH
  return [minutes, minutes + DAY]
    .filter((candidate) => candidate > 0 && candidate >= shortest && candidate <= longest)
    .sort((a, b) => Math.abs(a - usual) - Math.abs(b - usual))[0]
}
