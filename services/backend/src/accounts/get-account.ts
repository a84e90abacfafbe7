import type { GetAccountRequest, GetAccountResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { callerUserId, toUser, type UserRow, userColumns } from "./user.ts"

/** The caller's account. */
export async function getAccount(context: CallContext, _request: GetAccountRequest): Promise<GetAccountResponse> {
  const { sql } = context.database
  const [row] = await sql<UserRow[]>`select ${userColumns(sql)} from users where id = ${callerUserId(context)}`
  if (!row) throw failures.SESSION_ENDED()
  return { user: toUser(row) }
}
