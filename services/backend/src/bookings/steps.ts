import type { Transaction } from "@airside/kernel/sql"
import { type Payment, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import type { Context } from "../context.ts"
import { cancelledSeatCounts, releaseHeldSeats, releaseSoldSeats, seatCountsOf, sellHeldSeats } from "./inventory.ts"
import { nextStepIsOurs, noNextStep } from "./next-step.ts"
import { type BookingRow, readBooking } from "./own-booking.ts"
import { settlePayment } from "./settle-payment.ts"
import { stepIds } from "./step-ids.ts"

/**
 * Carries a booking onward for as long as a next step can be taken now. Every step is repeatable: its effect elsewhere
 * has a derived id, its effect here is one guarded move, so that a request, a webhook and the sweep may all try.
 */
export async function advance(context: Context, bookingId: string): Promise<void> {
  for (;;) {
    const booking = await readBooking(context.database.sql, bookingId)
    const step = STEPS[booking.status]
    if (!step || !(await step(context, booking))) return
  }
}

/** True when the booking moved and may have another step to take. */
type Step = (context: Context, booking: BookingRow) => Promise<boolean>

const STEPS: Partial<Record<BookingRow["status"], Step>> = {
  held: lapse,
  awaiting_payment: lapse,
  expiring: expire,
  paid: issueTickets,
  confirmed: earnPoints,
  cancelling: giveBack,
}

/** Nobody paid in time. */
async function lapse({ database: { sql } }: Context, booking: BookingRow): Promise<boolean> {
  const moved = await sql`
    update bookings
    set status = 'expiring', ${nextStepIsOurs(sql)}
    where id = ${booking.id} and status in ('held', 'awaiting_payment') and hold_expire_time <= now()
    returning 1`
  return moved.length > 0
}

/** Closes the payment, returns the points, and only then releases the seats: no money may arrive for seats that are gone. */
async function expire(context: Context, booking: BookingRow): Promise<boolean> {
  const payment = await closePayment(context, booking)
  if (payment?.status === PaymentStatus.SUCCEEDED) {
    await settlePayment(context, payment)
    const { status } = await readBooking(context.database.sql, booking.id)
    if (status !== "expiring") return true
  }
  await returnPoints(context, booking)
  await context.database.inTransaction(async (tx) => {
    const moved = await tx`
      update bookings
      set status = 'expired', points_redeemed = 0, points_value_minor_units = 0, ${noNextStep(tx)}
      where id = ${booking.id} and status = 'expiring'
      returning 1`
    if (moved.length > 0) await releaseHold(tx, booking.id)
  })
  return false
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

/** Ticket stock of this house; 999 belongs to no real airline's accounting code. */
const TICKET_PREFIX = "999"

/** Held seats become sold, every passenger gets a ticket for every segment. */
async function issueTickets({ database }: Context, booking: BookingRow): Promise<boolean> {
  return database.inTransaction(async (tx) => {
    const moved = await tx`
      update bookings
      set status = 'confirmed', ${nextStepIsOurs(tx)}
      where id = ${booking.id} and status = 'paid'
      returning 1`
    if (moved.length === 0) return true
    await sellHeldSeats(tx, await seatCountsOf(tx, booking.id))
    await tx`
      update tickets
      set status = 'open', number = ${TICKET_PREFIX} || lpad(nextval('ticket_numbers')::text, 10, '0')
      where booking_id = ${booking.id} and status = 'unissued'`
    return true
  })
}

/** Points for the fare that money paid: promo off, taxes out, and the part that points paid out in proportion. */
async function earnPoints({ database, loyalty }: Context, booking: BookingRow): Promise<boolean> {
  if (booking.pointsEarned !== null) return false
  let earned = 0n
  if (booking.userId) {
    const [fare] = await database.sql<{ minorUnits: bigint }[]>`
      select sum(fare_minor_units + promo_minor_units)::bigint as "minorUnits" from tickets where booking_id = ${booking.id}`
    const paidShare = booking.totalMinorUnits - booking.pointsValueMinorUnits
    const minorUnits = booking.totalMinorUnits === 0n ? 0n : (fare!.minorUnits * paidShare) / booking.totalMinorUnits
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
  await database.sql`
    update bookings
    set points_earned = ${earned}, ${noNextStep(database.sql)}
    where id = ${booking.id} and status = 'confirmed'`
  return false
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
async function giveBack(context: Context, booking: BookingRow): Promise<boolean> {
  const { database } = context
  const [cancellation] = await database.sql<CancellationRow[]>`
    select id, refund_minor_units as "refundMinorUnits", points_returned as "pointsReturned",
           points_undone as "pointsUndone"
    from cancellations
    where booking_id = ${booking.id} and status = 'requested'`
  if (!cancellation) throw new Error(`booking ${booking.reference} is being cancelled without a cancellation`)
  await refundCard(context, booking, cancellation)
  await moveCancelledPoints(context, booking, cancellation)
  await database.inTransaction(async (tx) => {
    const [staying] = await tx`
      select 1
      from tickets
      where booking_id = ${booking.id} and status = 'open' and cancellation_id is distinct from ${cancellation.id}
      limit 1`
    const moved = await tx`
      update bookings
      set status = ${staying ? "confirmed" : "cancelled"}, ${noNextStep(tx)}
      where id = ${booking.id} and status = 'cancelling' and exists (
        select 1
        from cancellations
        where booking_id = ${booking.id} and id = ${cancellation.id} and status = 'requested'
      )
      returning 1`
    if (moved.length === 0) return
    await tx`update cancellations set status = 'done' where booking_id = ${booking.id} and id = ${cancellation.id}`
    await releaseSoldSeats(tx, await cancelledSeatCounts(tx, booking.id, cancellation.id))
    await giveUpSeats(tx, booking.id, cancellation.id)
    if (!staying) await giveUpPromo(tx, booking.id)
    await tx`
      update tickets
      set status = 'refunded'
      where booking_id = ${booking.id} and status = 'open' and cancellation_id = ${cancellation.id}`
  })
  return false
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
