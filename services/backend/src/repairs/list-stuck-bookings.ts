import { cutPage, parsePage } from "@airside/kernel/pages"
import type {
  ListStuckBookingsRequest,
  ListStuckBookingsResponse,
  StuckBooking,
} from "@airside/protos/airside/repairs/v1/repairs"
import type { CallContext } from "../context.ts"

/** Bookings whose next step goes on failing, oldest first: flagged for staff, or tried in vain three times. */
export async function listStuckBookings(
  { database: { sql } }: CallContext,
  request: ListStuckBookingsRequest,
): Promise<ListStuckBookingsResponse> {
  const page = parsePage(request, ["uuid"])
  const rows = await sql<(StuckBooking & { id: string })[]>`
    select id, reference, status, step_attempts as attempts, flagged, coalesce(last_error, '') as "lastError",
      next_step_time as "nextAttemptTime", update_time as "updateTime"
    from bookings
    where (flagged or step_attempts >= 3) ${page.after ? sql`and id > ${page.after[0]}` : sql``}
    order by id
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, ({ id }) => [id])
  return { bookings: items.map(({ id: _id, ...booking }) => booking), nextPageToken }
}
