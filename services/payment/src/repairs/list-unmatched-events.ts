import { cutPage, parsePage } from "@airside/kernel/pages"
import type {
  ListUnmatchedEventsRequest,
  ListUnmatchedEventsResponse,
  UnmatchedEvent,
} from "@airside/protos/airside/repairs/v1/repairs"
import type { CallContext } from "../context.ts"

/** What Stripe's events about money begin with; others, such as a customer's, never have a payment. */
const ABOUT_MONEY = ["payment_intent.%", "checkout.session.%", "charge.%", "refund.%"]

/** Stripe's events about money that no payment of ours is known for, newest first; Stripe forgets them after 30 days. */
export async function listUnmatchedEvents(
  { database: { sql } }: CallContext,
  request: ListUnmatchedEventsRequest,
): Promise<ListUnmatchedEventsResponse> {
  const page = parsePage(request, ["instant", "text"])
  const rows = await sql<(UnmatchedEvent & { position: string })[]>`
    select id, type, object_id as "objectId", create_time as "createTime", create_time::text as position
    from webhook_events
    where payment_id is null and type like any (${ABOUT_MONEY}::text[]) and create_time > now() - interval '30 days'
      ${page.after ? sql`and (create_time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]})` : sql``}
    order by create_time desc, id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, ({ position, id }) => [position, id])
  return { events: items.map(({ position: _position, ...event }) => event), nextPageToken }
}
