import { DAY_MINUTES } from "./ssim-days.ts"

/** From this minute since 1970-01-01T00:00Z on, the zone is so many minutes ahead of UTC. */
interface Offset {
  start: number
  minutes: number
}

/** The zone's rules are asked once a year of use: Temporal takes some 0.1 ms for a transition, a file has millions. */
const known = new Map<string, Map<number, Offset[]>>()

/** Minutes that a zone is ahead of UTC at a minute since 1970-01-01T00:00Z. */
export function offsetAt(timeZone: string, minute: number): number {
  const offsets = offsetsOfYear(timeZone, new Date(minute * 60_000).getUTCFullYear())
  for (let index = offsets.length - 1; index > 0; index--)
    if (offsets[index]!.start <= minute) return offsets[index]!.minutes
  return offsets[0]!.minutes
}

/**
 * The minute since 1970-01-01T00:00Z at which the clocks of a zone show a local time, given as minutes since 1970-01-01
 * there. As everywhere in Airside, a time that the clocks skip in spring means the hour after, and one that comes twice
 * in autumn the first (Temporal's "compatible").
 */
export function instantOf(timeZone: string, local: number): number {
  const before = local - offsetAt(timeZone, local - DAY_MINUTES)
  const after = local - offsetAt(timeZone, local + DAY_MINUTES)
  const fits = [before, after].filter((instant) => instant + offsetAt(timeZone, instant) === local)
  return fits.length > 0 ? Math.min(...fits) : before
}

/** Minutes since 1970-01-01T00:00Z at which a zone may change its offset in the given years, each New Year among them. */
export function changesOf(timeZone: string, fromYear: number, untilYear: number): number[] {
  const changes: number[] = []
  for (let year = fromYear; year <= untilYear; year++)
    for (const { start } of offsetsOfYear(timeZone, year)) changes.push(start)
  return changes
}

/** The offset with which a UTC year begins, then each change. */
function offsetsOfYear(timeZone: string, year: number): Offset[] {
  const years = known.get(timeZone) ?? new Map<number, Offset[]>()
  known.set(timeZone, years)
  const offsets = years.get(year) ?? readOffsets(timeZone, year)
  years.set(year, offsets)
  return offsets
}

function readOffsets(timeZone: string, year: number): Offset[] {
  const end = Date.UTC(year + 1, 0, 1)
  let time: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(
    Date.UTC(year, 0, 1),
  ).toZonedDateTimeISO(timeZone)
  const offsets: Offset[] = []
  while (time && time.epochMilliseconds < end) {
    const offset = { start: time.epochMilliseconds / 60_000, minutes: time.offsetNanoseconds / 60e9 }
    if (offset.minutes !== offsets.at(-1)?.minutes) offsets.push(offset)
    time = time.getTimeZoneTransition("next")
  }
  return offsets
}
