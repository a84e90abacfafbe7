import { afterAll, beforeAll, expect, test } from "bun:test"
import { ADA, type BackendWorld, failing, hold, newTraveller, startBackendWorld } from "../testing.ts"
import type { BookingStatusName } from "./own-booking.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(() => world?.stop())

/** A booking of somebody, for so many adults, whose flight leaves so many hours from now, for two hours. */
async function trip(token: string, status: BookingStatusName, departsIn: number, adults = 1) {
  const { booking } = await hold(world, { ...ROUTE, adults }, { token, passengers: Array(adults).fill(ADA) })
  await world.sql`update bookings set status = ${status}, next_step_time = null where id = ${booking.id}`
  await world.sql`
    update booking_segments
    set departure_time = now() + ${departsIn} * interval '1 hour', arrival_time = now() + ${departsIn + 2} * interval '1 hour'
    where booking_id = ${booking.id}`
  return booking.reference
}

/** One more flight of a booking: the way back. */
const addFlight = (reference: string, departsIn: number) => world.sql`
  insert into booking_segments
  select booking_id, gen_random_uuid(), slice + 1, position + 1, departure_id, flight_id, departure_date, cabin, brand,
         carrier_code, carrier_name, flight_number, origin, destination, origin_time_zone, destination_time_zone,
         now() + ${departsIn} * interval '1 hour', now() + ${departsIn + 2} * interval '1 hour', duration_minutes, aircraft
  from booking_segments
  where booking_id = (select id from bookings where reference = ${reference})`

/** The tickets of everybody, or of so many passengers, on one slice of a booking are given back. */
const refund = (reference: string, slice: number, passengers = 9) => world.sql`
  insert into tickets (booking_id, passenger_id, segment_id, number, status, fare_minor_units, tax_minor_units, promo_minor_units)
  select s.booking_id, p.id, s.id,
         case when p.position < ${passengers} then '9990000000000' end,
         case when p.position < ${passengers} then 'refunded' else 'unissued' end, 0, 0, 0
  from bookings b
  join booking_segments s on s.booking_id = b.id
  join passengers p on p.booking_id = b.id
  where b.reference = ${reference} and s.slice = ${slice}
  on conflict (booking_id, passenger_id, segment_id) do update set number = excluded.number, status = excluded.status`

async function pageOf(token: string, pageSize: number, pageToken = "") {
  const { bookings, upcomingCount, nextPageToken } = await world.bookings.listBookings(
    { pageSize, pageToken },
    { token },
  )
  return { references: bookings.map(({ reference }) => reference), upcomingCount, nextPageToken }
}

async function pagesOf(token: string, pageSize: number) {
  const pages = [await pageOf(token, pageSize)]
  while (pages.at(-1)!.nextPageToken) pages.push(await pageOf(token, pageSize, pages.at(-1)!.nextPageToken))
  return pages
}

test("upcoming trips come first, soonest first, then past and ended ones, latest first, across pages", async () => {
  const { token } = await newTraveller(world)
  const lastYear = await trip(token, "confirmed", -8000)
  const inAMonth = await trip(token, "confirmed", 700)
  const cancelled = await trip(token, "cancelled", 500)
  const tomorrow = await trip(token, "held", 24)
  const yesterday = await trip(token, "confirmed", -24)
  const expired = await trip(token, "expired", 20)
  const inTheAir = await trip(token, "confirmed", -1)
  const beingCancelled = await trip(token, "cancelling", 40)
  const expiring = await trip(token, "expiring", 30)

  const upcoming = [inTheAir, tomorrow, expiring, beingCancelled, inAMonth]
  const ended = [cancelled, expired, yesterday, lastYear]
  for (const pageSize of [1, 2, 4, 100]) {
    const pages = await pagesOf(token, pageSize)
    expect(pages.flatMap(({ references }) => references)).toEqual([...upcoming, ...ended])
    expect(pages.flatMap((page) => page.references.slice(0, page.upcomingCount))).toEqual(upcoming)
    expect(pages.flatMap((page) => page.references.slice(page.upcomingCount))).toEqual(ended)
  }
})

test("a trip is upcoming until its last flight lands, and stands where its first one leaves", async () => {
  const { token } = await newTraveller(world)
  const soon = await trip(token, "confirmed", 3)
  const returning = await trip(token, "confirmed", -100)
  await addFlight(returning, 90)
  const justLanded = await trip(token, "confirmed", -90)
  await addFlight(justLanded, -3)
  const longAgo = await trip(token, "confirmed", -95)
  expect(await pageOf(token, 10)).toMatchObject({
    references: [returning, soon, justLanded, longAgo],
    upcomingCount: 2,
  })
})

test("a flight that was cancelled for everybody does not count where another one is left", async () => {
  const { token } = await newTraveller(world)
  const onlyOut = await trip(token, "confirmed", -30)
  await addFlight(onlyOut, 90)
  await refund(onlyOut, 1)
  const onlyBack = await trip(token, "confirmed", 10)
  await addFlight(onlyBack, 100)
  await refund(onlyBack, 0)
  const backForOne = await trip(token, "confirmed", -20, 2)
  await addFlight(backForOne, 80)
  await refund(backForOne, 1, 1)
  const soon = await trip(token, "confirmed", 60)
  const nothing = await trip(token, "cancelled", 40)
  await addFlight(nothing, 90)
  for (const slice of [0, 1]) await refund(nothing, slice)
  expect(await pageOf(token, 10)).toMatchObject({
    references: [backForOne, soon, onlyBack, nothing, onlyOut],
    upcomingCount: 3,
  })
})

test("trips that leave at the same time are told apart: none is left out or repeated", async () => {
  const { token } = await newTraveller(world)
  const references = [await trip(token, "held", 30), await trip(token, "held", 31), await trip(token, "held", 32)]
  await world.sql`
    update booking_segments set departure_time = date_trunc('day', now()) + interval '3 days', arrival_time = now() + interval '4 days'
    where booking_id in (select id from bookings where reference in ${world.sql(references)})`
  const paged = (await pagesOf(token, 1)).flatMap((page) => page.references)
  expect(paged.sort()).toEqual(references.sort())
})

test("a token goes on where its page ended, whatever is booked or lands meanwhile", async () => {
  const { token } = await newTraveller(world)
  const landing = await trip(token, "confirmed", 10)
  const later = await trip(token, "confirmed", 50)
  const past = await trip(token, "confirmed", -50)
  const first = await pageOf(token, 1)
  expect(first.references).toEqual([landing])

  const passedBy = await trip(token, "held", 5)
  const between = await trip(token, "held", 20)
  const rest = await pageOf(token, 10, first.nextPageToken)
  expect(rest).toEqual({ references: [between, later, past], upcomingCount: 2, nextPageToken: "" })
  expect((await pageOf(token, 10)).references).toEqual([passedBy, landing, between, later, past])
})

test("on every page it is as late as on the first: what has landed since keeps its side", async () => {
  const { token } = await newTraveller(world)
  const references = [await trip(token, "confirmed", 1), await trip(token, "confirmed", 2)]
  const { nextPageToken } = await pageOf(token, 1)
  const [, place, id] = JSON.parse(Buffer.from(nextPageToken, "base64url").toString())
  const anHourAgo = (await world.sql`select (now() - interval '1 hour')::text as time`)[0]!.time
  await world.sql`
    update booking_segments set arrival_time = now() - interval '1 minute'
    where booking_id in (select id from bookings where reference in ${world.sql(references)})`
  const older = Buffer.from(JSON.stringify([anHourAgo, place, id])).toString("base64url")
  expect(await pageOf(token, 1, older)).toMatchObject({ references: [references[1]], upcomingCount: 1 })
  expect(await pageOf(token, 10)).toMatchObject({ upcomingCount: 0 })
})

test("nobody else's trips are listed, and no other list's token is read", async () => {
  const [ada, grace] = await Promise.all([newTraveller(world), newTraveller(world)])
  await trip(ada.token, "held", 24)
  expect((await pageOf(grace.token, 10)).references).toEqual([])
  const guest = await hold(world, ROUTE)
  expect((await pageOf(guest.token, 10)).references).toEqual([guest.booking.reference])
  const other = Buffer.from(JSON.stringify([guest.booking.id])).toString("base64url")
  expect(await failing(pageOf(ada.token, 10, other))).toBe("INVALID_REQUEST")
})
