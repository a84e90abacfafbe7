import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import {
  auditInventory,
  type BackendWorld,
  book,
  charge,
  hold,
  newTraveller,
  reread,
  settle,
  startBackendWorld,
  startCheckout,
  whileLocked,
} from "../testing.ts"
import { stepIds } from "./step-ids.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
const CANCELLED_MINOR_UNITS = 1000n
let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld()
  // Neighbours, whose seats a step that is taken twice would take away.
  await hold(world, ROUTE)
  await book(world, ROUTE)
})
afterAll(() => world.stop())

type Held = Awaited<ReturnType<typeof hold>>

const unpaid = async () => {
  const held = await hold(world, ROUTE)
  await startCheckout(world, held.booking.reference, held.token)
  return held
}

async function charged() {
  const held = await hold(world, ROUTE)
  const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
  await charge(world, paymentId, held.token)
  await world.sql`update bookings set settled_payment_id = ${paymentId} where id = ${held.booking.id}`
  return held
}

/** With the money on its way back already, as when a backend died before it could note that. */
async function refunded() {
  const sold = await book(world, ROUTE)
  const [id, bookingId] = [newId(), sold.booking.id]
  await world.sql`
    insert into cancellations (booking_id, id, status, refund_minor_units, points_returned, points_reversed, lines)
    values (${bookingId}, ${id}, 'requested', ${CANCELLED_MINOR_UNITS}, 0, 0, '[]')`
  await world.sql`update tickets set cancellation_id = ${id} where booking_id = ${bookingId}`
  const { id: paymentId, amount } = sold.booking.payment!
  const refund = { ...amount!, minorUnits: CANCELLED_MINOR_UNITS }
  await world.payments.refundPayment(
    { requestId: stepIds.request(id, "refund"), refundId: id, paymentId, amount: refund },
    { token: world.backendToken },
  )
  return sold
}

describe("two backends take the same step in the same moment: it is taken once", () => {
  test.each([
    ["expiring", unpaid, BookingStatus.EXPIRED, 0n],
    ["paid", charged, BookingStatus.CONFIRMED, 0n],
    ["cancelling", refunded, BookingStatus.CANCELLED, CANCELLED_MINOR_UNITS],
  ] as const)("from %s", async (status, prepare: () => Promise<Held>, end, refundedMinorUnits) => {
    const held = await prepare()
    const { id, reference } = held.booking
    await world.sql`update bookings set status = ${status}, next_step_time = null where id = ${id}`
    await whileLocked(world, id, async (queued) => {
      const moves = [1, 2].map(() => settle(world, reference, world.uiToken))
      await queued(2)
      return { moves }
    })
    const booking = await until(async () => {
      const now = await reread(world, held)
      return now.status === end && now
    })
    expect(booking.payment!.refunded!.minorUnits).toBe(refundedMinorUnits)
    const { payment } = await world.payments.getPayment(
      { paymentId: booking.payment!.id, refresh: false },
      { token: world.backendToken },
    )
    expect(payment!.refunded!.minorUnits).toBe(refundedMinorUnits)
    await auditInventory(world)
  })
})

test("points that are noted late do not make a cancellation forget its next step", async () => {
  const ada = await newTraveller(world)
  const sold = await book(world, ROUTE, { token: ada.token })
  const { id, reference } = sold.booking
  await world.sql`update bookings set points_earned = null, next_step_time = null where id = ${id}`
  await whileLocked(world, id, async (queued, tx) => {
    const late = settle(world, reference, world.uiToken)
    await queued(1)
    const cancellationId = newId()
    await tx`
      insert into cancellations (booking_id, id, status, refund_minor_units, points_returned, points_reversed, lines)
      values (${id}, ${cancellationId}, 'requested', ${CANCELLED_MINOR_UNITS}, 0, 0, '[]')`
    await tx`update tickets set cancellation_id = ${cancellationId} where booking_id = ${id}`
    await tx`
      update bookings
      set status = 'cancelling', points_earned = ${sold.booking.points!.earned}, next_step_time = now() + interval '1 second'
      where id = ${id}`
    return { moves: [late] }
  })
  await until(async () => (await reread(world, sold)).status === BookingStatus.CANCELLED)
})
