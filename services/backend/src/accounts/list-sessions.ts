import { cutPage, parsePage } from "@airside/kernel/pages"
import type { ListSessionsRequest, ListSessionsResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { callerUserId } from "./user.ts"

/** The caller's living sessions, newest first. */
export async function listSessions(context: CallContext, request: ListSessionsRequest): Promise<ListSessionsResponse> {
  const page = parsePage(request, ["instant", "text"])
  const { caller } = context.call
  const { sql } = context.database
  const rows = await sql<{ id: string; createTime: Date; expireTime: Date; position: string }[]>`
    select id, create_time as "createTime", expires_at as "expireTime", create_time::text as position
    from sessions
    where user_id = ${callerUserId(context)} and expires_at > now()
      ${page.after ? sql`and (create_time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]})` : sql``}
    order by create_time desc, id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [row.position, row.id])
  return {
    sessions: items.map(({ id, createTime, expireTime }) => ({
      id,
      createTime,
      expireTime,
      current: caller.kind === "person" && caller.sessionId === id,
    })),
    nextPageToken,
  }
}
