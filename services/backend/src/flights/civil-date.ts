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

const DAY_MILLISECONDS = 86_400_000
/** The few days on sale are asked for thousands of times a second. */
const days = new Map<string, number>()
const dates = new Map<number, string>()

/** Days since 1970-01-01 of a civil date, YYYY-MM-DD. */
export function dayOf(date: string): number {
  let day = days.get(date)
  if (day === undefined) {
    day = Date.parse(date) / DAY_MILLISECONDS
    days.set(date, day)
  }
  return day
}

/** The civil date of a day since 1970-01-01. */
export function dateOf(day: number): string {
  let date = dates.get(day)
  if (date === undefined) {
    date = new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10)
    dates.set(day, date)
  }
  return date
}

/** The weekday of a day since 1970-01-01, a Thursday; 0 is Monday. */
export const weekdayOf = (day: number): number => (day + 3) % 7
