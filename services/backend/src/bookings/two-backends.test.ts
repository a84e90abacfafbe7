import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import { PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import {
  auditInventory,
  type BackendWorld,
  book,
  charge,
  hold,
  newTraveller,
  reread,
  startAnotherBackend,
  startBackendWorld,
  startCheckout,
} from "../testing.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
const EACH = 12
let world: BackendWorld
let other: Awaited<ReturnType<typeof startAnotherBackend>>

beforeAll(async () => {
  world = await startBackendWorld()
  other = await startAnotherBackend(world)
})
afterAll(async () => {
  await other.stop()
  await world.stop()
})

type Traveller = Awaited<ReturnType<typeof newTraveller>>
type Held = Awaited<ReturnType<typeof hold>>

const inTurn = async <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> => {
  const made: T[] = []
  for (let index = 0; index < count; index++) made.push(await make(index))
  return made
}

const keptOf = async (paymentId: string) => {
  const { payment } = await world.payments.getPayment({ paymentId, refresh: true }, { token: world.backendToken })
  return payment!.status === PaymentStatus.SUCCEEDED ? payment!.amount!.minorUnits - payment!.refunded!.minorUnits : 0n
}

const earnedBy = async ({ token }: Traveller) => {
  const page = { userId: "me", pageSize: 100, pageToken: "" }
  return (await world.loyalty.listTransactions(page, { token })).transactions
}

test("two backends sweep what lapsed, was paid and was cancelled all at once: every booking ends once", async () => {
  const ada = await newTraveller(world)
  const paid = await inTurn(EACH, async () => {
    const held = await hold(world, ROUTE, { token: ada.token })
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    await charge(world, paymentId, held.token)
    return { held, paymentId }
  })
  const unpaid = await inTurn(EACH, async () => {
    const held = await hold(world, ROUTE)
    const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
    return { held, paymentId }
  })
  const sold = await inTurn(EACH / 2, () => book(world, ROUTE))
  const quotes = await Promise.all(
    sold.map(async ({ booking: { reference }, token }) => {
      const { quote } = await world.bookings.quoteCancellation({ reference, passengerIds: [], slices: [] }, { token })
      return { reference, quoteToken: quote!.token, token }
    }),
  )

  // All lapse at this moment; settling and cancelling go to both backends, beside both sweeps.
  await world.sql`
    update bookings set hold_expire_time = now(), next_step_time = now() where status in ('held', 'awaiting_payment')`
  const subjectOf = ({ booking }: Held) => ({ $case: "reference", value: booking.reference }) as const
  await Promise.allSettled([
    ...[...paid, ...unpaid].flatMap(({ held }) =>
      [world.bookings, other.bookings].map((bookings) =>
        bookings.settleBooking({ subject: subjectOf(held) }, { token: world.uiToken }),
      ),
    ),
    ...quotes.flatMap(({ token, ...quote }) =>
      [world.bookings, other.bookings].map((bookings) =>
        bookings.cancelBooking({ requestId: newId(), ...quote }, { token }),
      ),
    ),
  ])

  await until(
    async () => {
      const left = await world.sql`select 1 from bookings where next_step_time is not null`
      return left.length === 0
    },
    20,
    "every booking being at its end",
  )
  const statuses = (held: Held[]) => Promise.all(held.map(async (each) => (await reread(world, each)).status))
  expect(new Set(await statuses(paid.map(({ held }) => held)))).toEqual(new Set([BookingStatus.CONFIRMED]))
  expect(new Set(await statuses(unpaid.map(({ held }) => held)))).toEqual(new Set([BookingStatus.EXPIRED]))
  expect(new Set(await statuses(sold))).toEqual(new Set([BookingStatus.CANCELLED]))
  for (const { held, paymentId } of paid) expect(await keptOf(paymentId)).toBe(held.booking.price!.total!.minorUnits)
  for (const { paymentId } of unpaid) expect(await keptOf(paymentId)).toBe(0n)
  for (const held of sold) expect(await keptOf(held.booking.payment!.id)).toBe(0n)
  expect(await earnedBy(ada)).toHaveLength(EACH)
  await auditInventory(world)
})

test("a backend that froze before its step wakes up when another has expired the booking: nothing can be paid", async () => {
  const held = await hold(world, ROUTE)
  const { id, reference } = held.booking
  // As if it had noted the payment and frozen before asking for it.
  const paymentId = newId()
  await world.sql`
    update bookings
    set status = 'awaiting_payment', attempt = 1, attempt_open = true, payment_id = ${paymentId},
        payment_minor_units = total_minor_units, hold_expire_time = now(), next_step_time = now()
    where id = ${id}`
  await until(async () => (await reread(world, held)).status === BookingStatus.EXPIRED)
  const late = world.payments.createPayment(
    {
      requestId: newId(),
      paymentId,
      bookingId: id,
      bookingReference: reference,
      userId: "",
      amount: held.booking.price!.total!,
      description: "late",
      email: "ada@example.com",
    },
    { token: world.backendToken },
  )
  expect(await late.catch((error) => error.reason)).toBe("PAYMENT_CANCELLED")
  await auditInventory(world)
})
