import { accessSync, constants, statSync } from "node:fs"
import { parseArgs } from "node:util"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { type SkippedRow, UnreadableFile } from "../services/backend/seed/imports.ts"
import { BadArguments, explain, onProgress, withDatabase } from "./run-database-task.ts"

export interface ImportTask<O> {
  database: Database
  /** Its path; it can be read. */
  file: string
  dryRun: boolean
  sellingCurrency: string
  options: O
  onProgress: (done: number, all: number) => void
}

export interface ImportScript<O, R> {
  run: (task: ImportTask<O>) => Promise<R>
  summary: (result: R) => string[]
  /** What the file is made of, and what is skipped without any harm. */
  words?: { rows: string; harmless: string }
}

type StringOptions = Record<string, { type: "string" }>

/**
 * The frame of an import script: arguments, file, database, progress on a terminal, summary and skipped rows (or, with
 * --json, the result as it is), exit code. Does not return.
 */
export async function runImport<O extends StringOptions, R extends { rows: number; skipped: SkippedRow[] }>(
  usage: string,
  ownOptions: O,
  { run, summary, words = { rows: "rows", harmless: "duplicates" } }: ImportScript<{ [K in keyof O]?: string }, R>,
): Promise<never> {
  try {
    const { file, dryRun, json, options } = readArguments(ownOptions)
    requireReadable(file)
    const result = await withDatabase((environment) => {
      const sellingCurrency = environment.SELLING_CURRENCY!
      const database = connectDatabase({ url: environment.DATABASE_URL!, connections: 2, name: "airside-import" })
      return run({ database, file, dryRun, sellingCurrency, options, onProgress }).finally(() => database.close())
    })
    const bad = result.skipped.filter((row) => !row.duplicate)
    if (json) console.log(JSON.stringify({ dry_run: dryRun, ...snakeCase(result) }, null, 2))
    else {
      for (const row of result.skipped) console.log(`${file}:${placeOf(row)}: skipped: ${row.reason}`)
      const harmless = `${result.skipped.length - bad.length} ${words.harmless}`
      console.log(`${result.rows} ${words.rows} read, ${harmless} and ${bad.length} bad ${words.rows} skipped`)
      for (const sentence of summary(result)) console.log(sentence)
      if (dryRun) console.log("dry run: nothing was kept")
    }
    process.exit(bad.length > 0 ? 2 : 0)
  } catch (error) {
    console.error(error instanceof UnreadableFile ? `nothing was imported: ${error.message}` : explain(error, usage))
    process.exit(1)
  }
}

function readArguments<O extends StringOptions>(ownOptions: O) {
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      options: { ...ownOptions, "dry-run": { type: "boolean" }, json: { type: "boolean" } },
      allowPositionals: true,
    })
    if (positionals.length !== 1) throw new BadArguments("name one file")
    const options = values as { [K in keyof O]?: string } & { "dry-run"?: boolean; json?: boolean }
    return { file: positionals[0]!, dryRun: options["dry-run"] ?? false, json: options.json ?? false, options }
  } catch (error) {
    throw new BadArguments((error as Error).message)
  }
}

function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK)
    if (statSync(file).isFile()) return
  } catch {
    // said below
  }
  throw new BadArguments(`${file} cannot be read`)
}

/** As compilers write it. */
function placeOf({ line, column }: SkippedRow): string {
  return column === undefined ? String(line) : `${line}:${column}`
}

/** The keys of the result as JSON has them everywhere in Airside. */
function snakeCase(result: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(result).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}

/** The value of --rate; undefined without one. */
export function parseRate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rate = /^\d*\.?\d+$/.test(text) ? Number(text) : 0
  if (!(rate > 0)) throw new BadArguments(`--rate must be a number such as 0.012, not ${text}`)
  return rate
}
