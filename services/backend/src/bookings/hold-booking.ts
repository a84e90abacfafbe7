import { newId } from "@airside/kernel/ids"
import { onceTogether, type SharedWork } from "@airside/kernel/once-together"
import { conflict, isUniqueViolation, type Transaction, type WithCommit } from "@airside/kernel/sql"
import type { Contact, HoldBookingRequest, HoldBookingResponse } from "@airside/protos/airside/bookings/v1/bookings"
import { newAccessToken } from "../accounts/sessions.ts"
import type { CallContext } from "../context.ts"
import { openGuestAccess } from "./guest-access.ts"
import { insertBookings, newBooking } from "./insert-booking.ts"
import { type GivenAway, giveSeats, holdSeats } from "./inventory.ts"
import { type Order, parseContact, parseOrder } from "./parse-order.ts"
import { readStanding, type Standing, spendablePoints } from "./points.ts"
import { firstBookingOnly, type OrderFacts, type PricedOrder, priceOrder, readOrderFacts } from "./price-order.ts"

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
  const hold: Hold = { context, order, contact, userId, standing, minted: undefined }
  const { booking } = await onceTogether(context, request, hold, HOLDS)
  if (userId) return { booking, accessToken: "" }
  // A stored answer has no token with it: another one is minted.
  const isNew = hold.minted?.bookingId === booking!.id
  return {
    booking,
    accessToken: isNew ? hold.minted!.accessToken : await openGuestAccess(context.database.sql, booking!.id),
  }
}

interface Hold {
  context: CallContext
  order: Order
  contact: Contact
  userId: string | null
  standing: Standing | undefined
  /** Opens the booking that was made last for a guest. */
  minted: { bookingId: string; accessToken: string } | undefined
}

interface HeldRow {
  hold: Hold
  priced: PricedOrder
  seats: number
  booking: ReturnType<typeof newBooking>
}

/** Holds that come at once are one transaction, in which every one sees what those before it took. */
const HOLDS: SharedWork<Hold, HoldBookingResponse, HeldRow> = {
  async read(tx, holds) {
    const facts = await readOrderFacts(tx, holds)
    const factsOf = new Map(holds.map((hold, index) => [hold, facts[index]!]))
    const before: Before = { seats: new Map(), promoUses: new Set() }
    return (hold) => decide(hold, factsOf.get(hold)!, before)
  },
  write(tx, withCommit, rows) {
    usePromoCodes(tx, withCommit, rows)
    insertBookings(
      tx,
      withCommit,
      rows.map(({ booking }) => booking),
    )
    holdSeats(
      tx,
      withCommit,
      rows.map(({ priced, seats }) => ({ departures: priced.segments, seats })),
    )
  },
}

/** What holds of the same transaction took. */
interface Before {
  seats: GivenAway
  /** Account and code. */
  promoUses: Set<string>
}

function decide(hold: Hold, facts: OrderFacts, before: Before): { response: HoldBookingResponse; row: HeldRow } {
  const { context, order, contact, userId, standing } = hold
  const priced = priceOrder(context, order, facts)
  const { currency } = context.rules
  const points = standing ? spendablePoints(order.points, standing, priced.price.total!.minorUnits, currency) : 0n
  const promoUse = `${userId} ${order.promoCode}`
  if (priced.isFirstBooking && before.promoUses.has(promoUse)) throw firstBookingOnly()
  const seats = order.passengers.filter((passenger) => passenger.type !== "infant").length
  giveSeats(priced.segments, seats, before.seats)
  if (priced.isFirstBooking) before.promoUses.add(promoUse)
  const id = newId()
  hold.minted = userId ? undefined : { bookingId: id, accessToken: newAccessToken() }
  const accessToken = hold.minted?.accessToken
  const booking = newBooking(context, { id, order, priced, contact, userId, points, accessToken })
  return { response: { booking: booking.message, accessToken: "" }, row: { hold, priced, seats, booking } }
}

/**
 * The key of promo_uses decides when two bookings of an account race for their first-booking code; who comes second is
 * decided anew, and then sees the use.
 */
function usePromoCodes(tx: Transaction, withCommit: WithCommit, rows: readonly HeldRow[]) {
  const uses = rows.filter(({ priced }) => priced.isFirstBooking)
  if (uses.length === 0) return
  withCommit(
    tx`
      insert into promo_uses (user_id, code, booking_id)
      select *
      from unnest(
        ${uses.map(({ hold }) => hold.userId)}::uuid[], ${uses.map(({ hold }) => hold.order.promoCode)}::text[],
        ${uses.map(({ booking }) => booking.message.id)}::uuid[]
      )`,
    (error) => (isUniqueViolation(error) ? conflict("the account uses its code elsewhere") : error),
  )
}
