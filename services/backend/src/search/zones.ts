const MINUTES_OF_DAY = 1440
const DAY_MILLISECONDS = 86_400_000

/**
 * The clocks of time zones between two days, for looking up by the million: minutes east of UTC at the beginning of
 * each day, and the exact instants on the few days on which the clocks change. Instants are minutes since
 * 1970-01-01T00:00Z.
 */
export interface Zones {
  /** A zone's number; the same name always has the same one. */
  numberOf(name: string): number
  /** The instant of a local time, as Temporal's "compatible": skipped in spring, the hour after; twice in autumn, the first. */
  instantOf(zone: number, day: number, minuteOfDay: number): number
  /** Minutes east of UTC all through a local day and the day before; undefined about when the clocks change. */
  steadyOffset(zone: number, day: number): number | undefined
  /** Minutes east of UTC at an instant. */
  offsetAt(zone: number, instant: number): number
}

/** In place of an offset. */
const CHANGING = 0x7fff

interface Change {
  instant: number
  before: number
  after: number
}

export function createZones(firstDay: number, lastDay: number): Zones {
  const days = lastDay - firstDay + 1
  const numbers = new Map<string, number>()
  const offsets: Int16Array[] = []
  const steadyOffsets: Int16Array[] = []
  const changes: Change[][] = []

  /** What is beyond the days that are known has the offset of the last of them. */
  const offsetOn = (zone: number, day: number) => offsets[zone]![Math.min(Math.max(day - firstDay, 0), days)]!
  const changeNear = (zone: number, local: number) =>
    changes[zone]!.find(({ instant, before }) => Math.abs(instant + before - local) <= MINUTES_OF_DAY)

  const steadyOffset = (zone: number, day: number) => {
    const offset = steadyOffsets[zone]![day - firstDay]
    return offset === CHANGING ? undefined : offset
  }

  return {
    numberOf(name) {
      const known = numbers.get(name)
      if (known !== undefined) return known
      const zone = offsets.length
      numbers.set(name, zone)
      const found = changesOf(name, firstDay, lastDay)
      changes.push(found)
      offsets.push(offsetsOf(name, firstDay, days, found))
      // A change at midnight counts for the day that begins with it.
      const isSteady = (day: number) =>
        offsetOn(zone, day) === offsetOn(zone, day + 1) && offsetOn(zone, day) === offsetOn(zone, day - 1)
      steadyOffsets.push(
        Int16Array.from({ length: days }, (_, index) =>
          isSteady(firstDay + index) ? offsetOn(zone, firstDay + index) : CHANGING,
        ),
      )
      return zone
    },
    steadyOffset,
    instantOf(zone, day, minuteOfDay) {
      const local = day * MINUTES_OF_DAY + minuteOfDay
      const offset = steadyOffset(zone, day)
      if (offset !== undefined) return local - offset
      const change = changeNear(zone, local)
      if (!change) return local - offsetOn(zone, day)
      if (local - change.before < change.instant) return local - change.before
      const after = local - change.after
      return after >= change.instant ? after : local - change.before
    },
    offsetAt(zone, instant) {
      const day = Math.floor(instant / MINUTES_OF_DAY)
      const offset = steadyOffset(zone, day)
      // The local time is of this day, or of half a day before or after it.
      if (offset !== undefined && offset === steadyOffset(zone, day + 1)) return offset
      const change = changes[zone]!.find((each) => Math.abs(each.instant - instant) <= 2 * MINUTES_OF_DAY)
      if (!change) return offsetOn(zone, day)
      return instant < change.instant ? change.before : change.after
    },
  }
}

function changesOf(name: string, firstDay: number, lastDay: number): Change[] {
  const changes: Change[] = []
  const end = (lastDay + 2) * DAY_MILLISECONDS
  let at = startOf(name, firstDay - 2)
  for (;;) {
    const next = at.getTimeZoneTransition("next")
    if (!next || next.epochMilliseconds > end) return changes
    const before = minutesEast(next.subtract({ minutes: 1 }))
    const after = minutesEast(next)
    if (before !== after) changes.push({ instant: next.epochMilliseconds / 60_000, before, after })
    at = next
  }
}

/** At the beginning of each local day, and of the one after the last. */
function offsetsOf(name: string, firstDay: number, days: number, changes: Change[]): Int16Array {
  const first = minutesEast(startOf(name, firstDay - 2))
  return Int16Array.from({ length: days + 1 }, (_, index) => {
    const local = (firstDay + index) * MINUTES_OF_DAY
    return changes.findLast(({ instant, before }) => local >= instant + before)?.after ?? first
  })
}

const startOf = (name: string, day: number) =>
  Temporal.Instant.fromEpochMilliseconds(day * DAY_MILLISECONDS).toZonedDateTimeISO(name)

const minutesEast = (at: Temporal.ZonedDateTime) => at.offsetNanoseconds / 60_000_000_000
