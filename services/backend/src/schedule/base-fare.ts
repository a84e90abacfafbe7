import type { Aircraft, Cabin } from "../../seed/aircraft.ts"

export interface FlightCabin {
  cabin: Cabin
  /** Seats for sale. */
  capacity: number
  /** Base fare of one adult one way in minor units of the selling currency, before taxes and brand. */
  fareMinorUnits: number
}

/** From the back to the front. */
export const CABINS: Cabin[] = ["economy", "premium_economy", "business", "first"]

const MINOR_UNITS = 100
/** A cabin costs more over economy the longer the flight is: a wider seat by day, a bed by night. */
const MULTIPLIERS: Record<Cabin, { near: number; far: number }> = {
  economy: { near: 1, far: 1 },
  premium_economy: { near: 1.5, far: 1.8 },
  business: { near: 2.4, far: 3.9 },
  first: { near: 4, far: 6.5 },
}
const FAR_KM = 8_000

/**
 * The cabins of an aircraft with their base fares in whole units: a fixed part and one that grows a little slower
 * than the distance, so that two flights do not cost far more than one, times `level` (1 = the market's usual price).
 */
export function priceCabins(aircraft: Aircraft, distanceKm: number, level: number): FlightCabin[] {
  const economy = (12 + 0.19 * distanceKm ** 0.86) * level
  const nearness = Math.max(0, 1 - distanceKm / FAR_KM)
  return CABINS.flatMap((cabin) => {
    const capacity = aircraft.cabins[cabin]
    if (!capacity) return []
    const { near, far } = MULTIPLIERS[cabin]
    const fare = Math.round(economy * (far + (near - far) * nearness))
    return [{ cabin, capacity, fareMinorUnits: fare * MINOR_UNITS }]
  })
}
