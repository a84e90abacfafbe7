import { cutPage, parsePage } from "@airside/kernel/pages"
import type {
  ListPaymentRepairsRequest,
  ListPaymentRepairsResponse,
  Repair,
} from "@airside/protos/airside/repairs/v1/repairs"
import type { CallContext } from "../context.ts"

/** The repairs of money, newest first; what people are called is backend's to know. */
export async function listPaymentRepairs(
  { database: { sql } }: CallContext,
  request: ListPaymentRepairsRequest,
): Promise<ListPaymentRepairsResponse> {
  const page = parsePage(request, ["instant", "uuid"])
  const rows = await sql<(Repair & { position: string })[]>`
    select id, user_id as "userId", '' as username, action, target, result, create_time as "createTime",
      create_time::text as position
    from audit_entries
    ${page.after ? sql`where (create_time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]}::uuid)` : sql``}
    order by create_time desc, id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, ({ position, id }) => [position, id])
  return { repairs: items.map(({ position: _position, ...repair }) => repair), nextPageToken }
}
