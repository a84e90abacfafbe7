import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import {
  auditInventory,
  type BackendWorld,
  charge,
  failing,
  givePoints,
  hold,
  newTraveller,
  reasons,
  reread,
  settle,
  startBackendWorld,
  startCheckout,
  whileLocked,
} from "../testing.ts"
import { stepIds } from "./step-ids.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
const POINTS = 100_000n
let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(async () => {
  await auditInventory(world)
  await world.stop()
})

const balanceOf = async (token: string) =>
  (await world.loyalty.getAccount({ userId: "me" }, { token })).account!.balance

/** A booking whose backend died when the points had been redeemed and noted, before they paid for it. */
async function redeemedInFull() {
  const ada = await newTraveller(world)
  await givePoints(world, ada.userId, POINTS)
  const held = await hold(world, ROUTE, { token: ada.token, points: POINTS })
  const { id, reference, pointsToSpend } = held.booking
  await world.loyalty.redeemPoints(
    {
      requestId: newId(),
      transactionId: stepIds.redemption(id, 1),
      userId: ada.userId,
      points: pointsToSpend,
      bookingReference: reference,
    },
    { token: world.backendToken },
  )
  await world.sql`
    update bookings
    set status = 'awaiting_payment', attempt = 1, attempt_open = true, points_redeemed = points_to_spend,
        points_value_minor_units = total_minor_units
    where id = ${id}`
  return { ...held, id, reference, spent: pointsToSpend }
}

describe("an attempt that somebody closes is nobody's to carry on", () => {
  test("points pay first: they are not returned to the one who wanted to pay otherwise", async () => {
    const held = await redeemedInFull()
    const outcomes = await whileLocked(world, held.id, async (queued) => {
      const withPoints = startCheckout(world, held.reference, held.token, held.spent)
      await queued(1)
      const byCard = startCheckout(world, held.reference, held.token, 0n)
      await queued(2)
      return { moves: [withPoints, byCard] }
    })
    expect(reasons(outcomes)).toEqual([undefined, "BOOKING_BUSY"])
    expect((await reread(world, held)).status).toBe(BookingStatus.CONFIRMED)
    expect(await balanceOf(held.token)).toBe(POINTS - held.spent)
  })

  test("the card comes first: points that go back pay for nothing", async () => {
    const held = await redeemedInFull()
    const outcomes = await whileLocked(world, held.id, async (queued) => {
      const byCard = startCheckout(world, held.reference, held.token, 0n)
      await queued(1)
      const withPoints = startCheckout(world, held.reference, held.token, held.spent)
      await queued(2)
      return { moves: [byCard, withPoints] }
    })
    expect(reasons(outcomes)).toEqual([undefined, "BOOKING_BUSY"])
    expect((await reread(world, held)).status).toBe(BookingStatus.AWAITING_PAYMENT)
    expect(await balanceOf(held.token)).toBe(POINTS)
  })

  test("backend dies when the points went back: asking again redeems them anew", async () => {
    const held = await redeemedInFull()
    await world.sql`update bookings set attempt_open = false where id = ${held.id}`
    await world.loyalty.reversePoints(
      {
        requestId: stepIds.request(stepIds.redemption(held.id, 1), "return"),
        transactionId: stepIds.redemption(held.id, 1),
        userId: held.booking.userId,
        points: 0n,
        bookingReference: held.reference,
        reason: "The booking was not paid.",
      },
      { token: world.backendToken },
    )
    const { booking } = await startCheckout(world, held.reference, held.token, held.spent)
    expect(booking!.status).toBe(BookingStatus.CONFIRMED)
    expect(await balanceOf(held.token)).toBe(POINTS - held.spent)
  })

  test("backend dies when the payment was closed: asking again gives one that can be paid", async () => {
    const held = await hold(world, ROUTE)
    const { reference } = held.booking
    const { paymentId } = await startCheckout(world, reference, held.token)
    await world.sql`update bookings set attempt_open = false where id = ${held.booking.id}`
    await world.payments.cancelPayment({ requestId: newId(), paymentId }, { token: world.backendToken })
    const again = await startCheckout(world, reference, held.token)
    await charge(world, again.paymentId, held.token)
    expect(await settle(world, reference, held.token)).toBe(BookingStatus.CONFIRMED)
  })

  test("a payment that is noted while another attempt begins is closed, not forgotten", async () => {
    const ada = await newTraveller(world)
    await givePoints(world, ada.userId, POINTS)
    const held = await hold(world, ROUTE, { token: ada.token })
    const { id, reference } = held.booking
    // As if the first checkout had begun its attempt and come no further.
    await world.sql`update bookings set status = 'awaiting_payment', attempt = 1, attempt_open = true where id = ${id}`
    const outcomes = await whileLocked(world, id, async (queued) => {
      const first = startCheckout(world, reference, ada.token)
      await queued(1)
      const second = startCheckout(world, reference, ada.token, 100n)
      await queued(2)
      return { moves: [first, second] }
    })
    expect(reasons(outcomes)[1]).toBeUndefined()
    expect(await failing(charge(world, stepIds.payment(id, 1), ada.token))).toMatch(/PAYMENT_STATE|PAYMENT_NOT_FOUND/)
    await charge(world, stepIds.payment(id, 2), ada.token)
    expect(await settle(world, reference, ada.token)).toBe(BookingStatus.CONFIRMED)
  })

  test("five checkouts with five wishes at once: one payment can be paid, and only its points are gone", async () => {
    const ada = await newTraveller(world)
    await givePoints(world, ada.userId, POINTS)
    const held = await hold(world, ROUTE, { token: ada.token })
    const { id, reference } = held.booking
    const wishes = [0n, 100n, 200n, 300n, 400n]
    await Promise.allSettled(wishes.map((points) => startCheckout(world, reference, ada.token, points)))
    const last = await startCheckout(world, reference, ada.token, 500n)
    expect(await balanceOf(ada.token)).toBe(POINTS - 500n)
    const attempts = await world.sql<{ attempt: number }[]>`select attempt from bookings where id = ${id}`
    for (let attempt = 1; attempt < attempts[0]!.attempt; attempt++) {
      expect(await failing(charge(world, stepIds.payment(id, attempt), ada.token))).toMatch(/PAYMENT_(STATE|NOT_FOUND)/)
    }
    await charge(world, last.paymentId, ada.token)
    expect(await settle(world, reference, ada.token)).toBe(BookingStatus.CONFIRMED)
  })
})

describe("a checkout that finds the booking changed at its next step goes no further", () => {
  test.each([
    ["status", "status = 'awaiting_payment'"],
    ["attempt", "attempt = attempt + 1"],
    ["open attempt", "attempt_open = true"],
    ["lapse", "hold_expire_time = now() - interval '1 second', next_step_time = null"],
  ])("when an attempt is to begin: another %s", async (_, change) => {
    const held = await hold(world, ROUTE)
    expect(await whenChanged(held, change)).toEqual(["BOOKING_BUSY"])
  })

  test.each([
    ["status", "status = 'expiring'"],
    ["attempt", "attempt = attempt + 1"],
    ["closed attempt", "attempt_open = false"],
  ])("when a redemption is to be noted: another %s", async (_, change) => {
    const held = await hold(world, ROUTE)
    const { id } = held.booking
    await world.sql`update bookings set status = 'awaiting_payment', attempt = 1, attempt_open = true where id = ${id}`
    expect(await whenChanged(held, change)).toEqual(["BOOKING_BUSY"])
    expect(await world.sql`select 1 from bookings where id = ${id} and payment_id is not null`).toHaveLength(0)
  })

  async function whenChanged({ booking: { id, reference }, token }: Awaited<ReturnType<typeof hold>>, change: string) {
    const outcomes = await whileLocked(world, id, async (queued, tx) => {
      const checkout = startCheckout(world, reference, token)
      await queued(1)
      await tx.unsafe(`update bookings set ${change} where id = '${id}'`)
      return { moves: [checkout] }
    })
    return reasons(outcomes)
  }
})

test("the money arrives while another attempt is about to begin: it pays, and nothing else is asked for", async () => {
  const ada = await newTraveller(world)
  await givePoints(world, ada.userId, POINTS)
  const held = await hold(world, ROUTE, { token: ada.token })
  const { id, reference } = held.booking
  const { paymentId } = await startCheckout(world, reference, ada.token)
  const [outcome] = await whileLocked(world, id, async (queued) => {
    const withPoints = startCheckout(world, reference, ada.token, 100n)
    await queued(1)
    await charge(world, paymentId, ada.token)
    return { moves: [withPoints] }
  })
  expect(outcome).toMatchObject({ reason: { reason: "BOOKING_STATE", metadata: { status: "confirmed" } } })
  expect((await reread(world, held)).points!.redeemed).toBe(0n)
})

test("points pay at the last moment, and the lapse comes too late", async () => {
  const held = await redeemedInFull()
  await world.sql`
    update bookings set hold_expire_time = now() + interval '1 second', next_step_time = null where id = ${held.id}`
  const outcomes = await whileLocked(world, held.id, async (queued) => {
    const withPoints = startCheckout(world, held.reference, held.token, held.spent)
    await queued(1)
    await until(
      async () => (await world.sql`select 1 from bookings where id = ${held.id} and hold_expire_time < now()`).length,
    )
    const lapse = settle(world, held.reference, world.uiToken)
    await queued(2)
    return { moves: [withPoints, lapse] }
  })
  expect(reasons(outcomes)).toEqual([undefined, undefined])
  expect((await reread(world, held)).status).toBe(BookingStatus.CONFIRMED)
  expect(await balanceOf(held.token)).toBe(POINTS - held.spent)
})

test("seats are not chosen for a booking that is being let go", async () => {
  const held = await hold(world, ROUTE)
  const { id, reference, passengers, segments } = held.booking
  const { token } = held
  const outcomes = await whileLocked(world, id, async (queued) => {
    const cancel = world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: "" }, { token })
    await queued(1)
    const seats = [{ passengerId: passengers[0]!.id, segmentId: segments[0]!.id, seat: "40A" }]
    const choose = world.bookings.chooseSeats({ requestId: newId(), reference, seats }, { token })
    await queued(2)
    return { moves: [cancel, choose] }
  })
  expect(reasons(outcomes)).toEqual([undefined, "BOOKING_STATE"])
  expect(await world.sql`select 1 from seats where booking_id = ${id}`).toHaveLength(0)
})

test("points that are worth more than when they were noted may leave too little for a card: they go back", async () => {
  const ada = await newTraveller(world)
  await givePoints(world, ada.userId, POINTS)
  const held = await hold(world, ROUTE, { token: ada.token })
  const { id, reference } = held.booking
  await world.sql`
    update bookings
    set status = 'awaiting_payment', attempt = 1, attempt_open = true, points_to_spend = total_minor_units - 20
    where id = ${id}`
  expect(await failing(startCheckout(world, reference, ada.token))).toBe("POINTS_REMAINDER_TOO_SMALL")
  expect(await balanceOf(ada.token)).toBe(POINTS)
  expect((await reread(world, held)).status).toBe(BookingStatus.HELD)
  expect((await startCheckout(world, reference, ada.token)).amount).toEqual(held.booking.price!.total!)
})

test("a guest has no points to pay with", async () => {
  const held = await hold(world, ROUTE)
  expect(await failing(startCheckout(world, held.booking.reference, held.token, 1n))).toBe("POINTS_NEED_ACCOUNT")
})

test("who has paid and starts checkout again is told that it is paid", async () => {
  const held = await hold(world, ROUTE)
  const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
  await charge(world, paymentId, held.token)
  const again = await startCheckout(world, held.booking.reference, held.token).catch((error) => error)
  expect(again).toMatchObject({ reason: "BOOKING_STATE", metadata: { status: "confirmed" } })
  expect((await reread(world, held)).status).toBe(BookingStatus.CONFIRMED)
})

test("checkout races letting go: nothing can be paid for seats that are gone", async () => {
  for (let round = 0; round < 4; round++) {
    const held = await hold(world, ROUTE)
    const { id, reference } = held.booking
    const cancel = () =>
      world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: "" }, { token: held.token })
    await Promise.allSettled([startCheckout(world, reference, held.token), Bun.sleep(round * 10).then(cancel)])
    await cancel().catch(() => undefined)
    await until(async () => (await reread(world, held)).status === BookingStatus.EXPIRED)
    expect(await failing(charge(world, stepIds.payment(id, 1), held.token))).toMatch(/PAYMENT_(STATE|NOT_FOUND)/)
  }
})
