import { Failure } from "@airside/kernel/errors"
import { derivedId } from "@airside/kernel/ids"
import type { Queryable } from "@airside/kernel/sql"
import { type Payment, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import type { Context } from "../context.ts"
import { issueTickets } from "./issue-tickets.ts"
import { nextStepIsOurs } from "./next-step.ts"
import { type BookingRow, bookingColumns, readBooking } from "./own-booking.ts"
import { stepIds } from "./step-ids.ts"

/** The payment as Stripe knows it at this moment; undefined when it was never created, or cancelled before it was. */
export async function fetchPayment({ payment }: Context, paymentId: string): Promise<Payment | undefined> {
  try {
    return (await payment.getPayment({ paymentId, refresh: true })).payment
  } catch (error) {
    if (error instanceof Failure && error.code === "NOT_FOUND") return undefined
    throw error
  }
}

/**
 * Money that arrived pays the booking that asked for it. Money for a booking that is paid already, has ended, or asked
 * for another amount goes back in full. Repeatable. Answers the booking when this was what paid it.
 */
export async function settlePayment(context: Context, payment: Payment): Promise<BookingRow | undefined> {
  if (payment.status !== PaymentStatus.SUCCEEDED) return undefined
  const paid = await markPaid(context, payment)
  if (paid) return paid
  const booking = await readBooking(context.database.sql, payment.bookingId)
  if (booking.settledPaymentId === payment.id) return undefined
  context.log.warn(
    { paymentId: payment.id, reference: booking.reference, status: booking.status },
    "money that nobody asked for is sent back",
  )
  const refundId = derivedId("stray", payment.id)
  await context.payment.refundPayment({
    requestId: stepIds.request(refundId, "refund"),
    refundId,
    paymentId: payment.id,
    amount: payment.amount,
  })
  return undefined
}

/**
 * The guarded move of a booking to confirmed, with its tickets, or where those cannot be issued just now to paid: then the
 * sweep goes on with it.
 */
async function markPaid(context: Context, payment: Payment): Promise<BookingRow | undefined> {
  try {
    return await issueTickets(
      context,
      payment.bookingId,
      (tx) => tx`
        set status = 'confirmed', settled_payment_id = ${payment.id}, ${nextStepIsOurs(tx)}
        where ${asksFor(tx, payment)}`,
    )
  } catch (err) {
    context.log.warn({ err, paymentId: payment.id }, "a booking is paid, and its tickets could not be issued at once")
  }
  const { sql } = context.database
  const [paid] = await sql<BookingRow[]>`
    update bookings b
    set status = 'paid', settled_payment_id = ${payment.id}, ${nextStepIsOurs(sql)}
    where ${asksFor(sql, payment)}
    returning ${bookingColumns(sql)}`
  return paid
}

/**
 * True of the booking whose current attempt's payment this is, with exactly the amount that was asked for. A booking that
 * its traveller has cancelled is not paid any more.
 */
const asksFor = (sql: Queryable, { id, bookingId, amount }: Payment) => sql`
  id = ${bookingId} and status in ('awaiting_payment', 'expiring')
    and payment_id = ${id} and payment_minor_units = ${amount!.minorUnits} and currency = ${amount!.currency}
    and not exists (select 1 from cancellations where booking_id = ${bookingId})`
