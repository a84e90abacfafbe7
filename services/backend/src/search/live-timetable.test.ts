import { afterAll, beforeAll, expect, test } from "bun:test"
import { until } from "@airside/kernel/testing"
import type { WatchDeparturesResponse } from "@airside/protos/airside/flights/v1/flights"
import { FIXTURE_FLIGHTS } from "../../seed/fixtures.ts"
import { departureId } from "../flights/departures.ts"
import { inBackendSchema } from "../schedule/in-backend-schema.ts"
import { loadFlights } from "../schedule/load-schedule.ts"
import {
  type BackendWorld,
  daysFromNow,
  hold,
  newTraveller,
  offersFor,
  rescheduled,
  startAnotherBackend,
  startBackendWorld,
} from "../testing.ts"
import { routeCode } from "./route-code.ts"

const ROUTE = { origin: "VIE", destination: "INN", departDate: daysFromNow(50) }
let world: BackendWorld
let other: Awaited<ReturnType<typeof startAnotherBackend>>
beforeAll(async () => {
  world = await startBackendWorld()
  other = await startAnotherBackend(world)
})
afterAll(async () => {
  await other?.stop()
  await world?.stop()
})

type Route = typeof ROUTE
const seatsLeftAt = async (flights: BackendWorld["flights"], route = ROUTE) =>
  (await offersFor({ ...world, flights }, route))[0]?.seatsLeft

/** What a listener hears until it has heard enough. */
async function hear(flights: BackendWorld["flights"], isEnough: (heard: WatchDeparturesResponse[]) => boolean) {
  const heard: WatchDeparturesResponse[] = []
  const deadline = AbortSignal.timeout(10_000)
  for await (const message of flights.watchDepartures({}, { token: world.uiToken, signal: deadline })) {
    heard.push(message)
    if (isEnough(heard)) break
  }
  return heard
}

test("every backend follows seats that are held, sold and given back by another one", async () => {
  const route = { ...ROUTE, adults: 3 }
  const held = await hold(world, route, {
    passengers: Array(3).fill({
      id: "",
      type: 1,
      givenName: "Ada",
      familyName: "L",
      birthDate: "1985-12-10",
      gender: 0,
    }),
  })
  for (const flights of [world.flights, other.flights])
    await until(async () => (await seatsLeftAt(flights)) === 7, 5, "seven seats left")
  const { reference } = held.booking
  await other.bookings.cancelBooking(
    { requestId: crypto.randomUUID(), reference, quoteToken: "" },
    { token: held.token },
  )
  for (const flights of [world.flights, other.flights])
    await until(async () => (await seatsLeftAt(flights)) === 9, 5, "all seats back")
})

test("seats that a transaction took before others began are followed when it ends after them", async () => {
  const [route, later] = [52, 53].map((days) => ({ ...ROUTE, departDate: daysFromNow(days) })) as [Route, Route]
  const { booking } = await hold(world, route)
  const isLeft = (route: Route, seats: number) => async () => (await seatsLeftAt(other.flights, route)) === seats
  await until(isLeft(route, 9), 5, "one of ten seats held") // more than nine are shown as nine
  const { flightId } = booking.segments[0]!.flight!
  await world.database.inTransaction(async (tx) => {
    await tx`
      update inventory set held = held + 2, change_xid = pg_current_xact_id()
      where departure_id = ${departureId(flightId, route.departDate)}`
    for (const _ of [1, 2]) await hold(world, later)
    await until(isLeft(later, 8), 5, "what began later being seen")
  })
  await until(isLeft(route, 7), 1, "the search to follow within a second")
})

test("a listener hears at once, then of the departure that changed, and again and again that nothing has", async () => {
  const heard = hear(other.flights, (messages) => messages.some(({ departures }) => departures.length > 0))
  await until(async () => (await seatsLeftAt(world.flights)) === 9)
  const { token } = await newTraveller(world)
  await hold(world, { ...ROUTE, departDate: daysFromNow(51) }, { token })
  const messages = await heard
  expect(messages[0]).toEqual({ everything: true, departures: [] })
  expect(messages.at(-1)!.departures).toEqual([{ route: routeCode("VIE", "INN"), date: daysFromNow(51) }])
  const quiet = await hear(other.flights, (messages) => messages.length === 4)
  expect(quiet.slice(1).every(({ everything }) => !everything)).toBe(true)
})

test("an import is followed without a restart: new connections, and flights that are gone", async () => {
  const route = { origin: "GRZ", destination: "DEL", departDate: daysFromNow(40) }
  expect(await offersFor(world, route)).toEqual([])
  const everything = hear(world.flights, (messages) => messages.slice(1).some((message) => message.everything))
  await inBackendSchema(world.database, false, (tx) =>
    loadFlights(
      tx,
      [
        {
          ...FIXTURE_FLIGHTS.eveningOut,
          flightNumber: "41",
          origin: "GRZ",
          departureTime: "14:00",
          durationMinutes: 140,
        },
      ],
      "fixtures",
    ),
  )
  const found = async (flights: BackendWorld["flights"]) => (await offersFor({ ...world, flights }, route))[0]
  for (const flights of [world.flights, other.flights]) {
    const offer = await until(() => found(flights), 5, "the new connection")
    expect(offer.segments.map(({ origin, destination }) => origin + destination)).toEqual(["GRZLHR", "LHRDEL"])
    expect(offer).toMatchObject({ connections: 1, choice: true })
  }
  await everything
  await world.sql`delete from flights where flight_number = '41'`
  await rescheduled(world, async () => (await found(world.flights)) === undefined)
})

test("a connection can be held and is sold as a whole: two segments, two inventories", async () => {
  const departDate = daysFromNow(42)
  const route = { origin: "VIE", destination: "DEL", departDate }
  const { booking } = await hold(world, route)
  expect(booking.segments.map(({ flight }) => `${flight!.origin}${flight!.destination}`)).toEqual(["VIELHR", "LHRDEL"])
  const inventory = await world.sql`
    select i.held from inventory i
    join booking_segments s on s.departure_id = i.departure_id where s.booking_id = ${booking.id}`
  expect(inventory.map(({ held }) => held)).toEqual([1, 1])
})

test("the least connection time decides, and a longer one at the airport is followed", async () => {
  const route = { origin: "VIE", destination: "DEL", departDate: daysFromNow(43) }
  const first = async () => (await offersFor(world, route))[0]?.segments[0]?.flightNumber
  const setMinutes = (minutes: number) =>
    world.sql`update connection_times set international_minutes = ${minutes} where place_code = 'LHR'`
  expect(await first()).toBe("X93") // lands 75 minutes before the next one leaves
  await setMinutes(76)
  await rescheduled(world, async () => (await first()) === "X91") // lands at 09:25
  await setMinutes(720)
  await rescheduled(world, async () => (await first()) === undefined)
  await setMinutes(75)
  await rescheduled(world, async () => (await first()) === "X93")
})

test("who may not listen hears nothing", async () => {
  const listening = (async () => {
    for await (const _ of world.flights.watchDepartures({})) return "heard"
    return "ended"
  })()
  expect(await listening.catch(({ reason }) => reason)).toBe("LOG_IN_REQUIRED")
})
