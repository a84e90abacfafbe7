import { holdAccount } from "../accounts/hold-account.ts"
import type { Context } from "../context.ts"

const BATCH = 100

/**
 * Expires what is due in every account, oldest first, an account a transaction. Any number of nodes may sweep at once:
 * who holds the account finds the lots, who comes later finds none.
 */
export async function sweepLots({ database }: Context): Promise<void> {
  for (;;) {
    const due = await database.sql<{ userId: string }[]>`
      select user_id as "userId"
      from lots
      where remaining > 0 and expire_time <= now()
      order by expire_time
      limit ${BATCH}`
    for (const userId of new Set(due.map((lot) => lot.userId))) {
      await database.inTransaction((tx) => holdAccount(tx, userId), { repeatable: true })
    }
    if (due.length < BATCH) return
  }
}
