import { newId } from "@airside/kernel/ids"
import type { Queryable, Transaction } from "@airside/kernel/sql"
import { postTransaction } from "../transactions/post-transaction.ts"
import { drawLots } from "./draw-lots.ts"
import type { Portion } from "./portion.ts"

/** What is left of the lots whose time has come, oldest first. */
export async function findDueLots(tx: Transaction, userId: string): Promise<Portion[]> {
  return tx<Portion[]>`
    select id as "lotId", remaining as points
    from lots
    where user_id = ${userId} and remaining > 0 and expire_time <= now()
    order by expire_time, id`
}

/** Takes lots off the balance, a transaction each; answers the points. */
export async function expireLots(tx: Transaction, userId: string, lots: readonly Portion[]): Promise<bigint> {
  let expired = 0n
  for (const lot of lots) {
    const id = newId()
    await postTransaction(tx, {
      userId,
      id,
      kind: "expire",
      points: -lot.points,
      originalId: lot.lotId,
      description: "Points expired",
    })
    await drawLots(tx, userId, id, [lot])
    expired += lot.points
  }
  return expired
}

/** Whether an account holds points that are not valid any more and not swept yet. */
export async function hasDueLots(sql: Queryable, userId: string): Promise<boolean> {
  const due = await sql`
    select 1
    from lots
    where user_id = ${userId} and remaining > 0 and expire_time <= now()
    limit 1`
  return due.length > 0
}
