import { holdAccount } from "../accounts/hold-account.ts"
import type { Context } from "../context.ts"

const BATCH = 100

/**
 * Expires what is due in every account, oldest first, an account a transaction. Any number of nodes may sweep at once:
 * who holds the account finds the lots, who comes later finds none. An account that cannot be swept keeps nobody else's
 * points: it is left to the next sweep, and what was wrong with it is thrown at the end.
 */
export async function sweepLots({ database }: Context): Promise<void> {
  const failed = new Map<string, unknown>()
  for (;;) {
    const due = await database.sql<{ userId: string }[]>`
      select user_id as "userId"
      from lots
      where remaining > 0 and expire_time <= now() and user_id <> all(${[...failed.keys()]}::uuid[])
      order by expire_time
      limit ${BATCH}`
    for (const userId of new Set(due.map((lot) => lot.userId))) {
      const swept = database.inTransaction((tx) => holdAccount(tx, userId), { repeatable: true })
      await swept.catch((error) => failed.set(userId, error))
    }
    if (due.length < BATCH || failed.size >= BATCH) break
  }
  if (failed.size > 0) {
    throw new AggregateError(failed.values(), `points of ${[...failed.keys()].join(", ")} could not expire`)
  }
}
