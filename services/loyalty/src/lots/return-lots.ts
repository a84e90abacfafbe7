import type { Transaction } from "@airside/kernel/sql"
import { columnsOf, portion } from "./portion.ts"

/** Points that come back can be spent for at least so long. */
const RETURNED_VALID_DAYS = 30

/**
 * Puts points that a transaction took back into their lots, the last taken first: as if fewer had been taken. The caller
 * holds the account and knows that so many are still out.
 */
export async function returnLots(tx: Transaction, userId: string, transactionId: string, points: bigint) {
  const out = await tx<{ lotId: string; remaining: bigint }[]>`
    select lot_id as "lotId", lot_draws.points - returned_points as remaining
    from lot_draws
    join lots on lots.user_id = lot_draws.user_id and lots.id = lot_draws.lot_id
    where lot_draws.user_id = ${userId} and transaction_id = ${transactionId} and returned_points < lot_draws.points
    order by expire_time desc, lot_id desc`
  const returns = columnsOf(portion(out, points))
  await tx`
    update lots
    set remaining = remaining + returns.points,
      expire_time = greatest(expire_time, now() + ${RETURNED_VALID_DAYS}::integer * interval '1 day')
    from unnest(${returns.lotIds}::uuid[], ${returns.points}::bigint[]) as returns (lot_id, points)
    where lots.user_id = ${userId} and lots.id = returns.lot_id`
  await tx`
    update lot_draws
    set returned_points = returned_points + returns.points
    from unnest(${returns.lotIds}::uuid[], ${returns.points}::bigint[]) as returns (lot_id, points)
    where lot_draws.user_id = ${userId} and lot_draws.transaction_id = ${transactionId}
      and lot_draws.lot_id = returns.lot_id`
}
