import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { sum } from "@airside/kernel/money"
import { until } from "@airside/kernel/testing"
import { BookingStatus, TicketStatus } from "@airside/protos/airside/bookings/v1/bookings"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import {
  auditInventory,
  type BackendWorld,
  book,
  charge,
  daysFromNow,
  failing,
  fareIn,
  givePoints,
  hold,
  newTraveller,
  offersFor,
  reasons,
  reread,
  seatsOf,
  settle,
  startBackendWorld,
  startCheckout,
  whileLocked,
} from "../testing.ts"
import { WHOLE_BOOKING } from "./cancellation-scope.ts"
import type { CancellationTerms } from "./cancellation-terms.ts"
import { signQuote } from "./quotes.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(async () => {
  await auditInventory(world)
  await world.stop()
})

describe("rule 10: cancelling quotes first", () => {
  test("what was quoted is what is given back, and the seat is free again", async () => {
    const ada = await newTraveller(world)
    const sold = await book(world, ROUTE, { token: ada.token })
    const { reference } = sold.booking
    const before = await seatsOf(world, sold.booking.id)
    const { quote } = await world.bookings.quoteCancellation(
      { reference, passengerIds: [], slices: [] },
      { token: ada.token },
    )
    expect(quote!.refund).toEqual(sold.booking.price!.total!) // within a day of booking, long before departure
    expect(quote!.pointsReversed).toBe(sold.booking.points!.earned)
    const { booking } = await world.bookings.cancelBooking(
      { requestId: newId(), reference, quoteToken: quote!.token },
      { token: ada.token },
    )
    expect(booking!.status).toBe(BookingStatus.CANCELLED)
    expect(booking!.payment!.refunded).toEqual(quote!.refund!)
    expect(booking!.tickets[0]!.status).toBe(TicketStatus.REFUNDED)
    expect((await seatsOf(world, sold.booking.id)).sold).toBe(before.sold - 1)
    const { account } = await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })
    expect(account!.balance).toBe(0n)
    expect(
      await failing(
        world.bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token: ada.token }),
      ),
    ).toBe("BOOKING_STATE")
  })

  test.each([
    ["light", 100n, "Cancellation fee, Light: the fare is not refunded"],
    ["standard", 20n, "Cancellation fee, Standard: 20 % of the fare"],
    ["flex", 0n, undefined],
  ] as const)(
    "%s keeps its fee of the fare, nothing of the taxes, when it is no longer free",
    async (brand, percent, label) => {
      const sold = await book(world, ROUTE, { brand })
      const { reference } = sold.booking
      const quoteOf = async () =>
        (await world.bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token: sold.token }))
          .quote!
      expect((await quoteOf()).refund).toEqual(sold.booking.price!.total!) // on the day of booking every brand is free
      await world.sql`update bookings set create_time = now() - interval '2 days' where id = ${sold.booking.id}`
      const quote = await quoteOf()
      const [fare, tax] = sold.booking.price!.lines.map((line) => line.amount!.minorUnits)
      expect(quote.refund!.minorUnits).toBe(fare! - (fare! * percent) / 100n + tax!)
      expect(quote.lines.find(({ kind }) => kind === PriceLineKind.FEE)?.label).toBe(label)
      expect(sum(quote.lines.map((line) => line.amount!.minorUnits))).toBe(quote.refund!.minorUnits)
    },
  )

  test("each flight is given back by the brand that it was bought in", async () => {
    const out = fareIn((await offersFor(world, ROUTE))[0]!, "light")
    const home = { origin: "LHR", destination: "VIE", departDate: daysFromNow(50) }
    const back = fareIn((await offersFor(world, home))[0]!, "flex")
    const ada = await newTraveller(world)
    const sold = await book(world, ROUTE, { token: ada.token, offerTokens: [out.token, back.token] })
    const { id, reference, segments, price } = sold.booking
    expect(segments.map(({ brand }) => brand)).toEqual(["light", "flex"])
    expect(price!.total!.minorUnits).toBe(out.total!.minorUnits + back.total!.minorUnits)
    await world.sql`update bookings set create_time = now() - interval '2 days' where id = ${id}`
    const quoteOf = async (slices: number[]) =>
      (await world.bookings.quoteCancellation({ reference, passengerIds: [], slices }, { token: ada.token })).quote!
    const [there, both] = [await quoteOf([0]), await quoteOf([0, 1])]
    expect(there.lines.find(({ kind }) => kind === PriceLineKind.TAX)!.amount).toEqual(there.refund!)
    expect((await quoteOf([1])).refund).toEqual(back.total!)
    expect(both.refund!.minorUnits).toBe(there.refund!.minorUnits + back.total!.minorUnits)
  })

  test("earned points that are spent already are taken off the card refund, as a line", async () => {
    const ada = await newTraveller(world)
    const first = await book(world, ROUTE, { token: ada.token })
    const earned = first.booking.points!.earned
    await book(world, ROUTE, { token: ada.token, points: earned })
    await world.sql`update bookings set points_earned = 0 where user_id = ${ada.userId} and id <> ${first.booking.id}`
    const { account } = await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })
    const { quote } = await world.bookings.quoteCancellation(
      { reference: first.booking.reference, passengerIds: [], slices: [] },
      { token: ada.token },
    )
    const shortfall = earned - account!.balance
    expect(shortfall > 0n).toBe(true)
    expect(quote!.pointsReversed).toBe(account!.balance)
    expect(quote!.refund!.minorUnits).toBe(first.booking.price!.total!.minorUnits - shortfall)
  })

  test("points that were spent come back, and what they paid is not paid back to the card", async () => {
    const ada = await newTraveller(world)
    await givePoints(world, ada.userId, 5_000n)
    const sold = await book(world, ROUTE, { token: ada.token, points: 5_000n })
    const { reference, payment, points } = sold.booking
    expect(points!.redeemed).toBe(5_000n)
    const { quote } = await world.bookings.quoteCancellation(
      { reference, passengerIds: [], slices: [] },
      { token: ada.token },
    )
    expect(quote!.pointsReturned).toBe(5_000n)
    expect(quote!.refund).toEqual(payment!.amount!)
    await world.bookings.cancelBooking(
      { requestId: newId(), reference, quoteToken: quote!.token },
      { token: ada.token },
    )
    const { account } = await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })
    expect(account!.balance).toBe(5_000n)
  })

  test("a quote for another booking, an altered one and one for other terms are refused by reason", async () => {
    const one = await book(world, ROUTE)
    const two = await book(world, ROUTE)
    const quoteOf = async ({ booking, token }: typeof one) =>
      (
        await world.bookings.quoteCancellation(
          { reference: booking.reference, passengerIds: [], slices: [] },
          { token },
        )
      ).quote!.token
    const cancel = (quoteToken: string) =>
      failing(
        world.bookings.cancelBooking(
          { requestId: newId(), reference: one.booking.reference, quoteToken },
          { token: one.token },
        ),
      )
    const quote = await quoteOf(one)
    expect(await cancel("")).toBe("INVALID_REQUEST")
    expect(await cancel(await quoteOf(two))).toBe("QUOTE_INVALID")
    expect(await cancel(`${quote}1`)).toBe("QUOTE_INVALID")
    await world.sql`update bookings set create_time = now() - interval '2 days' where id = ${one.booking.id}`
    expect(await cancel(quote)).toBe("QUOTE_CHANGED")
  })

  test("cancelling twice at once gives the money back once", async () => {
    const sold = await book(world, ROUTE)
    const { reference } = sold.booking
    const { quote } = await world.bookings.quoteCancellation(
      { reference, passengerIds: [], slices: [] },
      { token: sold.token },
    )
    const cancel = () =>
      world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: quote!.token }, { token: sold.token })
    await Promise.allSettled([cancel(), cancel(), cancel()])
    const booking = await until(async () => {
      const now = await reread(world, sold)
      return now.status === BookingStatus.CANCELLED && now
    })
    const { payment } = await world.payments.getPayment(
      { paymentId: booking.payment!.id, refresh: true },
      { token: world.backendToken },
    )
    expect(payment!.refunded).toEqual(quote!.refund!)
  })
})

test("of two cancellations in the same moment one begins, the other is told to look again", async () => {
  const sold = await book(world, ROUTE)
  const { id, reference } = sold.booking
  const { quote } = await world.bookings.quoteCancellation(
    { reference, passengerIds: [], slices: [] },
    { token: sold.token },
  )
  const cancel = () =>
    world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: quote!.token }, { token: sold.token })
  const outcomes = await whileLocked(world, id, async (queued) => {
    const first = cancel()
    await queued(1)
    const second = cancel()
    await queued(2)
    return { moves: [first, second] }
  })
  expect(reasons(outcomes)).toEqual([undefined, "BOOKING_BUSY"])
  expect(await world.sql`select 1 from cancellations where booking_id = ${id}`).toHaveLength(1)
})

test("two bookings of one account never count on the same points, however close their cancellations are", async () => {
  const ada = await newTraveller(world)
  const one = await book(world, ROUTE, { token: ada.token })
  const two = await book(world, ROUTE, { token: ada.token })
  const earned = one.booking.points!.earned
  expect(two.booking.points!.earned).toBe(earned)
  await book(world, ROUTE, { token: ada.token, points: earned })
  const balanceOf = async () =>
    (await world.loyalty.getAccount({ userId: "me" }, { token: ada.token })).account!.balance
  const balance = await balanceOf()
  const quoteOf = async ({ booking: { reference } }: typeof one) =>
    (await world.bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token: ada.token })).quote!
  const cancel = async (sold: typeof one) =>
    world.bookings.cancelBooking(
      { requestId: newId(), reference: sold.booking.reference, quoteToken: (await quoteOf(sold)).token },
      { token: ada.token },
    )
  const outcomes = await whileLocked(world, one.booking.id, async (queued, tx) => {
    await tx`select 1 from users where id = ${ada.userId} for update`
    const first = cancel(one)
    await queued(1)
    const second = cancel(two)
    await queued(2)
    return { moves: [first, second] }
  })
  expect(reasons(outcomes)).toEqual([undefined, "BOOKING_BUSY"])
  expect(await balanceOf()).toBe(balance - earned)
  const left = await quoteOf(two)
  expect(left.pointsReversed).toBe(balance - earned)
  expect(left.refund!.minorUnits).toBe(two.booking.price!.total!.minorUnits - (earned - left.pointsReversed))
})

test("points that a cancellation counts on are not spent while it is under way", async () => {
  const ada = await newTraveller(world)
  await givePoints(world, ada.userId, 5_000n)
  const sold = await book(world, ROUTE, { token: ada.token })
  const held = await hold(world, ROUTE, { token: ada.token })
  await world.sql`update bookings set status = 'cancelling' where id = ${sold.booking.id}`
  const { reference } = held.booking
  expect(await failing(startCheckout(world, reference, ada.token, 1_000n))).toBe("BOOKING_BUSY")
  await world.sql`update bookings set status = 'confirmed' where id = ${sold.booking.id}`
  expect((await startCheckout(world, reference, ada.token, 1_000n)).booking!.pointsToSpend).toBe(1_000n)
})

test("who lets go of a booking in the moment when it is paid gets the money back", async () => {
  const held = await hold(world, ROUTE)
  const { reference } = held.booking
  const { paymentId } = await startCheckout(world, reference, held.token)
  await charge(world, paymentId, held.token)
  const cancel = world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: "" }, { token: held.token })
  expect((await cancel).booking!.status).toBe(BookingStatus.EXPIRED)
  const { payment } = await world.payments.getPayment({ paymentId, refresh: true }, { token: world.backendToken })
  expect(payment!.refunded).toEqual(payment!.amount!)
})

describe("what cannot be cancelled, or not now", () => {
  const quoteOf = ({ booking: { reference }, token }: Awaited<ReturnType<typeof book>>) =>
    world.bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token })

  test("a quote that has expired, though its terms are the same", async () => {
    const sold = await book(world, ROUTE)
    const { refund, pointsReturned, pointsReversed } = (await quoteOf(sold)).quote!
    const terms = { refundMinorUnits: refund!.minorUnits, pointsReturned, pointsReversed } as CancellationTerms
    const key = world.world.environment.OFFER_KEY!
    const quoteToken = signQuote(sold.booking.id, WHOLE_BOOKING, terms, new Date(Date.now() - 1000), key)
    const { reference } = sold.booking
    const cancel = world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken }, { token: sold.token })
    expect(await failing(cancel)).toBe("QUOTE_EXPIRED")
  })

  test("a journey that has begun", async () => {
    const sold = await book(world, ROUTE)
    await world.sql`
      update booking_segments set departure_time = now() - interval '1 minute' where booking_id = ${sold.booking.id}`
    expect(await failing(quoteOf(sold))).toBe("ALREADY_DEPARTED")
  })

  test("a booking whose points are still on their way: busy, and quoted when they have arrived", async () => {
    const ada = await newTraveller(world)
    const held = await hold(world, ROUTE, { token: ada.token })
    const { paymentId } = await startCheckout(world, held.booking.reference, ada.token)
    await charge(world, paymentId, ada.token)
    await world.world.kill("loyalty")
    await settle(world, held.booking.reference, ada.token)
    expect(await failing(quoteOf(held))).toBe("BOOKING_BUSY")
    await world.world.start("loyalty")
    const quoted = () => quoteOf(held).catch(() => undefined)
    expect((await until(quoted, 15)).quote!.pointsReversed > 0n).toBe(true)
  })

  test("a shortfall of points never asks for more than the card has paid", async () => {
    const ada = await newTraveller(world)
    const sold = await book(world, ROUTE, { token: ada.token })
    await world.sql`update bookings set points_earned = 10000000 where id = ${sold.booking.id}`
    expect((await quoteOf(sold)).quote!.refund!.minorUnits).toBe(0n)
  })
})
