import { cutPage, parsePage } from "@airside/kernel/pages"
import type { ListBookingsRequest, ListBookingsResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { bookingMessages } from "./booking-message.ts"
import { type BookingRow, bookingColumns } from "./own-booking.ts"

/** The caller's bookings, newest first; a guest has one. */
export async function listBookings(context: CallContext, request: ListBookingsRequest): Promise<ListBookingsResponse> {
  const page = parsePage(request, ["uuid"])
  const { caller } = context.call
  const { sql } = context.database
  const owned =
    caller.kind === "person"
      ? sql`b.user_id = ${caller.userId}`
      : sql`b.id = ${caller.kind === "guest" ? caller.bookingId : null}`
  const rows = await sql<BookingRow[]>`
    select ${bookingColumns(sql)}
    from bookings b
    where ${owned} ${page.after ? sql`and b.id < ${page.after[0]}` : sql``}
    order by b.id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [row.id])
  return { bookings: await bookingMessages(sql, items), nextPageToken }
}
