import { Failure, invalidRequest } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import type { SettleBookingRequest, SettleBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { BOOKING_STATUSES } from "./booking-message.ts"
import { type BookingRow, findOwnBooking, readBooking } from "./own-booking.ts"
import { fetchPayment, settlePayment } from "./settle-payment.ts"
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
  const bookingId = await settleSubject(context, subject)
  await carryOn(context, bookingId)
  const booking = await readBooking(context.database.sql, bookingId)
  return { reference: booking.reference, status: BOOKING_STATUSES[booking.status] }
}

/** Settles what is named; answers the booking's id. Reasons: BOOKING_NOT_FOUND, PAYMENT_NOT_FOUND. */
export const settleSubject = (
  context: CallContext,
  subject: NonNullable<SettleBookingRequest["subject"]>,
): Promise<string> =>
  subject.$case === "reference" ? settleByReference(context, subject.value) : settleByPayment(context, subject.value)

async function settleByReference(context: CallContext, reference: string): Promise<string> {
  const booking = await findOwnBooking(context, reference)
  await settleAttempt(context, booking)
  return booking.id
}

/** Settles the payment of the current attempt, if there is one. */
export async function settleAttempt(context: CallContext, { paymentId }: BookingRow): Promise<void> {
  const payment = paymentId ? await fetchPayment(context, paymentId) : undefined
  if (payment) await settlePayment(context, payment)
}

async function settleByPayment(context: CallContext, paymentId: string): Promise<string> {
  const payment = isUuid(paymentId) ? await fetchPayment(context, paymentId) : undefined
  if (!payment?.bookingReference) throw failures.PAYMENT_NOT_FOUND()
  const booking = await findOwnBooking(context, payment.bookingReference).catch((error) => {
    throw error instanceof Failure && error.code === "NOT_FOUND" ? failures.PAYMENT_NOT_FOUND() : error
  })
  await settlePayment(context, payment)
  return booking.id
}
