import { afterAll, beforeAll, expect, test } from "bun:test"
import { rpcCredentials } from "@airside/kernel/credentials"
import { newId } from "@airside/kernel/ids"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import { BookingRepairServiceService } from "@airside/protos/airside/repairs/v1/repairs"
import { type BackendWorld, charge, hold, newTraveller, reread, startBackendWorld, startCheckout } from "../testing.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
const PAGE = { pageSize: 100, pageToken: "" }
let world: BackendWorld
let repairs: RpcClient<typeof BookingRepairServiceService> & { close(): void }
let staff: { userId: string; token: string }

beforeAll(async () => {
  world = await startBackendWorld()
  const { userId, accessToken } = await newTraveller(world)
  await world.sql`update users set staff = true where id = ${userId}`
  staff = { userId, token: (await world.accounts.authenticate({ accessToken })).identityToken }
  repairs = connect(BookingRepairServiceService, world.world.environment.BACKEND_ADDRESS!, {
    credentials: rpcCredentials({}).client,
    identity: async () => staff.token,
    deadlineSeconds: 15,
  })
})
afterAll(async () => {
  repairs?.close()
  await world?.stop()
})

/** A booking that was paid, whose settling failed again and again and will not be tried for an hour. */
async function stuckBooking() {
  const held = await hold(world, ROUTE)
  const { paymentId } = await startCheckout(world, held.booking.reference, held.token)
  await charge(world, paymentId, held.token)
  await world.sql`
    update bookings
    set step_attempts = 10, flagged = true, last_error = 'no answer', next_step_time = now() + interval '1 hour'
    where id = ${held.booking.id}`
  return { held, paymentId, reference: held.booking.reference }
}

const listed = async () => (await repairs.listStuckBookings(PAGE)).bookings
const auditOf = async (target: string) =>
  (await repairs.listBookingRepairs(PAGE)).repairs.filter((each) => each.target === target)

test("a stuck booking is listed with what went wrong; a retry ends it, once, and keeps who asked", async () => {
  const { held, reference } = await stuckBooking()
  expect(await listed()).toMatchObject([
    { reference, status: "awaiting_payment", attempts: 10, flagged: true, lastError: "no answer" },
  ])

  const request = { requestId: newId(), subject: { $case: "reference", value: reference } } as const
  const first = await repairs.retryBooking(request)
  expect(first).toEqual({ reference, status: "confirmed", lastError: "" })
  expect(await repairs.retryBooking(request)).toEqual(first)
  expect((await reread(world, held)).status).toBe(BookingStatus.CONFIRMED)
  expect(await listed()).toEqual([])
  const [account] = await world.sql`select username from users where id = ${staff.userId}`
  expect(await auditOf(reference)).toMatchObject([
    { userId: staff.userId, username: account!.username, action: "retry booking", result: "confirmed" },
  ])
})

test("a booking is found by its payment too", async () => {
  const { paymentId, reference } = await stuckBooking()
  const subject = { $case: "paymentId", value: paymentId } as const
  expect(await repairs.retryBooking({ requestId: newId(), subject })).toMatchObject({ reference, status: "confirmed" })
})

test("what cannot be retried says why, and that is kept", async () => {
  const subject = { $case: "reference", value: "NOSUCH" } as const
  const refusal = await repairs.retryBooking({ requestId: newId(), subject }).catch((error) => error.reason)
  expect(refusal).toBe("BOOKING_NOT_FOUND")
  expect(await auditOf("NOSUCH")).toMatchObject([{ result: "BOOKING_NOT_FOUND" }])
})

test("nobody but staff sees or repairs", async () => {
  const { token } = await newTraveller(world)
  expect(await repairs.listStuckBookings(PAGE, { token }).catch((error) => error.reason)).toBe("NOT_ALLOWED")
})
