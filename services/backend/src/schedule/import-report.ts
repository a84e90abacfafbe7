/** A row of the file that was not imported. */
export interface SkippedRow {
  /** In the file, 1 = the header. */
  line: number
  /** 1 = the first byte; only where the file has fixed columns. */
  column?: number
  reason: string
  /** The same as an earlier row, or nothing for passengers: nothing is wrong, and nothing is lost. */
  duplicate: boolean
}

/** The file as a whole cannot be imported; the message says why. */
export class UnreadableFile extends Error {}

/** Throws UnreadableFile that names all the columns that are missing. */
export function requireColumns(columns: string[], required: string[]): void {
  const missing = required.filter((name) => !columns.includes(name))
  if (missing.length > 0) throw new UnreadableFile(`the header has no column ${missing.join(", ")}`)
}

/** What is wrong with one row: it is reported with its line, and its column where known, and skipped whole. */
export class BadRow extends Error {
  constructor(
    message: string,
    readonly column?: number,
  ) {
    super(message)
  }
}
