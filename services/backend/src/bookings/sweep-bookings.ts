import type { Context } from "../context.ts"
import { LEASE_SECONDS } from "./next-step.ts"
import { type BookingRow, readBooking } from "./own-booking.ts"
import { advance } from "./steps.ts"

const BATCH = 100
const AT_ONCE = 8
/** After so many failed attempts in a row a booking is flagged for staff; it goes on being tried. */
export const ATTEMPTS_BEFORE_FLAG = 10
/** Short, so that a booking is at its end soon after what it waited for is back. */
const LONGEST_BACKOFF_SECONDS = 8

/**
 * Carries on every booking whose next step is due: one that lapsed, or one that somebody began to carry and did not
 * finish. Claiming moves the lease by a guarded update, so any number of backends may sweep.
 */
export async function sweepBookings(context: Context): Promise<void> {
  const { sql } = context.database
  const due = await sql<{ id: string; nextStepTime: string }[]>`
    select id, next_step_time::text as "nextStepTime"
    from bookings
    where next_step_time <= now()
    order by next_step_time
    limit ${BATCH}`
  const queue = [...due]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (await claim(context, next)) await carryOn(context, next.id)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function claim({ database }: Context, due: { id: string; nextStepTime: string }): Promise<boolean> {
  const claimed = await database.sql`
    update bookings
    set next_step_time = now() + ${LEASE_SECONDS} * interval '1 second', step_attempts = step_attempts + 1
    where id = ${due.id} and next_step_time = ${due.nextStepTime}::text::timestamptz
    returning 1`
  return claimed.length > 0
}

/** Takes the booking's next steps, from how it was read just now; a failure is recorded and tried again later. */
export async function carryOn(context: Context, bookingId: string, booking?: BookingRow): Promise<BookingRow> {
  try {
    return await advance(context, booking ?? (await readBooking(context.database.sql, bookingId)))
  } catch (err) {
    context.log.warn({ err, bookingId }, "a booking's step failed; the sweep tries again")
    await context.database.sql`
      update bookings
      set last_error = ${String(err).slice(0, 500)},
          next_step_time = now() + least(${LONGEST_BACKOFF_SECONDS}, power(2, least(step_attempts, 10)) / 4) * interval '1 second',
          flagged = flagged or step_attempts >= ${ATTEMPTS_BEFORE_FLAG}
      where id = ${bookingId} and next_step_time is not null`
    return readBooking(context.database.sql, bookingId)
  }
}
