import type { ListTransactionsRequest, ListTransactionsResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import { whoseAccount } from "../accounts/whose-account.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { cutPage, parsePage } from "../pages.ts"
import { type TransactionRow, transactionColumns, transactionMessage } from "./transaction.ts"

/** A person's transactions, newest first. Reasons: INVALID_REQUEST, USER_NOT_FOUND (another person's). */
export async function listTransactions(
  context: CallContext,
  request: ListTransactionsRequest,
): Promise<ListTransactionsResponse> {
  const { sql } = context.database
  const { userId, isOwn } = whoseAccount(context.call.caller, request.userId)
  const page = parsePage(request)
  if (!isOwn && (await sql`select 1 from loyalty_accounts where user_id = ${userId}`).length === 0) {
    throw failures.USER_NOT_FOUND()
  }
  const rows = await sql<TransactionRow[]>`
    select ${transactionColumns(sql)}
    from points_transactions
    where user_id = ${userId} ${page.after === undefined ? sql`` : sql`and sequence < ${page.after}`}
    order by sequence desc
    limit ${page.size + 1}`
  const { rows: shown, nextPageToken } = cutPage(page, rows, (row) => row.sequence)
  return { transactions: shown.map(transactionMessage), nextPageToken }
}
