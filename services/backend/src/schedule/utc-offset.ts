/** For what has one offset all year: where summer time differs, the winter of the northern half counts. */
const REFERENCE_TIME = Temporal.Instant.from("2027-01-15T12:00Z")

/** Minutes that the zone is ahead of UTC in January. */
export function utcOffsetMinutes(timeZone: string): number {
  return REFERENCE_TIME.toZonedDateTimeISO(timeZone).offsetNanoseconds / 60e9
}
