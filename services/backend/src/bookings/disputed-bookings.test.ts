import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import {
  auditInventory,
  type BackendWorld,
  charge,
  hold,
  settle,
  startBackendWorld,
  startCheckout,
} from "../testing.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(async () => {
  await auditInventory(world)
  await world.stop()
})

test("cancelled while disputed, then won: the booking is cancelled at once, and the card gets what was quoted", async () => {
  const { booking, quoted, intent, disputeId } = await cancelDisputed()
  expect(booking.status).toBe(BookingStatus.CANCELLED)
  expect(booking.payment!.refunded!.minorUnits).toBe(quoted)
  expect(await refundedAtStripe(intent)).toEqual([])
  await stripe("POST", `disputes/${disputeId}`, { "evidence[uncategorized_text]": "winning_evidence" })
  await tellAll(disputeId)
  expect(await refundedAtStripe(intent)).toEqual([Number(quoted)])
})

test("cancelled while disputed, then lost: the bank has paid the holder, and we do not pay twice", async () => {
  const { booking, intent, disputeId } = await cancelDisputed()
  expect(booking.status).toBe(BookingStatus.CANCELLED)
  await stripe("POST", `disputes/${disputeId}/close`)
  await tellAll(disputeId)
  expect(await refundedAtStripe(intent)).toEqual([])
})

test("lost first, then cancelled: the seats are free, and nothing is paid", async () => {
  const { booking, intent } = await cancelDisputed((disputeId) => stripe("POST", `disputes/${disputeId}/close`))
  expect(booking.status).toBe(BookingStatus.CANCELLED)
  expect(await refundedAtStripe(intent)).toEqual([])
})

/** A booking that was paid by the card that disputes, quoted with the fee kept, and cancelled. */
async function cancelDisputed(before: (disputeId: string) => Promise<unknown> = async () => {}) {
  const held = await hold(world, ROUTE)
  const { reference, id } = held.booking
  const { token } = held
  const { paymentId } = await startCheckout(world, reference, token)
  await charge(world, paymentId, token, "pm_card_createDispute")
  expect(await settle(world, reference, token)).toBe(BookingStatus.CONFIRMED)
  const intents = await stripe("GET", "payment_intents?limit=100")
  const intent = intents.data.find(({ metadata }) => metadata?.payment_id === paymentId)!.id
  const disputeId = (await stripe("GET", `disputes?payment_intent=${intent}`)).data[0]!.id
  await before(disputeId)
  await tellAll(disputeId)
  await world.sql`update bookings set create_time = now() - interval '2 days' where id = ${id}`
  const scope = { reference, passengerIds: [], slices: [] }
  const { quote } = await world.bookings.quoteCancellation(scope, { token })
  const request = { requestId: newId(), reference, quoteToken: quote!.token }
  const { booking } = await world.bookings.cancelBooking(request, { token })
  const quoted = quote!.refund!.minorUnits
  expect(quoted > 0n && quoted < booking!.payment!.amount!.minorUnits).toBe(true)
  return { booking: booking!, quoted, intent, disputeId }
}

/** What Stripe lists, as far as it is looked at here. */
interface Listed {
  id: string
  amount?: number
  metadata?: Record<string, string>
  data?: { object: { id: string } }
}

async function stripe(
  method: "GET" | "POST",
  path: string,
  form: Record<string, string> = {},
): Promise<{ data: Listed[] }> {
  const { SANDBOX_PORT, STRIPE_SECRET_KEY } = world.world.environment
  const response = await fetch(`http://127.0.0.1:${SANDBOX_PORT}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${STRIPE_SECRET_KEY}` },
    ...(method === "POST" && { body: new URLSearchParams(form) }),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { data: Listed[] }
}

/** Passes on the events of a dispute, the newest first and each twice, as ui would. */
async function tellAll(disputeId: string) {
  const { data } = await stripe("GET", "events?limit=100")
  const events = data.filter((event) => event.data?.object.id === disputeId)
  expect(events.length).toBeGreaterThan(0)
  for (const event of [...events, ...events]) {
    const payload = JSON.stringify(event)
    const time = Math.floor(Date.now() / 1000)
    const secret = world.world.environment.STRIPE_WEBHOOK_SECRET!
    const signature = new Bun.CryptoHasher("sha256", secret).update(`${time}.${payload}`).digest("hex")
    const request = { payload: Buffer.from(payload), signature: `t=${time},v1=${signature}` }
    await world.payments.recordWebhook(request, { token: world.uiToken })
  }
}

const refundedAtStripe = async (intent: string) =>
  (await stripe("GET", `refunds?payment_intent=${intent}`)).data.map(({ amount }) => amount)
