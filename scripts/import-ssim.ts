/**
 * `bun run import:ssim FILE [--rate N] [--level N] [--carriers XX=NAME,…] [--dry-run] [--json]`: loads an airline's
 * schedule (IATA SSIM, chapter 7) beside the flights that are there. The format has neither fares nor names: fares are
 * made up by distance in US dollars, times `--level` (1 is usual) and, into the selling currency, times `--rate` (or about
 * the usual one); a new carrier is called what `--carriers` says, or else by its code.
 * Exit codes: 0 all imported, there already or nothing for passengers, 1 nothing imported, 2 imported but for the bad
 * records that it lists.
 */

import { statSync } from "node:fs"
import { importSsim, type SsimImport } from "../services/backend/seed/imports.ts"
import { BadArguments } from "./run-database-task.ts"
import { parseRate, runImport } from "./run-import.ts"

const OPTIONS = { rate: { type: "string" }, level: { type: "string" }, carriers: { type: "string" } } as const
const USAGE = "bun run import:ssim FILE [--rate N] [--level N] [--carriers XX=NAME,…] [--dry-run] [--json]"
/** With its line break. */
const RECORD_BYTES = 201

await runImport(USAGE, OPTIONS, {
  run({ database, file, dryRun, sellingCurrency, options, onProgress }) {
    const records = Math.ceil(statSync(file).size / RECORD_BYTES)
    return importSsim(database, () => Bun.file(file).stream(), {
      sellingCurrency,
      rate: parseRate(options.rate),
      level: parseLevel(options.level),
      carrierNames: parseCarriers(options.carriers ?? ""),
      dryRun,
      onProgress: (bytes) => onProgress(Math.min(records, Math.round(bytes / RECORD_BYTES)), records),
    })
  },
  summary: (result: SsimImport) => [
    `${result.legs} legs are ${result.flights} flights with ${result.days} departures`,
    `${result.imported} imported, ${result.alreadyThere} already there, ${result.newCarriers} new carriers`,
    ...(result.otherOffsets > 0
      ? [
          `${result.otherOffsets} legs state another offset from UTC than their airports have: the airports' zones count`,
        ]
      : []),
  ],
  words: { rows: "records", harmless: "code shares, duplicates and legs without passengers" },
})

function parseLevel(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const level = /^\d*\.?\d+$/.test(text) ? Number(text) : 0
  if (!(level > 0 && level <= 100))
    throw new BadArguments(`--level must be a number up to 100 such as 1.2, not ${text}`)
  return level
}

/** "ZZ=Zephyr,YY=Yonder Air". */
function parseCarriers(text: string): Map<string, string> {
  const pairs = text === "" ? [] : text.split(",")
  return new Map(
    pairs.map((pair) => {
      const [, code, name] = /^\s*([A-Z0-9]{2,3})\s*=\s*(\S.*?)\s*$/.exec(pair) ?? []
      if (!code || !name) throw new BadArguments(`--carriers must be such as "ZZ=Zephyr,YY=Yonder Air", not ${text}`)
      return [code, name]
    }),
  )
}
