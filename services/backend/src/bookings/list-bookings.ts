import { cutPage, parsePage } from "@airside/kernel/pages"
import type { ListBookingsRequest, ListBookingsResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { bookingMessages } from "./booking-message.ts"
import { type BookingRow, bookingColumns } from "./own-booking.ts"

/** A booking and where it stands in the list. */
interface ListedRow extends BookingRow {
  isUpcoming: boolean
  place: string
  /** PostgreSQL's text of the instant. */
  listTime: string
}

/** Microseconds since 1970 that no departure reaches: what is past or ended counts down from here, after all the rest. */
const AFTER_EVERY_DEPARTURE = 10n ** 17n

/**
 * The caller's bookings; a guest has one. Upcoming ones come first, the soonest departure on top, then those that have
 * landed, expired or were cancelled, the latest departure on top. A flight that was cancelled for everybody does not
 * count where another one is left. Every page takes the instant of the first one for now, so that no trip changes sides
 * by landing between two pages. Reasons: INVALID_REQUEST.
 */
export async function listBookings(context: CallContext, request: ListBookingsRequest): Promise<ListBookingsResponse> {
  const page = parsePage(request, ["instant", "number", "uuid"])
  const { caller } = context.call
  const { sql } = context.database
  const owned =
    caller.kind === "person"
      ? sql`user_id = ${caller.userId}`
      : sql`id = ${caller.kind === "guest" ? caller.bookingId : null}`
  const rows = await sql<ListedRow[]>`
    with trips as (
      select id, list_time, (extract(epoch from departure_time) * 1000000)::bigint as departure_microseconds,
             status not in ('expired', 'cancelled') and arrival_time > list_time as is_upcoming
      from (select ${page.after ? sql`${page.after[0]}::text::timestamptz` : sql`now()`} as list_time) as clock
      cross join bookings
      cross join lateral (
        select coalesce(min(departure_time) filter (where not is_refunded), min(departure_time)) as departure_time,
               coalesce(max(arrival_time) filter (where not is_refunded), max(arrival_time)) as arrival_time
        from (
          select departure_time, arrival_time,
                 coalesce(
                   (select bool_and(status = 'refunded') from tickets where booking_id = s.booking_id and segment_id = s.id),
                   false
                 ) as is_refunded
          from booking_segments s
          where booking_id = bookings.id
        ) as segments
      ) as flights
      where ${owned}
    ),
    listed as (
      select id, list_time, is_upcoming,
             case when is_upcoming then departure_microseconds
                  else ${AFTER_EVERY_DEPARTURE} - departure_microseconds end as place
      from trips
    )
    select ${bookingColumns(sql)}, is_upcoming as "isUpcoming", place::text, list_time::text as "listTime"
    from listed
    join bookings b using (id)
    ${page.after ? sql`where (place, id) > (${page.after[1]}::bigint, ${page.after[2]}::uuid)` : sql``}
    order by listed.place, id
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, ({ listTime, place, id }) => [listTime, place, id])
  return {
    bookings: await bookingMessages(sql, items),
    nextPageToken,
    upcomingCount: items.filter(({ isUpcoming }) => isUpcoming).length,
  }
}
