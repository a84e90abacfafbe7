import type { Transaction } from "@airside/kernel/sql"
import { columnsOf, type Portion, portion } from "./portion.ts"

/** Notes what a transaction takes out of which lot. The caller holds the account. */
export async function drawLots(tx: Transaction, userId: string, transactionId: string, draws: readonly Portion[]) {
  const { lotIds, points } = columnsOf(draws)
  await tx`
    update lots
    set remaining = remaining - draws.points
    from unnest(${lotIds}::uuid[], ${points}::bigint[]) as draws (lot_id, points)
    where lots.user_id = ${userId} and lots.id = draws.lot_id`
  await tx`
    insert into lot_draws (user_id, transaction_id, lot_id, points)
    select ${userId}::uuid, ${transactionId}::uuid, lot_id, points
    from unnest(${lotIds}::uuid[], ${points}::bigint[]) as draws (lot_id, points)`
}

/** Takes points out of the lots that expire first; of `firstLotId` before all others. The balance covers them. */
export async function drawOldestLots(
  tx: Transaction,
  userId: string,
  transactionId: string,
  points: bigint,
  firstLotId: string | null = null,
) {
  const lots = await tx<{ lotId: string; remaining: bigint }[]>`
    select id as "lotId", remaining
    from lots
    where user_id = ${userId} and remaining > 0
    order by (id = ${firstLotId}::uuid) desc, expire_time, id`
  await drawLots(tx, userId, transactionId, portion(lots, points))
}
