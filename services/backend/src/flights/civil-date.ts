/** True for a date that exists, written YYYY-MM-DD, of a year that PostgreSQL knows too. */
export function isCivilDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith("0000")) return false
  try {
    Temporal.PlainDate.from(text, { overflow: "reject" })
    return true
  } catch {
    return false
  }
}

/** The weekday of a day since 1970-01-01, a Thursday; 0 is Monday. */
export const weekdayOf = (day: number): number => (day + 3) % 7
