import { Failure, invalidRequest } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import { createUnderWay } from "@airside/kernel/under-way"
import type { SettleBookingRequest, SettleBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { BOOKING_STATUSES } from "./booking-message.ts"
import { type BookingRow, findOwnBooking, findPaidBooking, readBooking } from "./own-booking.ts"
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
  const { reference, status, settledPaymentId } = await settleSubject(context, subject)
  return { reference, status: BOOKING_STATUSES[status], settledPaymentId: settledPaymentId ?? "" }
}

/** By payment: the event comes when the one who paid settles it too, and then finds that there is nothing left to do. */
const settlements = createUnderWay()

/** Settles what is named and takes the booking's next steps. Reasons: BOOKING_NOT_FOUND, PAYMENT_NOT_FOUND. */
export const settleSubject = (
  context: CallContext,
  subject: NonNullable<SettleBookingRequest["subject"]>,
): Promise<BookingRow> =>
  subject.$case === "reference" ? settleByReference(context, subject.value) : settleByPayment(context, subject.value)

async function settleByReference(context: CallContext, reference: string): Promise<BookingRow> {
  const found = await findOwnBooking(context, reference)
  if (isSettled(found)) return found
  const key = found.paymentId ?? found.id
  const hasWaited = await settlements.waited(key)
  return settlements.during(key, async () => {
    const booking = hasWaited ? await readBooking(context.database.sql, found.id) : found
    return isSettled(booking) ? booking : settleAttempt(context, booking)
  })
}

/** Paid by the payment that it asked for, with tickets and points: no step is left, and none is due to the payment. */
const isSettled = ({ status, pointsEarned, paymentId, settledPaymentId }: BookingRow) =>
  status === "confirmed" && pointsEarned !== null && paymentId === settledPaymentId

/** Settles the payment of the current attempt, if there is one, and takes the next steps. */
export async function settleAttempt(context: CallContext, { id, paymentId }: BookingRow): Promise<BookingRow> {
  const payment = paymentId ? await fetchPayment(context, paymentId) : undefined
  return carryOn(context, id, payment && (await settlePayment(context, payment)))
}

async function settleByPayment(context: CallContext, paymentId: string): Promise<BookingRow> {
  if (!isUuid(paymentId)) throw failures.PAYMENT_NOT_FOUND()
  const id = paymentId.toLowerCase()
  await settlements.waited(id)
  return settlements.during(id, async () => {
    const booking = await findPaidBooking(context, id)
    return booking && isSettled(booking) ? booking : settleFetched(context, id)
  })
}

async function settleFetched(context: CallContext, paymentId: string): Promise<BookingRow> {
  const payment = await fetchPayment(context, paymentId)
  if (!payment?.bookingReference) throw failures.PAYMENT_NOT_FOUND()
  const booking = await findOwnBooking(context, payment.bookingReference).catch((error) => {
    throw error instanceof Failure && error.code === "NOT_FOUND" ? failures.PAYMENT_NOT_FOUND() : error
  })
  return carryOn(context, booking.id, await settlePayment(context, payment))
}
