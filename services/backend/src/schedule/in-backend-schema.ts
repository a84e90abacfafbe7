import type { Database, Transaction } from "@airside/kernel/sql"

class RolledBack extends Error {}

/**
 * Runs a load in one transaction inside backend's schema, on the administrator's connection as well as on backend's
 * own; who keeps the schedule in memory is told by its version. A dry run does everything and takes it back, so that it answers what a real run would.
 */
export async function inBackendSchema<T>(
  database: Database,
  dryRun: boolean,
  load: (tx: Transaction) => Promise<T>,
): Promise<T> {
  let result: { value: T } | undefined
  try {
    await database.inTransaction(
      async (tx) => {
        await tx`set local search_path to backend`
        result = { value: await load(tx) }
        await tx`update schedule set version = version + 1`
        if (dryRun) throw new RolledBack()
      },
      { repeatable: true }, // a second run finds what the first one has left, and adds nothing
    )
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  return result!.value
}
