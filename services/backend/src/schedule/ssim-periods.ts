import { BadRow } from "./import-report.ts"
import type { Leg } from "./ssim-data-set.ts"
import { DAY_MINUTES, weekdayOf } from "./ssim-days.ts"
import { changesOf, instantOf, offsetAt } from "./ssim-zones.ts"

/** Days since 1970-01-01 at the leg's departure in the file's time mode, both included. */
export interface Period {
  from: number
  until: number
}

/** A part of a period in which everything stays the same that our flights keep constant. */
export interface Run extends Period {
  /** Local minutes of the day. */
  departureMinutes: number
  /** Days from the file's date of departure to the local one. */
  dayShift: number
  durationMinutes: number
  /** The record's offsets from UTC are those of the zones on at least one of the days. */
  offsetsAgree: boolean
  /** The local time comes twice on this day, and this is the second: our flights know the first only. */
  secondHour: boolean
}

/** A schedule without any end is taken for so long: longer than anybody plans, and than anything is on sale. */
const OPEN_DAYS = 3 * 365
/** Days around a change of clocks are looked at one by one; within so many of them every leg has arrived. */
const NEAR_DAYS = 4
const LONGEST_MINUTES = 2880

/** An open end is the carrier record's, counted at the first leg of the itinerary. Throws BadRow. */
export function periodOf(leg: Leg): Period {
  if (leg.fortnightly && (leg.from === undefined || leg.until === undefined))
    throw new BadRow("a fortnightly leg cannot have an open period", 15)
  const from = leg.from ?? (leg.validFrom === undefined ? undefined : leg.validFrom + leg.departureShift)
  if (from === undefined) throw new BadRow("the period has no beginning, nor has that of the carrier record", 15)
  const until = leg.until ?? (leg.validUntil === undefined ? from + OPEN_DAYS : leg.validUntil + leg.departureShift)
  return { from, until }
}

/** The period cut where the local departure or the duration changes. Throws BadRow. */
export function runsOf(leg: Leg, { from, until }: Period, originZone: string, destinationZone: string): Run[] {
  const cuts = new Set([from])
  const yearOf = (day: number) => new Date(day * DAY_MINUTES * 60_000).getUTCFullYear()
  for (const zone of [originZone, destinationZone]) {
    for (const instant of changesOf(zone, yearOf(from - NEAR_DAYS), yearOf(until + NEAR_DAYS))) {
      const change = Math.floor(instant / DAY_MINUTES)
      for (let day = change - NEAR_DAYS; day <= change + NEAR_DAYS; day++) if (day > from && day <= until) cuts.add(day)
    }
  }
  const runs: Run[] = []
  for (const day of [...cuts].sort((a, b) => a - b)) {
    const run = { ...onDay(leg, day, originZone, destinationZone), from: day, until }
    const last = runs.at(-1)
    if (last && isSame(last, run)) {
      last.offsetsAgree ||= run.offsetsAgree
      continue
    }
    if (last) last.until = day - 1
    runs.push(run)
  }
  return runs
}

/**
 * All of a run, or of a fortnightly leg the weeks in which it operates: the first seven days of the period and each
 * second seven days after them, or, where only that puts the last day of the period on a flight, weeks from Monday.
 */
export function weeksOf(leg: Leg, period: Period, run: Period): Period[] {
  if (!leg.fortnightly) return [run]
  if (!leg.days.includes(weekdayOf(period.from)))
    throw new BadRow("a fortnightly leg must operate on the first day of its period", 15)
  const readings = [period.from, period.from - weekdayOf(period.from)]
  const fits = (start: number) =>
    leg.days.includes(weekdayOf(period.until)) && Math.floor((period.until - start) / 7) % 2 === 0
  const start = readings.find(fits) ?? readings[0]!
  const weeks: Period[] = []
  for (let from = start; from <= run.until; from += 14) {
    const week = { from: Math.max(from, run.from), until: Math.min(from + 6, run.until) }
    if (week.from <= week.until) weeks.push(week)
  }
  return weeks
}

function onDay(leg: Leg, day: number, originZone: string, destinationZone: string): Omit<Run, keyof Period> {
  const departure = instantOn(leg, day, leg.departureMinutes, originZone)
  const arrivalOn = (days: number) => instantOn(leg, day + days, leg.arrivalMinutes, destinationZone)
  const arrival =
    leg.arrivalShift === undefined
      ? [-1, 0, 1, 2].map(arrivalOn).find((instant) => instant > departure)!
      : arrivalOn(leg.arrivalShift - leg.departureShift)
  const durationMinutes = arrival - departure
  if (durationMinutes < 1 || durationMinutes > LONGEST_MINUTES)
    throw new BadRow(`arrives ${durationMinutes} minutes after it leaves`, leg.arrivalShift === undefined ? 58 : 193)
  const originOffset = offsetAt(originZone, departure)
  const local = departure + originOffset
  const localDay = Math.floor(local / DAY_MINUTES)
  return {
    departureMinutes: local - localDay * DAY_MINUTES,
    dayShift: localDay - day,
    durationMinutes,
    offsetsAgree: originOffset === leg.departureOffset && offsetAt(destinationZone, arrival) === leg.arrivalOffset,
    secondHour: instantOf(originZone, local) !== departure,
  }
}

function instantOn(leg: Leg, day: number, minutes: number, zone: string): number {
  const time = day * DAY_MINUTES + minutes
  return leg.timeMode === "utc" ? time : instantOf(zone, time)
}

function isSame(a: Run, b: Run): boolean {
  return (
    a.departureMinutes === b.departureMinutes &&
    a.dayShift === b.dayShift &&
    a.durationMinutes === b.durationMinutes &&
    a.secondHour === b.secondHour
  )
}
