import type { Clock } from "@airside/kernel/clock"
import type { Sql } from "@airside/kernel/sql"
import { dateOf } from "../flights/civil-date.ts"
import { type Availability, createTakenSeats } from "./availability.ts"
import { readSchedule, readScheduleVersion, readTakenSeats } from "./read-schedule.ts"
import { buildTimetable, type ScheduleRows, type Timetable } from "./timetable.ts"

/** A departure whose seats are others now, by its route and local day; or anything. */
export type Change = { origin: string; destination: string; day: number } | "everything"

/** The timetable and the seats that are taken, in memory, as the database has them. */
export interface LiveTimetable {
  /** Follows what has changed since the last time; the first time reads everything. To be called a few times a second. */
  refresh(): Promise<void>
  /** Waits for the first refresh. */
  current(): Promise<{ timetable: Timetable; availability: Availability }>
  /** Tells after each refresh what has changed, often nothing, until the returned function is called. */
  watch(listener: (changes: Change[]) => void): () => void
}

/** Yesterday's flights still leave today in the west, and clocks are asked for a little beyond the last sale. */
const DAYS_BEFORE = 2
const DAYS_AFTER = 8
const DAY_MILLISECONDS = 86_400_000

export function createLiveTimetable(options: {
  sql: Sql
  clock: Clock
  currency: string
  saleHorizonDays: number
}): LiveTimetable {
  const { sql, clock, currency, saleHorizonDays } = options
  const listeners = new Set<(changes: Change[]) => void>()
  const taken = createTakenSeats()
  const loaded = Promise.withResolvers<void>()
  let rows: ScheduleRows | undefined
  let version = 0n
  let today = 0
  let seatsReadSince: bigint | undefined
  let state: { timetable: Timetable; availability: Availability } | undefined

  const followSchedule = async (): Promise<boolean> => {
    const [newVersion, newToday] = [await readScheduleVersion(sql), Math.floor(clock().getTime() / DAY_MILLISECONDS)]
    if (rows && newVersion === version && newToday === today) return false
    if (!rows || newVersion !== version) rows = await readSchedule(sql)
    version = newVersion
    today = newToday
    return true
  }
  const followSeats = async () => {
    const read = await readTakenSeats(sql, dateOf(today - DAYS_BEFORE), seatsReadSince)
    seatsReadSince = read.nextSince
    return read.taken.filter((each) => taken.set(each))
  }
  const tell = (changes: Change[]) => {
    for (const listener of listeners) listener(changes)
  }

  return {
    async refresh() {
      const isNew = await followSchedule()
      const news = await followSeats()
      if (isNew || !state) {
        taken.forgetBefore(today - DAYS_BEFORE)
        const days = { firstDay: today - DAYS_BEFORE, lastDay: today + saleHorizonDays + DAYS_AFTER }
        const timetable = buildTimetable(rows!, { currency, ...days })
        state = { timetable, availability: taken.over(timetable) }
        loaded.resolve()
        tell(["everything"])
        return
      }
      const { flights, flightNumbers } = state.timetable
      if (news.length > 0) state.availability = taken.over(state.timetable)
      tell(
        news.flatMap(({ flightId, day }) => {
          const flight = flights[flightNumbers.get(flightId) ?? -1]
          return flight ? [{ origin: flight.origin, destination: flight.destination, day }] : []
        }),
      )
    },
    async current() {
      await loaded.promise
      return state!
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
