import type { Transaction } from "@airside/kernel/sql"
import { failures } from "../failures.ts"
import { type TransactionRow, transactionColumns } from "./transaction.ts"

/** Ids are an account's own: with another user_id it is another transaction. */
export interface TransactionKey {
  userId: string
  transactionId: string
}

export async function findTransaction(
  tx: Transaction,
  { userId, transactionId }: TransactionKey,
): Promise<TransactionRow | undefined> {
  const [row] = await tx<TransactionRow[]>`
    select ${transactionColumns(tx)}
    from points_transactions
    where user_id = ${userId} and id = ${transactionId}`
  return row
}

/**
 * The transaction when it was carried out before, for the same answer again. Reasons: TRANSACTION_REVERSED when
 * nothing of it is left or its reversal came first, TRANSACTION_DIFFERS when the facts are not those of then.
 */
export async function findSameTransaction(
  tx: Transaction,
  key: TransactionKey,
  hasSameFacts: (row: TransactionRow) => boolean,
): Promise<TransactionRow | undefined> {
  const [reversed, row] = await Promise.all([
    tx`
      select 1
      from tombstones
      where user_id = ${key.userId} and transaction_id = ${key.transactionId}`,
    findTransaction(tx, key),
  ])
  if (row && !hasSameFacts(row)) throw failures.TRANSACTION_DIFFERS()
  if (reversed.length > 0) throw failures.TRANSACTION_REVERSED()
  return row
}

/** From now on the transaction is refused, whether it came already or not. */
export async function leaveTombstone(tx: Transaction, { userId, transactionId }: TransactionKey) {
  await tx`
    insert into tombstones (user_id, transaction_id)
    values (${userId}, ${transactionId})
    on conflict do nothing`
}
