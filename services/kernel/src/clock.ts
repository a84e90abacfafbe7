/** What time it is. Rules about money and seats are judged by the database's clock; this one is for tokens and waits. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()

const MINUTE_MILLISECONDS = 60_000
/** By zone: thousands ask in the same minute, and no day begins within one. */
const asked = new Map<string, { minute: number; date: string }>()

/** The civil date, YYYY-MM-DD, that the clock on the wall shows in a zone. */
export function civilDate(instant: Date, timeZone: string): string {
  const minute = Math.floor(instant.getTime() / MINUTE_MILLISECONDS)
  const known = asked.get(timeZone)
  if (known?.minute === minute) return known.date
  const beginning = Temporal.Instant.fromEpochMilliseconds(minute * MINUTE_MILLISECONDS)
  const date = beginning.toZonedDateTimeISO(timeZone).toPlainDate().toString()
  asked.set(timeZone, { minute, date })
  return date
}
