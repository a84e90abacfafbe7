import { Failure, invalidRequest } from "@airside/kernel/errors"
import { derivedId, isUuid } from "@airside/kernel/ids"
import type { SettleBookingRequest, SettleBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { type Payment, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { BOOKING_STATUSES } from "./booking-message.ts"
import { findOwnBooking, readBooking } from "./own-booking.ts"
import { markPaid, stepIds } from "./steps.ts"
import { carryOn } from "./sweep-bookings.ts"

/**
 * Fetches what became of the payment and moves the booking accordingly. The return page, the webhook and the sweep all
 * come this way, whoever is first; the rest find nothing left to do. Reasons: BOOKING_NOT_FOUND, PAYMENT_NOT_FOUND.
 */
export async function settleBooking(
  context: CallContext,
  request: SettleBookingRequest,
): Promise<SettleBookingResponse> {
  const { subject } = request
  if (!subject) throw invalidRequest([{ field: "subject", message: "name a reference or a payment_id" }])
  const bookingId =
    subject.$case === "reference"
      ? await settleByReference(context, subject.value)
      : await settleByPayment(context, subject.value)
  await carryOn(context, bookingId)
  const booking = await readBooking(context.database.sql, bookingId)
  return { reference: booking.reference, status: BOOKING_STATUSES[booking.status] }
}

async function settleByReference(context: CallContext, reference: string): Promise<string> {
  const booking = await findOwnBooking(context, reference)
  if (booking.paymentId) {
    const payment = await fetchPayment(context, booking.paymentId)
    if (payment) await settlePayment(context, payment)
  }
  return booking.id
}

async function settleByPayment(context: CallContext, paymentId: string): Promise<string> {
  const payment = isUuid(paymentId) ? await fetchPayment(context, paymentId) : undefined
  if (!payment?.bookingReference) throw failures.PAYMENT_NOT_FOUND()
  const booking = await findOwnBooking(context, payment.bookingReference).catch(() => {
    throw failures.PAYMENT_NOT_FOUND()
  })
  await settlePayment(context, payment)
  return booking.id
}

async function fetchPayment({ payment }: Context, paymentId: string): Promise<Payment | undefined> {
  try {
    return (await payment.getPayment({ paymentId, refresh: true })).payment
  } catch (error) {
    // It may not have been created yet, or have been cancelled before it was.
    if (error instanceof Failure && error.code === "NOT_FOUND") return undefined
    throw error
  }
}

/**
 * Money that arrived pays the booking that asked for it. Money for a booking that is paid already, has ended, or asked
 * for another amount goes back in full.
 */
async function settlePayment(context: Context, payment: Payment): Promise<void> {
  if (payment.status !== PaymentStatus.SUCCEEDED) return
  if (await markPaid(context, payment)) return
  const booking = await readBooking(context.database.sql, payment.bookingId)
  if (booking.settledPaymentId === payment.id) return
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
}
