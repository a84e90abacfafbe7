/** What time it is. Rules about money and seats are judged by the database's clock; this one is for tokens and waits. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()

/** The civil date, YYYY-MM-DD, that the clock on the wall shows in a zone. */
export function civilDate(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}
