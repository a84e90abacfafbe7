import { CABIN_NAMES, type Timetable } from "./timetable.ts"

/** Seats of a departure's cabin that are held or sold, as the database has them. */
export interface TakenSeats {
  flightId: string
  /** Local day of departure, since 1970-01-01. */
  day: number
  cabin: string
  capacity: number
  taken: number
}

/**
 * The seats that are taken, laid over the timetable. Departures that nobody has booked have no entry: they are as empty
 * and as large as their template says.
 */
export interface Availability {
  /** Entries of each flight by dayAndCabin, packed; undefined for most. */
  byFlight: (Map<number, number> | undefined)[]
}

const MOST_SEATS = 65_536
const key = (day: number, cabin: number) => day * CABIN_NAMES.length + cabin

/** Keeps what is taken by the flights' ids, so that it outlives the timetable. */
export function createTakenSeats() {
  const byId = new Map<string, Map<number, number>>()
  return {
    /** True when this is news. What lies over a timetable already shows it, but for a flight's first entry. */
    set({ flightId, day, cabin, capacity, taken }: TakenSeats): boolean {
      const entries = byId.get(flightId) ?? new Map<number, number>()
      const at = key(day, CABIN_NAMES.indexOf(cabin as (typeof CABIN_NAMES)[number]))
      const packed = capacity * MOST_SEATS + taken
      if (entries.get(at) === packed) return false
      entries.set(at, packed)
      byId.set(flightId, entries)
      return true
    },
    /** Forgets the departures before a day. */
    forgetBefore(day: number) {
      for (const [id, entries] of byId) {
        for (const at of entries.keys()) if (at < key(day, 0)) entries.delete(at)
        if (entries.size === 0) byId.delete(id)
      }
    },
    over: ({ flights }: Timetable): Availability => ({ byFlight: flights.map(({ id }) => byId.get(id)) }),
  }
}

/** Capacity × 65 536 + taken; undefined when nobody has booked. */
export const takenOf = ({ byFlight }: Availability, flight: number, day: number, cabin: number): number | undefined =>
  byFlight[flight]?.get(key(day, cabin))

export const capacityIn = (packed: number): number => Math.floor(packed / MOST_SEATS)
export const takenIn = (packed: number): number => packed % MOST_SEATS
