import { onceDecided } from "@airside/kernel/idempotency"
import { newId } from "@airside/kernel/ids"
import { isUniqueViolation, type Transaction, type WithCommit } from "@airside/kernel/sql"
import type { HoldBookingRequest, HoldBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { newAccessToken } from "../accounts/sessions.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { openGuestAccess } from "./guest-access.ts"
import { insertBooking, newBooking } from "./insert-booking.ts"
import { holdSeats, requireSeats } from "./inventory.ts"
import { parseContact, parseOrder } from "./parse-order.ts"
import { readStanding, spendablePoints } from "./points.ts"
import { priceOrder } from "./price-order.ts"

/**
 * Holds seats at the offered price until payment; the hold lapses by itself. Points are only noted: StartCheckout
 * redeems them. Reasons: INVALID_REQUEST, OFFER_INVALID, OFFER_EXPIRED, OFFER_CHANGED, OFFERS_DO_NOT_COMBINE,
 * SALES_CLOSED, SOLD_OUT, PROMO_UNKNOWN, PROMO_NOT_APPLICABLE, POINTS_NEED_ACCOUNT, NOT_ENOUGH_POINTS,
 * POINTS_REMAINDER_TOO_SMALL.
 */
export async function holdBooking(context: CallContext, request: HoldBookingRequest): Promise<HoldBookingResponse> {
  const order = parseOrder(context, request, true)
  const contact = parseContact(request.contact)
  const { caller } = context.call
  const userId = caller.kind === "person" ? caller.userId : null
  const standing = userId && order.points > 0n ? await readStanding(context, userId) : undefined
  let minted: { bookingId: string; accessToken: string } | undefined
  const { booking } = await onceDecided<HoldBookingResponse>(context, request, async (tx) => {
    const priced = await priceOrder(context, tx, order)
    const seats = order.passengers.filter((passenger) => passenger.type !== "infant").length
    requireSeats(priced.segments, seats)
    const { currency } = context.rules
    const points = standing ? spendablePoints(order.points, standing, priced.price.total!.minorUnits, currency) : 0n
    const id = newId()
    minted = userId ? undefined : { bookingId: id, accessToken: newAccessToken() }
    const { accessToken } = minted ?? {}
    const booking = newBooking(context, { id, order, priced, contact, userId, points, accessToken })
    return {
      response: { booking: booking.message, accessToken: "" },
      write(withCommit) {
        if (userId && priced.isFirstBooking)
          usePromoCode(tx, withCommit, { userId, code: order.promoCode!, bookingId: id })
        insertBooking(tx, withCommit, booking)
        holdSeats(tx, withCommit, priced.segments, seats)
      },
    }
  })
  if (userId) return { booking, accessToken: "" }
  // A stored answer has no token with it: another one is minted.
  const isNew = minted?.bookingId === booking!.id
  return {
    booking,
    accessToken: isNew ? minted!.accessToken : await openGuestAccess(context.database.sql, booking!.id),
  }
}

/** The key of promo_uses decides when two bookings of an account race for their first-booking code. */
function usePromoCode(
  tx: Transaction,
  withCommit: WithCommit,
  use: { userId: string; code: string; bookingId: string },
) {
  withCommit(
    tx`
      insert into promo_uses (user_id, code, booking_id)
      values (${use.userId}, ${use.code}, ${use.bookingId})`,
    (error) => {
      if (!isUniqueViolation(error)) return error
      const message = "is for the first booking of an account"
      return failures.PROMO_NOT_APPLICABLE({}, [{ field: "promo_code", message }])
    },
  )
}
