import { pageOf, parsePage } from "@airside/kernel/pages"
import type { ListSessionsRequest, ListSessionsResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { callerUserId } from "./user.ts"

/** The caller's living sessions, newest first. */
export async function listSessions(context: CallContext, request: ListSessionsRequest): Promise<ListSessionsResponse> {
  const page = parsePage(request)
  const { caller } = context.call
  const rows = await context.database.sql<{ id: string; createTime: Date; expireTime: Date }[]>`
    select id, create_time as "createTime", expires_at as "expireTime"
    from sessions
    where user_id = ${callerUserId(context)} and expires_at > now()
    order by create_time desc, id
    limit ${page.size + 1} offset ${page.offset}`
  const { items, nextPageToken } = pageOf(rows, page)
  return {
    sessions: items.map((row) => ({ ...row, current: caller.kind === "person" && caller.sessionId === row.id })),
    nextPageToken,
  }
}
