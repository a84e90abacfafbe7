/**
 * `bun run seed:loyalty [--dry-run] [--json]`: adds the loyalty tiers that are missing; those that were changed stay as
 * they are. Exit codes: 0 done, 1 failed.
 */

import { connectDatabase } from "@airside/kernel/sql"
import { seedTiers } from "../services/loyalty/seed/tiers.ts"
import { runDatabaseTask } from "./run-database-task.ts"

await runDatabaseTask(
  "bun run seed:loyalty [--dry-run] [--json]",
  {},
  {
    async run({ environment, dryRun }) {
      const database = connectDatabase({ url: environment.DATABASE_URL!, connections: 2, name: "airside-seed" })
      return { tiers: await seedTiers(database.sql, { dryRun }).finally(() => database.close()) }
    },
    summary: ({ tiers }) => [tiers.length > 0 ? `added: ${tiers.join(", ")}` : "every tier is there"],
  },
)
