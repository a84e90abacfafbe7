import { type Place, readPlaces } from "../../services/backend/seed/places.ts"
import type { NetworkOptions } from "../../services/backend/seed/seed-network.ts"
import { createRandom } from "../chaos/random.ts"

/** The made-up network that an installation starts with, at 6 000 daily flights. */
export const usualNetwork = (dailyFlights: number): NetworkOptions => ({ seed: 1, dailyFlights })

const LARGE_PLACES = 800
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
const KM_A_DEGREE = 111
const NEAR_KM = 120
const FAR_KM = 700

/** Ten times the flights between 800 airports, by the same rules of demand, hubs and times. The same each time. */
export function largeNetwork(usualDailyFlights: number): NetworkOptions {
  return { seed: 1, dailyFlights: 10 * usualDailyFlights, furtherPlaces: makePlaces(LARGE_PLACES) }
}

/** As many made-up airports as bring the world to `count`: each some way from a real one, in its country and zone. */
export function makePlaces(count: number): Place[] {
  const real = readPlaces()
  const random = createRandom("airside-bench", "places")
  const taken = new Set(real.flatMap(({ code, cityCode = code }) => [code, cityCode]))
  return Array.from({ length: count - real.length }, (_, index) => {
    const neighbour = random.pick(real)
    const bearing = random.next() * 2 * Math.PI
    const degrees = (NEAR_KM + random.next() * (FAR_KM - NEAR_KM)) / KM_A_DEGREE
    const latitude = Math.max(-75, Math.min(75, neighbour.latitude + degrees * Math.cos(bearing)))
    const shift = (degrees * Math.sin(bearing)) / Math.cos((latitude * Math.PI) / 180)
    return {
      ...neighbour,
      code: freeCode(taken),
      name: `Made-up Airport ${index + 1}`,
      city: `Made-up ${index + 1}`,
      cityCode: undefined,
      latitude,
      longitude: ((neighbour.longitude + shift + 540) % 360) - 180,
    }
  })
}

/** The first code that no airport has, from the end of the alphabet. */
function freeCode(taken: Set<string>): string {
  for (let number = 26 ** 3 - 1; ; number--) {
    const code = [26 ** 2, 26, 1].map((weight) => LETTERS[Math.floor(number / weight) % 26]).join("")
    if (taken.has(code)) continue
    taken.add(code)
    return code
  }
}
