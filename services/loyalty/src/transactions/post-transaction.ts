import type { Transaction } from "@airside/kernel/sql"
import { failures } from "../failures.ts"
import { type TransactionRow, transactionColumns } from "./transaction.ts"

/** Points live so long after they came in. */
const VALID_DAYS = 365

export interface Posting {
  userId: string
  id: string
  kind: TransactionRow["kind"]
  points: bigint
  lifetimePoints?: bigint
  shortfall?: bigint
  originalId?: string
  fare?: { currency: string; minorUnits: bigint }
  bookingReference?: string
  description: string
  /** User id of the member of staff; of adjustments, and of nothing else. */
  adjustedBy?: string
}

/**
 * Moves the balance, writes the row that says so and opens the lot of points that come in anew, in one statement: none
 * is ever there without the others. What goes out or comes back is drawn from lots by the caller. The caller holds the
 * account. Reasons: NOT_ENOUGH_POINTS.
 */
export async function postTransaction(tx: Transaction, posting: Posting): Promise<TransactionRow> {
  const { userId, id, kind, points, lifetimePoints = 0n, fare } = posting
  const opensLot = points > 0n && (kind === "earn" || kind === "adjust")
  const [row] = await tx<TransactionRow[]>`
    with account as (
      update loyalty_accounts
      set balance = balance + ${points}, lifetime = lifetime + ${lifetimePoints}, last_sequence = last_sequence + 1
      where user_id = ${userId} and balance + ${points} >= 0
      returning last_sequence, balance
    ), posted as (
      insert into points_transactions (
        user_id, id, sequence, kind, points, lifetime_points, balance_after, shortfall, original_id,
        fare_minor_units, fare_currency, booking_reference, description, adjusted_by, expire_time
      )
      select ${userId}::uuid, ${id}::uuid, last_sequence, ${kind}::text, ${points}::bigint, ${lifetimePoints}::bigint,
        balance, ${posting.shortfall ?? 0n}::bigint, ${posting.originalId ?? null}::uuid,
        ${fare?.minorUnits ?? null}::bigint, ${fare?.currency ?? null}::text,
        ${posting.bookingReference ?? ""}::text, ${posting.description}::text, ${posting.adjustedBy ?? null}::uuid,
        case when ${opensLot}::boolean then now() + ${VALID_DAYS}::integer * interval '1 day' end
      from account
      returning *
    ), lot as (
      insert into lots (user_id, id, points, remaining, expire_time)
      select user_id, id, points, points, expire_time
      from posted
      where ${opensLot}::boolean
    )
    select ${transactionColumns(tx)} from posted`
  if (!row) throw failures.NOT_ENOUGH_POINTS()
  return row
}
