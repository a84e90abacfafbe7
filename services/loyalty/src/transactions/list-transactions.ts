import { isStaff } from "@airside/kernel/identity"
import { cutPage, parsePage } from "@airside/kernel/pages"
import type { ListTransactionsRequest, ListTransactionsResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import { whoseAccount } from "../accounts/whose-account.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { type TransactionRow, transactionColumns, transactionMessage } from "./transaction.ts"

/**
 * A person's statement, newest first, with the balance after each transaction; staff see who adjusted it. Reasons:
 * INVALID_REQUEST, USER_NOT_FOUND (another person's).
 */
export async function listTransactions(
  context: CallContext,
  request: ListTransactionsRequest,
): Promise<ListTransactionsResponse> {
  const { sql } = context.database
  const { userId, isOwn } = whoseAccount(context.call.caller, request.userId)
  const page = parsePage(request, ["number"])
  if (!isOwn && (await sql`select 1 from loyalty_accounts where user_id = ${userId}`).length === 0) {
    throw failures.USER_NOT_FOUND()
  }
  const rows = await sql<TransactionRow[]>`
    select ${transactionColumns(sql)}
    from points_transactions
    where user_id = ${userId} ${page.after ? sql`and sequence < ${page.after[0]}::text::int8` : sql``}
    order by sequence desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [String(row.sequence)])
  const staff = isStaff(context.call.caller)
  const transactions = items.map((row) => ({ ...transactionMessage(row), adjustedBy: (staff && row.adjustedBy) || "" }))
  return { transactions, nextPageToken }
}
