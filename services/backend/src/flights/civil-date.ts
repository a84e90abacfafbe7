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
