/** What a spreadsheet would carry out instead of showing it. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n]/

/** By its first bytes spreadsheets know that the text is UTF-8. */
export const UTF8_MARK = "\uFEFF"

/**
 * A record as RFC 4180 has it, with CRLF at its end. Numbers stand as they are; text that a spreadsheet would take for
 * a formula gets an apostrophe in front, as people do who type such text.
 */
export const csvRecord = (cells: readonly (string | bigint)[]): string => `${cells.map(csvCell).join(",")}\r\n`

function csvCell(cell: string | bigint): string {
  if (typeof cell === "bigint") return String(cell)
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
