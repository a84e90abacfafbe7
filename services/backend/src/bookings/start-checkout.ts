import { Failure, invalidRequest } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { parseRequestId } from "@airside/kernel/ids"
import { allocate, cardStep, least, money } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import type { StartCheckoutRequest, StartCheckoutResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { type Payment, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import { requireLivingSession } from "../accounts/living-session.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { bookingMessage } from "./booking-message.ts"
import { nextStepIsOurs } from "./next-step.ts"
import { type BookingRow, bookingColumns, findOwnBooking, readBooking } from "./own-booking.ts"
import { isRemainderTooSmall, lockPoints, readStanding, remainderTooSmall, spendablePoints } from "./points.ts"
import { settleAttempt } from "./settle-booking.ts"
import { settlePayment } from "./settle-payment.ts"
import { stepIds } from "./step-ids.ts"
import { closePayment, returnPoints } from "./steps.ts"
import { carryOn } from "./sweep-bookings.ts"

/**
 * Redeems the points and asks payment for the rest. Asked again with the same points it carries on with the same
 * attempt; with other points it closes the payment, returns the points and begins a new attempt. Reasons:
 * BOOKING_NOT_FOUND, BOOKING_STATE, BOOKING_BUSY, HOLD_EXPIRED, SESSION_ENDED, NOT_ENOUGH_POINTS, POINTS_NEED_ACCOUNT,
 * POINTS_REMAINDER_TOO_SMALL.
 */
export async function startCheckout(
  context: CallContext,
  request: StartCheckoutRequest,
): Promise<StartCheckoutResponse> {
  if (request.points !== undefined && request.points < 0n)
    throw invalidRequest([{ field: "points", message: "is negative" }])
  parseRequestId(request.requestId)
  const [found] = await Promise.all([findOwnBooking(context, request.reference), requireLivingSession(context)])
  if (request.paysAtOnce && found.status !== "held" && found.paymentId) {
    // Whoever noted its id may not have come as far as creating it.
    if (found.status === "awaiting_payment" && found.attemptOpen) await createPayment(context, found)
    return paymentOf(found)
  }
  const wanted = request.points ?? found.pointsToSpend
  if (request.paysAtOnce && found.status === "held" && wanted === 0n && isForCard(found)) return askCard(context, found)
  let payment: Payment | undefined
  const response = await onceAcrossSteps<StartCheckoutResponse>(context, request, async () => {
    const payable = await requirePayable(context, found)
    const points = await pointsToSpend(context, payable, request.points)
    const begun = isSameAttempt(payable, points) ? payable : await beginAttempt(context, payable, points)
    const attempt = await redeemPoints(context, begun)
    if (isPaidWithPoints(attempt)) await payWithPoints(context, attempt)
    else payment = await createPayment(context, attempt)
    // If somebody closes the attempt now, its payment is closed too, and whoever pays is told there.
    if (payment && request.paysAtOnce) return paymentOf(attempt)
    const current = await requireCurrent(context, attempt)
    const booking = request.paysAtOnce ? undefined : await bookingMessage(context.database.sql, current)
    return { ...paymentOf(current), booking }
  })
  if (response.paymentId === "" || request.paysAtOnce) return response
  if (payment?.id !== response.paymentId) payment = await readSecrets(context, response.paymentId)
  const checkoutUrl = `${context.rules.publicUrl}/pay/${response.paymentId}?key=${payment.checkoutKey}`
  return { ...response, clientSecret: payment.clientSecret, checkoutUrl }
}

/**
 * The first attempt to pay all of it by card, or one after attempts that were given up. No answer is stored: the attempt
 * is known by its number and the payment by the attempt, so the same request again finds both.
 */
async function askCard(context: CallContext, found: BookingRow): Promise<StartCheckoutResponse> {
  const begun = await beginAttempt(context, await requirePayable(context, found), 0n).catch(async (error) => {
    const current = await readBooking(context.database.sql, found.id)
    if (isSameAttempt(current, 0n) && current.attempt === found.attempt + 1 && current.paymentId) return current // a twin's
    throw error
  })
  await createPayment(context, begun)
  return paymentOf(begun)
}

/** The booking if it may be paid for. Money that has arrived since somebody last looked is settled first. */
async function requirePayable(context: CallContext, found: BookingRow): Promise<BookingRow> {
  const booking = found.status === "awaiting_payment" ? await settleFirst(context, found.id) : found
  if (["expiring", "expired"].includes(booking.status)) throw failures.HOLD_EXPIRED()
  if (!["held", "awaiting_payment"].includes(booking.status)) throw failures.BOOKING_STATE({ status: booking.status })
  if (booking.holdExpireTime <= booking.readTime) throw failures.HOLD_EXPIRED()
  return booking
}

async function settleFirst(context: CallContext, id: string): Promise<BookingRow> {
  const { sql } = context.database
  await settleAttempt(context, await readBooking(sql, id))
  return readBooking(sql, id)
}

async function pointsToSpend(context: CallContext, booking: BookingRow, wanted: bigint | undefined): Promise<bigint> {
  const points = wanted ?? booking.pointsToSpend
  if (points === 0n || isSameAttempt(booking, points)) return points
  if (!booking.userId) throw failures.POINTS_NEED_ACCOUNT({}, [{ field: "points", message: "log in to spend points" }])
  const standing = await readStanding(context, booking.userId)
  // What this booking redeemed already comes back before it is spent anew.
  const balance = standing.balance + booking.pointsRedeemed
  return spendablePoints(points, { ...standing, balance }, booking.totalMinorUnits, booking.currency)
}

const isSameAttempt = (booking: BookingRow, points: bigint) => booking.attemptOpen && booking.pointsToSpend === points

/** True for a booking that a card can pay all of. */
const isForCard = ({ totalMinorUnits, currency }: BookingRow) =>
  totalMinorUnits > 0n && !isRemainderTooSmall(totalMinorUnits, 0n, currency)

/** Also true for a booking that costs nothing. */
const isPaidWithPoints = (booking: BookingRow) => booking.pointsValueMinorUnits === booking.totalMinorUnits

/**
 * The intent, committed before anything happens elsewhere. The hold is prolonged once, when payment first starts. Points
 * that a cancellation of the account counts on are not spent meanwhile. Without points, what the card has to pay is
 * known already and is noted at once.
 */
async function beginAttempt(context: CallContext, booking: BookingRow, points: bigint): Promise<BookingRow> {
  if (booking.status === "awaiting_payment") await closeAttempt(context, booking)
  const attempt = booking.attempt + 1
  const isCardOnly = points === 0n && isForCard(booking)
  const paymentId = isCardOnly ? stepIds.payment(booking.id, attempt) : null
  const extension = booking.holdExtended ? 0 : context.rules.holdExtensionSeconds
  const begin = async (sql: Queryable) => {
    const [begun] = await sql<BookingRow[]>`
      update bookings b
      set status = 'awaiting_payment', attempt = ${attempt}, attempt_open = true, points_to_spend = ${points}, points_redeemed = 0,
          points_value_minor_units = 0, payment_id = ${paymentId},
          payment_minor_units = ${isCardOnly ? booking.totalMinorUnits : 0n}, hold_extended = true,
          hold_expire_time = hold_expire_time + ${extension} * interval '1 second',
          next_step_time = hold_expire_time + ${extension} * interval '1 second', update_time = now()
      where id = ${booking.id} and status = ${booking.status} and attempt = ${booking.attempt} and not attempt_open
        and hold_expire_time > now() ${points > 0n ? unlessCancelling(sql, booking.userId) : sql``}
      returning ${bookingColumns(sql)}`
    if (!begun) throw failures.BOOKING_BUSY()
    return begun
  }
  const { sql, inTransaction } = context.database
  if (points === 0n && booking.attempt === 0) return begin(sql)
  return inTransaction(async (tx) => {
    if (points > 0n) await lockPoints(tx, booking.userId)
    const begun = await begin(tx)
    // What points paid of each ticket in an attempt before.
    if (booking.attempt > 0) await tx`update tickets set points_minor_units = 0 where booking_id = ${booking.id}`
    return begun
  })
}

const unlessCancelling = (sql: Queryable, userId: string | null) => sql`
  and not exists (select 1 from bookings other where other.user_id = ${userId} and other.status = 'cancelling')`

/**
 * Ends the current attempt: marked first, so that whoever was carrying it on stops before its redemption is noted or its
 * points pay; only then its payment is closed and its points are returned.
 */
async function closeAttempt(context: CallContext, { id, attempt }: BookingRow) {
  const { sql } = context.database
  await sql`
    update bookings
    set attempt_open = false, update_time = now()
    where id = ${id} and status = 'awaiting_payment' and attempt = ${attempt}`
  const booking = await readBooking(sql, id)
  if (booking.status !== "awaiting_payment" || booking.attempt !== attempt) throw failures.BOOKING_BUSY()
  const payment = await closePayment(context, booking)
  if (payment?.status === PaymentStatus.SUCCEEDED) {
    await settlePayment(context, payment)
    await carryOn(context, id)
    throw failures.BOOKING_STATE({ status: (await readBooking(sql, id)).status })
  }
  await returnPoints(context, booking)
}

/** Freezes what the points are worth and notes what the card has to pay, under an id that the payment will have. */
async function redeemPoints(context: CallContext, booking: BookingRow): Promise<BookingRow> {
  if (booking.paymentId || isPaidWithPoints(booking)) return booking // it is noted
  const value = booking.pointsToSpend > 0n ? await redeem(context, booking) : 0n
  if (isRemainderTooSmall(booking.totalMinorUnits, value, booking.currency)) {
    await returnPoints(context, booking)
    await backToHeld(context, booking)
    throw remainderTooSmall(booking.currency)
  }
  return recordRedemption(context, booking, value)
}

async function redeem(context: CallContext, booking: BookingRow): Promise<bigint> {
  const transactionId = stepIds.redemption(booking.id, booking.attempt)
  try {
    const { value } = await context.loyalty.redeemPoints({
      requestId: stepIds.request(transactionId, "redeem"),
      transactionId,
      userId: booking.userId!,
      points: booking.pointsToSpend,
      bookingReference: booking.reference,
    })
    return least(value!.minorUnits, booking.totalMinorUnits)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.reason === "NOT_ENOUGH_POINTS") await backToHeld(context, booking)
    throw error.reason === "TRANSACTION_REVERSED" ? failures.BOOKING_BUSY() : error // somebody closed the attempt
  }
}

/** Spreads the points' value over the tickets, so that a refund of some of them knows its share. */
async function recordRedemption(context: CallContext, booking: BookingRow, value: bigint): Promise<BookingRow> {
  const remainder = booking.totalMinorUnits - value
  const paymentId = remainder > 0n ? stepIds.payment(booking.id, booking.attempt) : null
  return context.database.inTransaction(async (tx) => {
    const [recorded] = await tx<BookingRow[]>`
      update bookings b
      set points_redeemed = points_to_spend, points_value_minor_units = ${value}, payment_id = ${paymentId},
          payment_minor_units = ${remainder}, update_time = now()
      where id = ${booking.id} and status = 'awaiting_payment' and attempt = ${booking.attempt} and attempt_open
      returning ${bookingColumns(tx)}`
    if (!recorded) throw failures.BOOKING_BUSY()
    const tickets = await tx<{ passengerId: string; segmentId: string; price: bigint }[]>`
      select passenger_id as "passengerId", segment_id as "segmentId",
             fare_minor_units + tax_minor_units + promo_minor_units as price
      from tickets
      where booking_id = ${booking.id}
      order by passenger_id, segment_id`
    const shares = allocate(
      -value,
      tickets.map((ticket) => ticket.price),
      cardStep(booking.currency),
    )
    await tx`
      update tickets t
      set points_minor_units = share.points
      from unnest(
        ${tickets.map((ticket) => ticket.passengerId)}::uuid[], ${tickets.map((ticket) => ticket.segmentId)}::uuid[],
        ${shares.map(String)}::bigint[]
      ) as share (passenger_id, segment_id, points)
      where t.booking_id = ${booking.id} and t.passenger_id = share.passenger_id and t.segment_id = share.segment_id`
    return recorded
  })
}

async function backToHeld({ database }: CallContext, booking: BookingRow) {
  await database.sql`
    update bookings
    set status = 'held', attempt_open = false, points_to_spend = 0, next_step_time = hold_expire_time, update_time = now()
    where id = ${booking.id} and status = 'awaiting_payment' and attempt = ${booking.attempt}`
}

async function payWithPoints(context: CallContext, booking: BookingRow): Promise<void> {
  const { sql } = context.database
  const [paid] = await sql<BookingRow[]>`
    update bookings b
    set status = 'paid', ${nextStepIsOurs(sql)}
    where id = ${booking.id} and status = 'awaiting_payment' and attempt = ${booking.attempt} and attempt_open
      and points_value_minor_units = total_minor_units
    returning ${bookingColumns(sql)}`
  await carryOn(context, booking.id, paid)
}

async function createPayment(context: CallContext, booking: BookingRow): Promise<Payment> {
  const paymentId = booking.paymentId!
  const request = {
    requestId: stepIds.request(paymentId, "create"),
    paymentId,
    bookingId: booking.id,
    bookingReference: booking.reference,
    userId: booking.userId ?? "",
    amount: money(booking.currency, booking.paymentMinorUnits),
    description: `Airside booking ${booking.reference}`,
    email: booking.contactEmail,
  }
  const { payment } = await context.payment.createPayment(request).catch((error) => {
    const isClosed = error instanceof Failure && error.reason === "PAYMENT_CANCELLED"
    throw isClosed ? failures.BOOKING_BUSY() : error // somebody closed the attempt
  })
  if (payment!.status === PaymentStatus.CANCELLED) throw failures.BOOKING_BUSY()
  return payment!
}

/** The booking, unless somebody has closed the attempt meanwhile. */
async function requireCurrent(context: CallContext, { id, attempt }: BookingRow): Promise<BookingRow> {
  const booking = await readBooking(context.database.sql, id)
  const isClosed = booking.status === "awaiting_payment" && !booking.attemptOpen
  if (booking.attempt !== attempt || isClosed) throw failures.BOOKING_BUSY()
  return booking
}

/** What may be stored as an answer: without the secrets, which a replay fetches anew. */
const paymentOf = (booking: BookingRow): StartCheckoutResponse => ({
  booking: undefined,
  paymentId: booking.paymentId ?? "",
  clientSecret: "",
  checkoutUrl: "",
  amount: money(booking.currency, booking.paymentMinorUnits),
})

async function readSecrets(context: CallContext, paymentId: string): Promise<Payment> {
  return (await context.payment.getPayment({ paymentId, refresh: false })).payment!
}
