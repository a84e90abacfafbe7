/** A record of a CSV file: its values by column name, and the line that it starts on (1 = the header). */
export interface CsvRow {
  line: number
  values: Record<string, string>
}

/**
 * Reads CSV as RFC 4180 describes it and spreadsheets write it: quoted commas, quotes and line breaks, CRLF or LF, a
 * byte-order mark, columns in any order. Column names are compared in lower case. Empty lines are skipped, missing
 * trailing values are "". A record that breaks the rules (more values than columns, a quote that is never closed) has
 * its complaint under `malformed`, so that a caller reports it with its line and goes on.
 */
export function parseCsv(text: string): {
  columns: string[]
  rows: CsvRow[]
  malformed: { line: number; reason: string }[]
} {
  const [header, ...records] = splitRecords(text.replace(/^\uFEFF/, ""))
  const columns = (header?.values ?? []).map((name) => name.trim().toLowerCase())
  const rows: CsvRow[] = []
  const malformed: { line: number; reason: string }[] = []
  for (const { line, values, open } of records) {
    if (open) malformed.push({ line, reason: "a quote is never closed" })
    else if (values.length > columns.length) {
      malformed.push({ line, reason: `${values.length} values for ${columns.length} columns` })
    } else rows.push({ line, values: Object.fromEntries(columns.map((name, i) => [name, (values[i] ?? "").trim()])) })
  }
  return { columns, rows, malformed }
}

/** One token at a time: a quoted value, a bare value, a comma or the end of a line. */
function splitRecords(text: string): { line: number; values: string[]; open: boolean }[] {
  const records: { line: number; values: string[]; open: boolean }[] = []
  let line = 1
  let position = 0
  while (position < text.length) {
    const record = { line, values: [] as string[], open: false }
    for (;;) {
      const value = text[position] === '"' ? readQuoted(text, position) : readBare(text, position)
      record.values.push(value.text)
      record.open ||= value.open
      line += value.lineBreaks
      position = value.end
      if (text[position] !== ",") break
      position++
    }
    if (text[position] === "\r") position++
    if (text[position] === "\n") position++
    line++
    if (record.values.length > 1 || record.values[0]?.trim()) records.push(record)
  }
  return records
}

function readQuoted(text: string, start: number) {
  let end = start + 1
  while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1
  const quoted = text.slice(start + 1, end)
  const rest = readBare(text, Math.min(end + 1, text.length))
  return {
    text: quoted.replaceAll('""', '"') + rest.text,
    open: end >= text.length,
    lineBreaks: quoted.split("\n").length - 1,
    end: rest.end,
  }
}

function readBare(text: string, start: number) {
  let end = start
  while (end < text.length && !",\r\n".includes(text[end] ?? "")) end++
  return { text: text.slice(start, end), open: false, lineBreaks: 0, end }
}
