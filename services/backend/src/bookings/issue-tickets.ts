import type { Queryable } from "@airside/kernel/sql"
import type { Context } from "../context.ts"
import { seatCountsOf, sellHeldSeats } from "./inventory.ts"
import { type BookingRow, bookingColumns } from "./own-booking.ts"

type SqlFragment = ReturnType<typeof bookingColumns>

/** Ticket stock of this house; 999 belongs to no real airline's accounting code. */
const TICKET_PREFIX = "999"

/**
 * Held seats become sold and every passenger gets a ticket for every segment, in one transaction with the booking's `move`
 * to confirmed (`set … where …`). Undefined, and nothing of it, when the booking is not where the move starts from.
 */
export function issueTickets(
  { database }: Context,
  bookingId: string,
  move: (sql: Queryable) => SqlFragment,
): Promise<BookingRow | undefined> {
  return database.inTransaction(async (tx) => {
    const [[confirmed], counts] = await Promise.all([
      tx<BookingRow[]>`
        update bookings b
        ${move(tx)}
        returning ${bookingColumns(tx)}`,
      seatCountsOf(tx, bookingId),
    ])
    if (!confirmed) return undefined
    await Promise.all([
      tx`
        update tickets
        set status = 'open', number = ${TICKET_PREFIX} || lpad(nextval('ticket_numbers')::text, 10, '0')
        where booking_id = ${bookingId} and status = 'unissued'`,
      sellHeldSeats(tx, counts),
    ])
    return confirmed
  })
}
