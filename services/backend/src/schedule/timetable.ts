/** A flight there and one back by the same aircraft; departures in local minutes of the day at their place. */
export interface Rotation {
  outbound: number
  inbound: number
  /** Days from the outbound's local departure day to the inbound's, each at its place. */
  inboundDayShift: number
}

export interface Leg {
  outboundMinutes: number
  inboundMinutes: number
  turnaroundMinutes: number
  /** How much later than at dawn to leave when the aircraft stays overnight. */
  morningMinutes: number
  /** UTC offsets of the two ends, in minutes. */
  homeOffset: number
  awayOffset: number
}

const DAY = 1440
const STEP = 5
const LONG_HAUL_MINUTES = 330
const OVERNIGHT_MINUTES = 180

/** How many departures an hour of the day has, by hour: banks in the morning and in the evening. */
const SHORT_HAUL_HOURS = [0, 0, 0, 0, 0, 0, 6, 9, 9, 7, 6, 5, 5, 5, 5, 6, 7, 9, 9, 7, 5, 3, 0, 0]
const LONG_HAUL_HOURS = [1, 0, 0, 0, 0, 0, 0, 1, 3, 5, 6, 6, 5, 4, 3, 3, 3, 4, 5, 5, 6, 7, 8, 6]

/**
 * Times for a rotation that leaves home at about the given share (0 to 1) of the day's departures. Both flights leave
 * and arrive when passengers would want to (night flights are long-hauls only) and keep `gapMinutes` from the
 * departures in the same direction that are taken. In steps of five minutes.
 */
export function planRotation(
  leg: Leg,
  share: number,
  gapMinutes: number,
  outboundTaken: number[],
  inboundTaken: number[],
): Rotation {
  const toAway = leg.awayOffset - leg.homeOffset
  const wanted = quantile(leg.outboundMinutes < LONG_HAUL_MINUTES ? SHORT_HAUL_HOURS : LONG_HAUL_HOURS, share)
  const outbound = nearest(
    wanted,
    (minute) => isComfortable(minute, leg.outboundMinutes, toAway) && isFree(minute, outboundTaken, gapMinutes),
  )
  const ready = outbound + leg.outboundMinutes + toAway + leg.turnaroundMinutes
  const fitsBack = (minute: number) =>
    isComfortable(minute, leg.inboundMinutes, -toAway) && isFree(minute, inboundTaken, gapMinutes)
  const soonest = next(ready, fitsBack)
  const inbound = soonest - ready < OVERNIGHT_MINUTES ? soonest : next(soonest + leg.morningMinutes, fitsBack)
  return { outbound, inbound: ofDay(inbound), inboundDayShift: Math.floor(inbound / DAY) }
}

/** "07:35" for 455. */
export function clockTime(minuteOfDay: number): string {
  const twoDigits = (number: number) => String(number).padStart(2, "0")
  return `${twoDigits(Math.floor(minuteOfDay / 60))}:${twoDigits(minuteOfDay % 60)}`
}

function isComfortable(departure: number, minutes: number, zoneShift: number): boolean {
  const leaves = ofDay(departure)
  const arrives = ofDay(departure + minutes + zoneShift)
  if (arrives > 30 && arrives < 5 * 60) return false
  if (minutes < LONG_HAUL_MINUTES) return leaves >= 5 * 60 + 45 && leaves <= 22 * 60 + 30
  return leaves >= 6 * 60 + 30 || leaves <= 90
}

function isFree(departure: number, taken: number[], gapMinutes: number): boolean {
  return taken.every((other) => {
    const apart = ofDay(departure - other)
    return Math.min(apart, DAY - apart) >= gapMinutes
  })
}

/** The minute of the day before which the given share of the departures have left. */
function quantile(hours: number[], share: number): number {
  let rest = share * hours.reduce((total, hour) => total + hour, 0)
  for (const [hour, departures] of hours.entries()) {
    if (rest < departures) return hour * 60 + STEP * Math.floor((60 * rest) / departures / STEP)
    rest -= departures
  }
  return DAY - STEP
}

/** The closest minute of the day that fits; there is one, as long as gaps leave room for it. */
function nearest(wanted: number, fits: (minute: number) => boolean): number {
  for (let away = 0; away < DAY; away += STEP) {
    if (fits(ofDay(wanted + away))) return ofDay(wanted + away)
    if (fits(ofDay(wanted - away))) return ofDay(wanted - away)
  }
  throw new Error(`no time of the day fits near ${clockTime(wanted)}`)
}

/** The first minute that fits, on the same day or the next. */
function next(earliest: number, fits: (minute: number) => boolean): number {
  const start = STEP * Math.ceil(earliest / STEP)
  for (let minute = start; minute < start + DAY; minute += STEP) if (fits(minute)) return minute
  throw new Error(`no time of the day fits after ${clockTime(ofDay(start))}`)
}

function ofDay(minutes: number): number {
  return ((minutes % DAY) + DAY) % DAY
}
