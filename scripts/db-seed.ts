/**
 * `bun run db:seed [--seed N] [--daily-flights N] [--rate N] [--dry-run] [--json]`: fills a migrated database with places, carriers,
 * a weekly schedule and the loyalty tiers, as far as they are missing. Fares and charges are made up in US dollars and
 * multiplied by --rate (or about the usual one) into the selling currency. Exit codes: 0 done, 1 failed.
 */

import { connectDatabase, type Database } from "@airside/kernel/sql"
import { type NetworkOptions, seedNetwork } from "../services/backend/seed/seed-network.ts"
import { seedTiers } from "../services/loyalty/seed/tiers.ts"
import { BadArguments, runDatabaseTask } from "./run-database-task.ts"

/** How many rows were added (or, dry, would be). */
export type Seeded = { places: number; carriers: number; flights: number; tiers: number }

/** Seeds both schemas over the administrator's connection; a second time adds nothing. */
export async function seedAll(database: Database, options: NetworkOptions = {}): Promise<Seeded> {
  const tiers = await seedTiers(database.sql, { dryRun: options.dryRun })
  const network = await seedNetwork(database, options)
  return { ...network, tiers: tiers.length }
}

if (import.meta.main) {
  await runDatabaseTask(
    "bun run db:seed [--seed N] [--daily-flights N] [--rate N] [--dry-run] [--json]",
    { seed: { type: "string" }, "daily-flights": { type: "string" }, rate: { type: "string" } },
    {
      async run({ environment, dryRun, options, onProgress }) {
        const seed = wholeNumber("--seed", options.seed, 0, 2 ** 31 - 1)
        const dailyFlights = wholeNumber("--daily-flights", options["daily-flights"], 1, 100_000)
        const rate = positiveNumber("--rate", options.rate)
        const currency = environment.SELLING_CURRENCY
        const database = connectDatabase({ url: environment.DATABASE_URL!, connections: 2, name: "airside-seed" })
        return seedAll(database, { seed, dailyFlights, currency, rate, dryRun, onProgress }).finally(() =>
          database.close(),
        )
      },
      summary: ({ places, carriers, flights, tiers }) => [
        `added: ${places} places, ${carriers} carriers, ${flights} flights, ${tiers} loyalty tiers`,
      ],
    },
  )
}

function wholeNumber(name: string, text: string | undefined, minimum: number, maximum: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < minimum || number > maximum) {
    throw new BadArguments(`${name} must be a whole number from ${minimum} to ${maximum}`)
  }
  return number
}

function positiveNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!(number > 0 && number <= 1_000_000)) throw new BadArguments(`${name} must be a number above 0`)
  return number
}
