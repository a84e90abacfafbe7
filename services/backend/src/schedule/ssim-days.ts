/**
 * Civil dates as whole days since 1970-01-01 and times as minutes since then: a million records go through here, and
 * whole numbers compare and shift cheaply. What a zone does with them is in ssim-zones.ts.
 */

export const DAY_MINUTES = 1440
const DAY_MS = 86_400_000
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

/** The day that "29OCT27" writes (years are 2000 to 2099), undefined for one that no calendar has. */
export function dayOf(text: string): number | undefined {
  const [, date, month, year] = /^(\d\d)([A-Z]{3})(\d\d)$/.exec(text) ?? []
  const midnight = Date.UTC(2000 + Number(year), MONTHS.indexOf(month ?? ""), Number(date))
  const day = midnight / DAY_MS
  return month && MONTHS.includes(month) && isoDate(day).endsWith(`-${date}`) ? day : undefined
}

/** "2027-10-29". */
export function isoDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** 0 = Monday; 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7
}

/** These weekdays between two days, both included, ascending. */
export function operatingDates(days: readonly number[], from: number, until: number): number[] {
  const dates: number[] = []
  for (let day = from; day <= until; day++) if (days.includes(weekdayOf(day))) dates.push(day)
  return dates
}
