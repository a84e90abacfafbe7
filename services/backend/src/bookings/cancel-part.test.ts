import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import {
  type Booking,
  BookingStatus,
  type Passenger,
  PassengerType,
  TicketStatus,
} from "@airside/protos/airside/bookings/v1/bookings"
import {
  ADA,
  auditInventory,
  type BackendWorld,
  charge,
  daysFromNow,
  failing,
  givePoints,
  holdRequest,
  newTraveller,
  offersFor,
  reread,
  seatsOf,
  settle,
  startAnotherBackend,
  startBackendWorld,
  startCheckout,
} from "../testing.ts"

let world: BackendWorld
beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(async () => {
  await auditInventory(world)
  await world.stop()
})

const CHILD = { ...ADA, givenName: "Byron", type: PassengerType.CHILD, birthDate: "2019-05-12" }
const INFANT = {
  ...ADA,
  givenName: "Anne",
  type: PassengerType.INFANT,
  birthDate: new Date().toISOString().slice(0, 10),
}

/** A party that is booked there and back. */
async function bookParty(token: string, passengers: Passenger[], points = 0n) {
  const count = (type: PassengerType) => passengers.filter((passenger) => passenger.type === type).length
  const counts = {
    adults: count(PassengerType.ADULT),
    children: count(PassengerType.CHILD),
    infants: count(PassengerType.INFANT),
  }
  const [out] = await offersFor(world, { origin: "VIE", destination: "LHR", ...counts })
  const [back] = await offersFor(world, { origin: "LHR", destination: "VIE", departDate: daysFromNow(47), ...counts })
  const request = holdRequest([out!, back!], { passengers: [...passengers], points })
  const { booking } = await world.bookings.holdBooking(request, { token })
  const { paymentId } = await startCheckout(world, booking!.reference, token)
  if (paymentId !== "") await charge(world, paymentId, token)
  await settle(world, booking!.reference, token)
  return reread(world, { booking: booking!, token })
}

type Part = { passengerIds?: string[]; slices?: number[] }

const quote = async ({ reference }: Booking, token: string, { passengerIds = [], slices = [] }: Part) =>
  (await world.bookings.quoteCancellation({ reference, passengerIds, slices }, { token })).quote!

async function cancel(booking: Booking, token: string, part: Part) {
  const { token: quoteToken, ...quoted } = await quote(booking, token, part)
  const { reference } = booking
  const answer = await world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken }, { token })
  return { quoted, booking: answer.booking! }
}

const open = (booking: Booking) => booking.tickets.filter((ticket) => ticket.status === TicketStatus.OPEN)
const balanceOf = async (token: string) => (await world.loyalty.getAccount({ userId: "me" }, { token })).account!

test("one of two passengers: their tickets and seats only, and exactly what was quoted", async () => {
  const ada = await newTraveller(world)
  const booked = await bookParty(ada.token, [ADA, { ...ADA, givenName: "Grace" }])
  const before = await seatsOf(world, booked.id)
  const grace = booked.passengers[1]!.id
  const { quoted, booking } = await cancel(booked, ada.token, { passengerIds: [grace] })
  expect(quoted.refund!.minorUnits * 2n).toBe(booked.price!.total!.minorUnits)
  expect(booking.status).toBe(BookingStatus.CONFIRMED)
  expect(open(booking).map((ticket) => ticket.passengerId)).not.toContain(grace)
  expect(open(booking)).toHaveLength(2)
  expect(booking.payment!.refunded).toEqual(quoted.refund!)
  expect((await seatsOf(world, booked.id)).sold).toBe(before.sold - 1)
  const { payment } = await world.payments.getPayment(
    { paymentId: booking.payment!.id, refresh: true },
    { token: world.backendToken },
  )
  expect(payment!.refunded).toEqual(quoted.refund!)
})

test("one slice, then the rest: money and points add up to what was paid and earned", async () => {
  const ada = await newTraveller(world)
  await givePoints(world, ada.userId, 1_000n)
  const booked = await bookParty(ada.token, [ADA, CHILD, INFANT], 777n)
  const earned = booked.points!.earned
  const first = await cancel(booked, ada.token, { slices: [1] })
  expect(first.booking.status).toBe(BookingStatus.CONFIRMED)
  expect(open(first.booking)).toHaveLength(3)
  expect((await balanceOf(ada.token)).lifetime).toBe(earned - first.quoted.pointsReversed)
  const rest = await cancel(first.booking, ada.token, {})
  expect(rest.booking.status).toBe(BookingStatus.CANCELLED)
  expect(first.quoted.refund!.minorUnits + rest.quoted.refund!.minorUnits).toBe(booked.payment!.amount!.minorUnits)
  expect(first.quoted.pointsReversed + rest.quoted.pointsReversed).toBe(earned)
  const returned = first.quoted.pointsReturned + rest.quoted.pointsReturned
  expect(returned >= 776n && returned <= 777n).toBe(true) // rounded down each time
  const account = await balanceOf(ada.token)
  expect(account).toMatchObject({ balance: 1_000n - 777n + returned, lifetime: 0n, pending: 0n })
})

test("the quote tells what becomes of the tier", async () => {
  const ada = await newTraveller(world)
  const booked = await bookParty(ada.token, Array(9).fill(ADA))
  const { tierBefore, tierAfter } = await quote(booked, ada.token, {})
  expect([tierBefore, tierAfter]).toEqual([(await balanceOf(ada.token)).tier, "bronze"])
})

test("children and infants are never left without an adult", async () => {
  const ada = await newTraveller(world)
  const booked = await bookParty(ada.token, [ADA, CHILD, INFANT])
  const [adult, child, infant] = booked.passengers.map((passenger) => passenger.id)
  expect(await failing(quote(booked, ada.token, { passengerIds: [adult!] }))).toBe("PARTY_NEEDS_ADULT")
  expect(await failing(quote(booked, ada.token, { passengerIds: [adult!, infant!] }))).toBe("PARTY_NEEDS_ADULT")
  const { booking } = await cancel(booked, ada.token, { passengerIds: [child!, infant!] })
  expect(open(booking).map((ticket) => ticket.passengerId)).toEqual([adult!, adult!])
})

test("a way out that was flown stays flown; the way back can still be cancelled", async () => {
  const ada = await newTraveller(world)
  const booked = await bookParty(ada.token, [ADA])
  await world.sql`
    update booking_segments set departure_time = now() - interval '1 hour' where booking_id = ${booked.id} and slice = 0`
  expect(await failing(quote(booked, ada.token, {}))).toBe("ALREADY_DEPARTED")
  const { booking } = await cancel(booked, ada.token, { slices: [1] })
  expect(open(booking)).toHaveLength(1)
})

test("somebody unknown, a slice that is not there, and what is cancelled already are refused by name", async () => {
  const ada = await newTraveller(world)
  const booked = await bookParty(ada.token, [ADA, ADA])
  expect(await failing(quote(booked, ada.token, { passengerIds: [newId()] }))).toBe("INVALID_REQUEST")
  expect(await failing(quote(booked, ada.token, { slices: [7] }))).toBe("INVALID_REQUEST")
  const gone = { passengerIds: [booked.passengers[0]!.id] }
  await cancel(booked, ada.token, gone)
  expect(await failing(quote(booked, ada.token, gone))).toBe("INVALID_REQUEST")
})

test("two parts at once: one is cancelled, the other is told to look again", async () => {
  const ada = await newTraveller(world)
  const booked = await bookParty(ada.token, [ADA, ADA])
  const { reference } = booked
  const [one, other] = await Promise.all(
    booked.passengers.map(({ id }) => quote(booked, ada.token, { passengerIds: [id] })),
  )
  const send = (quoteToken: string) =>
    failing(world.bookings.cancelBooking({ requestId: newId(), reference, quoteToken }, { token: ada.token }))
  const outcomes = await Promise.all([send(one!.token), send(other!.token)])
  expect(outcomes).toContain("nothing failed")
  const booking = await reread(world, { booking: booked, token: ada.token })
  const refunds = await world.sql<{ refund: bigint }[]>`
    select refund_minor_units as refund from cancellations where booking_id = ${booked.id} and status = 'done'`
  expect(refunds.reduce((sum, row) => sum + row.refund, 0n)).toBe(booking.payment!.refunded!.minorUnits)
  expect(open(booking).length).toBe(4 - refunds.length * 2)
})

test("a backend that froze after a refund and wakes up during the next cancellation does not end that one", async () => {
  const other = await startAnotherBackend(world, {
    FAILPOINTS: "after-foreign-call@PaymentService/RefundPayment=freeze",
  })
  const { token } = await newTraveller(world)
  const booked = await bookParty(token, [ADA, { ...ADA, givenName: "Grace" }])
  const { id, reference } = booked
  const first = await quote(booked, token, { passengerIds: [booked.passengers[0]!.id] })
  const late = other.bookings.cancelBooking({ requestId: newId(), reference, quoteToken: first.token }, { token })
  const status = async () => (await reread(world, { booking: booked, token })).status
  // The other one's sweep takes over when the lease is over.
  await until(async () => {
    const [done] = await world.sql`select 1 from cancellations where booking_id = ${id} and status = 'done'`
    return done
  })
  const next = newId()
  await world.sql`
    insert into cancellations (booking_id, id, status, refund_minor_units, points_returned, points_reversed, lines)
    values (${id}, ${next}, 'requested', 0, 0, 0, '[]')`
  await world.sql`
    update tickets set cancellation_id = ${next} where booking_id = ${id} and passenger_id = ${booked.passengers[1]!.id}`
  await world.sql`
    update bookings set status = 'cancelling', next_step_time = now() + interval '1 hour' where id = ${id}`
  other.wake()
  await late.catch(() => {})
  expect(await status()).toBe(BookingStatus.CANCELLING)
  await other.stop()
  await world.sql`update bookings set next_step_time = now() where id = ${id}`
  await until(async () => (await status()) === BookingStatus.CANCELLED)
  await auditInventory(world)
})
