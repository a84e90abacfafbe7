import type { Fragment, Queryable } from "@airside/kernel/sql"
import type { Context } from "../context.ts"
import { sellHeldSeats } from "./inventory.ts"
import { type BookingRow, bookingColumns } from "./own-booking.ts"

/** Ticket stock of this house; 999 belongs to no real airline's accounting code. */
const TICKET_PREFIX = "999"

/**
 * Held seats become sold and every passenger gets a ticket for every segment, in one statement with the booking's `move` to
 * confirmed (`set … where …`). Undefined, and nothing of it, when the booking is not where the move starts from.
 */
export function issueTickets(
  { database }: Context,
  bookingId: string,
  move: (sql: Queryable) => Fragment,
): Promise<BookingRow | undefined> {
  return database.inTransaction(
    async (tx) => {
      const [confirmed] = await tx<(BookingRow & { seatsMissing: number })[]>`
        with moved as (
          update bookings b
          ${move(tx)}
          returning b.*
        ), ticket as (
          update tickets
          set status = 'open', number = ${TICKET_PREFIX} || lpad(nextval('ticket_numbers')::text, 10, '0')
          where booking_id in (select id from moved) and status = 'unissued'
        ), ${sellHeldSeats(tx, tx`select id from moved`)}
        select ${bookingColumns(tx)},
               ((select count(*) from seats_wanted) - (select count(*) from seats_sold))::int as "seatsMissing"
        from moved b`
      if (!confirmed) return undefined
      const { seatsMissing, ...booking } = confirmed
      if (seatsMissing > 0) throw new Error(`fewer seats are held than booking ${bookingId} has`)
      return booking
    },
    { standsAlone: true },
  )
}
