import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { SeatStatus } from "@airside/protos/airside/flights/v1/flights"
import { seatLayout } from "../flights/seat-layout.ts"
import { ADA, type BackendWorld, failing, hold, reasons, reread, startBackendWorld } from "../testing.ts"

let world: BackendWorld
beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(() => world.stop())

type Held = Awaited<ReturnType<typeof hold>>
const ROUTE = { origin: "VIE", destination: "INN" }

const choose = ({ booking, token }: Held, seat: string, passenger = 0) =>
  world.bookings.chooseSeats(
    {
      requestId: newId(),
      reference: booking.reference,
      seats: [{ passengerId: booking.passengers[passenger]!.id, segmentId: booking.segments[0]!.id, seat }],
    },
    { token },
  )

const statusOf = async ({ booking, token }: Held, number: string) => {
  const subject = { $case: "bookingReference", value: booking.reference } as const
  const { segments } = await world.flights.getSeatMap({ subject, cabin: 0 }, { token })
  return segments[0]!.seats.find((seat) => seat.number === number)!.status
}

test("a cabin has as many seats as its capacity, each once", () => {
  for (const capacity of [1, 9, 10, 150, 300]) {
    const numbers = seatLayout("economy", capacity).map((seat) => seat.number)
    expect(new Set(numbers).size).toBe(capacity)
  }
})

test("a seat is somebody's: five people want it, one gets it", async () => {
  const held = await Promise.all(Array.from({ length: 5 }, () => hold(world, ROUTE)))
  const outcomes = await Promise.allSettled(held.map((each) => choose(each, "40A")))
  expect(reasons(outcomes).filter((reason) => reason === undefined)).toHaveLength(1)
  expect(reasons(outcomes).filter((reason) => reason === "SEAT_TAKEN")).toHaveLength(4)
  const winner = held[outcomes.findIndex((outcome) => outcome.status === "fulfilled")]!
  const loser = held[outcomes.findIndex((outcome) => outcome.status === "rejected")]!
  expect(await statusOf(winner, "40A")).toBe(SeatStatus.YOURS)
  expect(await statusOf(loser, "40A")).toBe(SeatStatus.TAKEN)
})

test("changing one's mind frees the former seat; letting the booking go frees all of them", async () => {
  const held = await hold(world, { ...ROUTE, departDate: "2027-05-01" })
  await choose(held, "40C")
  await choose(held, "41C")
  expect(await statusOf(held, "40C")).toBe(SeatStatus.FREE)
  expect((await reread(world, held)).seats).toMatchObject([{ seat: "41C" }])
  await world.bookings.cancelBooking(
    { requestId: newId(), reference: held.booking.reference, quoteToken: "" },
    { token: held.token },
  )
  expect(await statusOf(held, "41C")).toBe(SeatStatus.FREE)
  expect(await failing(choose(held, "41C"))).toBe("BOOKING_STATE")
})

test("a seat that is not there, and a seat for a lap infant, are refused by name", async () => {
  const infant = { ...ADA, type: PassengerType.INFANT, birthDate: new Date().toISOString().slice(0, 10) }
  const held = await hold(
    world,
    { ...ROUTE, departDate: "2027-05-02", adults: 1, infants: 1 },
    { passengers: [ADA, infant] },
  )
  expect(await failing(choose(held, "99Z"))).toBe("INVALID_REQUEST")
  expect(await failing(choose(held, "40A", 1))).toBe("INVALID_REQUEST")
})

test("one passenger has one seat on a segment, however often the request names them", async () => {
  const held = await hold(world, { ...ROUTE, departDate: "2027-05-04" })
  const choice = { passengerId: held.booking.passengers[0]!.id, segmentId: held.booking.segments[0]!.id }
  const seats = ["40A", "40B"].map((seat) => ({ ...choice, seat }))
  const request = { requestId: newId(), reference: held.booking.reference, seats }
  const failure = await world.bookings.chooseSeats(request, { token: held.token }).catch((error) => error)
  expect(failure.fields[0].field).toBe("seats[1].passenger_id")
  expect(await statusOf(held, "40A")).toBe(SeatStatus.FREE)
})

test("a Light fare's seat is assigned: choosing one, or giving it up, is refused; Flex chooses", async () => {
  const light = await hold(world, { ...ROUTE, departDate: "2027-05-06" }, { brand: "light" })
  expect(await failing(choose(light, "40A"))).toBe("SEAT_NOT_INCLUDED")
  expect(await failing(choose(light, ""))).toBe("SEAT_NOT_INCLUDED")
  expect(await statusOf(light, "40A")).toBe(SeatStatus.FREE)
  const flex = await hold(world, { ...ROUTE, departDate: "2027-05-06" }, { brand: "flex" })
  await choose(flex, "40A")
  expect(await statusOf(flex, "40A")).toBe(SeatStatus.YOURS)
})

test("anybody may look at a departure's seats", async () => {
  const held = await hold(world, { ...ROUTE, departDate: "2027-05-03" })
  const departure = { flightId: held.booking.segments[0]!.flight!.flightId, date: "2027-05-03" }
  const map = (value: typeof departure) =>
    world.flights.getSeatMap({ subject: { $case: "departure", value }, cabin: 0 })
  expect((await map(departure)).segments[0]!.seats).toHaveLength(10)
  expect(await failing(map({ ...departure, flightId: newId() }))).toBe("DEPARTURE_NOT_FOUND")
  expect(await failing(map({ ...departure, date: "2027-02-30" }))).toBe("INVALID_REQUEST")
})

test("a booking's seats are those of its departure, also when the flight has got another aircraft since", async () => {
  const held = await hold(world, { ...ROUTE, departDate: "2027-05-05" })
  await world.sql`
    update flight_cabins set capacity = 240
    where flight_id = (select flight_id from booking_segments where booking_id = ${held.booking.id})`
  await choose(held, "41D")
  expect(await statusOf(held, "41D")).toBe(SeatStatus.YOURS)
  expect(await failing(choose(held, "41K"))).toBe("INVALID_REQUEST") // a seat of the wider aircraft
  await world.sql`
    delete from flight_days where flight_id = (select flight_id from booking_segments where booking_id = ${held.booking.id})`
  expect(await statusOf(held, "41D")).toBe(SeatStatus.YOURS) // the schedule ends, the booking stays
})
