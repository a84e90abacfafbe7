import { once } from "@airside/kernel/idempotency"
import { newId } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { HoldBookingRequest, HoldBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { newAccessToken } from "../accounts/sessions.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { openGuestAccess } from "./guest-access.ts"
import { insertBooking } from "./insert-booking.ts"
import { holdSeats } from "./inventory.ts"
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
  const { booking } = await once<HoldBookingResponse>(context, request, async (tx) => {
    const priced = await priceOrder(context, tx, order)
    const { currency } = context.rules
    const points = standing ? spendablePoints(order.points, standing, priced.price.total!.minorUnits, currency) : 0n
    const id = newId()
    minted = userId ? undefined : { bookingId: id, accessToken: newAccessToken() }
    if (userId && order.promoCode) await usePromoCode(tx, order.promoCode, userId, id)
    const seats = order.passengers.filter((passenger) => passenger.type !== "infant").length
    const [booking] = await Promise.all([
      insertBooking(context, tx, { id, order, priced, contact, userId, points, accessToken: minted?.accessToken }),
      holdSeats(tx, priced.segments, seats),
    ])
    return { booking, accessToken: "" }
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
async function usePromoCode(tx: Transaction, code: string, userId: string, bookingId: string) {
  const [promo] = await tx`select 1 from promo_codes where code = ${code} and first_booking`
  if (!promo) return
  const used = await tx`
    insert into promo_uses (user_id, code, booking_id)
    values (${userId}, ${code}, ${bookingId})
    on conflict do nothing
    returning 1`
  if (used.length === 0) {
    throw failures.PROMO_NOT_APPLICABLE({}, [
      { field: "promo_code", message: "is for the first booking of an account" },
    ])
  }
}
