import { sum } from "@airside/kernel/money"
import type { Queryable, Transaction } from "@airside/kernel/sql"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { type Payment, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import type { Context } from "../context.ts"
import { cancelledSeatCounts, releaseHeldSeats, releaseSoldSeats, seatCountsOf } from "./inventory.ts"
import { issueTickets } from "./issue-tickets.ts"
import { nextStepIsOurs, noNextStep } from "./next-step.ts"
import { type BookingRow, bookingColumns, readBooking } from "./own-booking.ts"
import { settlePayment } from "./settle-payment.ts"
import { stepIds } from "./step-ids.ts"

/**
 * Carries a booking, as it was read just now, onward for as long as a next step can be taken; answers how it is then.
 * Every step is repeatable: its effect elsewhere has a derived id, its effect here is one guarded move, so that a
 * request, a webhook and the sweep may all try.
 */
export async function advance(context: Context, booking: BookingRow): Promise<BookingRow> {
  for (let current = booking; ; ) {
    const moved = await STEPS[current.status]?.(context, current)
    if (!moved) return current
    if (!moved.hasNextStep) return moved
    current = moved
  }
}

/** The booking as it is now, when it moved. */
type Step = (context: Context, booking: BookingRow) => Promise<BookingRow | undefined>

const STEPS: Partial<Record<BookingRow["status"], Step>> = {
  held: lapse,
  awaiting_payment: lapse,
  expiring: expire,
  paid: issue,
  confirmed: earnPoints,
  cancelling: giveBack,
}

/** Nobody paid in time. */
async function lapse({ database: { sql } }: Context, booking: BookingRow): Promise<BookingRow | undefined> {
  if (booking.holdExpireTime > booking.readTime) return undefined
  const [lapsed] = await sql<BookingRow[]>`
    update bookings b
    set status = 'expiring', ${nextStepIsOurs(sql)}
    where id = ${booking.id} and status in ('held', 'awaiting_payment') and hold_expire_time <= now()
    returning ${bookingColumns(sql)}`
  return lapsed
}

/** Closes the payment, returns the points, and only then releases the seats: no money may arrive for seats that are gone. */
async function expire(context: Context, booking: BookingRow): Promise<BookingRow | undefined> {
  const payment = await closePayment(context, booking)
  if (payment?.status === PaymentStatus.SUCCEEDED) {
    const settled = (await settlePayment(context, payment)) ?? (await readBooking(context.database.sql, booking.id))
    if (settled.status !== "expiring") return settled
  }
  await returnPoints(context, booking)
  return context.database.inTransaction(async (tx) => {
    const [expired] = await tx<BookingRow[]>`
      update bookings b
      set status = 'expired', points_redeemed = 0, points_value_minor_units = 0, ${noNextStep(tx)}
      where id = ${booking.id} and status = 'expiring'
      returning ${bookingColumns(tx)}`
    if (expired) await releaseHold(tx, booking.id)
    return expired
  })
}

/** Makes sure that no more money arrives for the current attempt; answers the payment as it ended, if there was one. */
export async function closePayment({ payment }: Context, booking: BookingRow): Promise<Payment | undefined> {
  if (!booking.paymentId) return undefined
  const closed = await payment.cancelPayment({
    requestId: stepIds.request(booking.paymentId, "cancel"),
    paymentId: booking.paymentId,
  })
  return closed.payment
}

/** Gives back what the current attempt redeemed, or makes sure that it never will. */
export async function returnPoints({ loyalty }: Context, booking: BookingRow): Promise<void> {
  if (!booking.userId || booking.pointsToSpend === 0n || booking.attempt === 0) return
  const transactionId = stepIds.redemption(booking.id, booking.attempt)
  await loyalty.reversePoints({
    requestId: stepIds.request(transactionId, "return"),
    transactionId,
    userId: booking.userId,
    points: 0n,
    bookingReference: booking.reference,
    reason: "The booking was not paid.",
  })
}

async function releaseHold(tx: Transaction, bookingId: string) {
  await releaseHeldSeats(tx, await seatCountsOf(tx, bookingId))
  await tx`update tickets set status = 'void' where booking_id = ${bookingId} and status = 'unissued'`
  await tx`delete from seats where booking_id = ${bookingId}`
  await giveUpPromo(tx, bookingId)
}

async function giveUpPromo(tx: Transaction, bookingId: string) {
  await tx`
    delete from promo_uses
    where booking_id = ${bookingId} and user_id = (select user_id from bookings where id = ${bookingId})`
}

/** For a booking that was paid and has no tickets yet: points paid for all of it, or what settled it got no further. */
async function issue(context: Context, booking: BookingRow): Promise<BookingRow> {
  const move = (sql: Queryable) => sql`
    set status = 'confirmed', ${nextStepIsOurs(sql)}
    where id = ${booking.id} and status = 'paid'`
  return (await issueTickets(context, booking.id, move)) ?? readBooking(context.database.sql, booking.id)
}

/** Points for the fare that money paid: promo off, taxes out, and the part that points paid out in proportion. */
async function earnPoints({ database, loyalty }: Context, booking: BookingRow): Promise<BookingRow | undefined> {
  if (booking.pointsEarned !== null) return undefined
  let earned = 0n
  if (booking.userId) {
    const minorUnits = fareThatMoneyPaid(booking)
    const transactionId = stepIds.earning(booking.id)
    const { transaction } = await loyalty.earnPoints({
      requestId: stepIds.request(transactionId, "earn"),
      transactionId,
      userId: booking.userId,
      amount: { $case: "fare", value: { currency: booking.currency, minorUnits } },
      bookingReference: booking.reference,
      reason: `Booking ${booking.reference}`,
    })
    earned = transaction?.points ?? 0n
  }
  // Not waited for until it is on disk: if a crash of PostgreSQL takes it away, the sweep asks loyalty again, by the same id.
  const [credited] = await database.sql<BookingRow[]>`
    update bookings b
    set points_earned = ${earned}, ${noNextStep(database.sql)}
    where id = ${booking.id} and status = 'confirmed'
    returning ${bookingColumns(database.sql)}, set_config('synchronous_commit', 'off', true)`
  return credited
}

/** Of the lines that the traveller agreed to, which the tickets' shares add up to. */
function fareThatMoneyPaid({ priceLines, totalMinorUnits, pointsValueMinorUnits }: BookingRow): bigint {
  if (totalMinorUnits === 0n) return 0n
  const lines = priceLines.filter(({ kind }) => kind === PriceLineKind.FARE || kind === PriceLineKind.PROMO)
  const fare = sum(lines.map(({ minorUnits }) => BigInt(minorUnits)))
  return (fare * (totalMinorUnits - pointsValueMinorUnits)) / totalMinorUnits
}

interface CancellationRow {
  id: string
  refundMinorUnits: bigint
  pointsReturned: bigint
  pointsUndone: bigint
}

/**
 * Does exactly what the quote said: money to the card, points back, earned points off; then the seats are free again. A
 * booking with tickets that stay is confirmed as before. Who comes late may find the next cancellation under way: that is
 * not theirs to end.
 */
async function giveBack(context: Context, booking: BookingRow): Promise<BookingRow | undefined> {
  const { database } = context
  const [cancellation] = await database.sql<CancellationRow[]>`
    select id, refund_minor_units as "refundMinorUnits", points_returned as "pointsReturned",
           points_undone as "pointsUndone"
    from cancellations
    where booking_id = ${booking.id} and status = 'requested'`
  if (!cancellation) throw new Error(`booking ${booking.reference} is being cancelled without a cancellation`)
  await refundCard(context, booking, cancellation)
  await moveCancelledPoints(context, booking, cancellation)
  return database.inTransaction(async (tx) => {
    const [staying] = await tx`
      select 1
      from tickets
      where booking_id = ${booking.id} and status = 'open' and cancellation_id is distinct from ${cancellation.id}
      limit 1`
    const [moved] = await tx<BookingRow[]>`
      update bookings b
      set status = ${staying ? "confirmed" : "cancelled"}, ${noNextStep(tx)}
      where id = ${booking.id} and status = 'cancelling' and exists (
        select 1
        from cancellations
        where booking_id = ${booking.id} and id = ${cancellation.id} and status = 'requested'
      )
      returning ${bookingColumns(tx)}`
    if (!moved) return undefined
    await tx`update cancellations set status = 'done' where booking_id = ${booking.id} and id = ${cancellation.id}`
    await releaseSoldSeats(tx, await cancelledSeatCounts(tx, booking.id, cancellation.id))
    await giveUpSeats(tx, booking.id, cancellation.id)
    if (!staying) await giveUpPromo(tx, booking.id)
    await tx`
      update tickets
      set status = 'refunded'
      where booking_id = ${booking.id} and status = 'open' and cancellation_id = ${cancellation.id}`
    return moved
  })
}

async function giveUpSeats(tx: Transaction, bookingId: string, cancellationId: string) {
  await tx`
    delete from seats
    where booking_id = ${bookingId} and (segment_id, passenger_id) in (
      select segment_id, passenger_id from tickets where booking_id = ${bookingId} and cancellation_id = ${cancellationId}
    )`
}

async function refundCard({ payment }: Context, booking: BookingRow, cancellation: CancellationRow) {
  if (cancellation.refundMinorUnits === 0n || !booking.settledPaymentId) return
  await payment.refundPayment({
    requestId: stepIds.request(cancellation.id, "refund"),
    refundId: cancellation.id,
    paymentId: booking.settledPaymentId,
    amount: { currency: booking.currency, minorUnits: cancellation.refundMinorUnits },
  })
}

/** First back, then off: returned points can make up for earned ones that are spent. */
async function moveCancelledPoints({ loyalty }: Context, booking: BookingRow, cancellation: CancellationRow) {
  if (!booking.userId) return
  const reverse = (transactionId: string, points: bigint, step: string) =>
    loyalty.reversePoints({
      requestId: stepIds.request(cancellation.id, step),
      transactionId,
      userId: booking.userId!,
      points,
      bookingReference: booking.reference,
      reason: `Booking ${booking.reference} was cancelled.`,
    })
  if (cancellation.pointsReturned > 0n) {
    await reverse(stepIds.redemption(booking.id, booking.attempt), cancellation.pointsReturned, "return")
  }
  // Loyalty takes what the balance has and lowers the lifetime points by the whole of it.
  if (cancellation.pointsUndone > 0n) await reverse(stepIds.earning(booking.id), cancellation.pointsUndone, "reverse")
}
