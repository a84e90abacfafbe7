import { cutPage, parsePage } from "@airside/kernel/pages"
import type {
  ListBookingRepairsRequest,
  ListBookingRepairsResponse,
  Repair,
} from "@airside/protos/airside/repairs/v1/repairs"
import type { CallContext } from "../context.ts"

/** The repairs of bookings, newest first. */
export async function listBookingRepairs(
  { database: { sql } }: CallContext,
  request: ListBookingRepairsRequest,
): Promise<ListBookingRepairsResponse> {
  const page = parsePage(request, ["instant", "uuid"])
  const rows = await sql<(Repair & { position: string })[]>`
    select e.id, e.user_id as "userId", coalesce(u.username, '') as username, e.action, e.target, e.result,
      e.create_time as "createTime", e.create_time::text as position
    from audit_entries e
    left join users u on u.id = e.user_id
    ${page.after ? sql`where (e.create_time, e.id) < (${page.after[0]}::text::timestamptz, ${page.after[1]}::uuid)` : sql``}
    order by e.create_time desc, e.id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, ({ position, id }) => [position, id])
  return { repairs: items.map(({ position: _position, ...repair }) => repair), nextPageToken }
}
