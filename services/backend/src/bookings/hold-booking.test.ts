import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { until } from "@airside/kernel/testing"
import { BookingStatus, type Gender, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import type { Offer } from "@airside/protos/airside/flights/v1/flights"
import { departureId } from "../flights/departures.ts"
import { type OfferTerms, offerToken, readOffer, signOffer } from "../flights/offers.ts"
import {
  ADA,
  auditInventory,
  type BackendWorld,
  book,
  daysFromNow,
  failing,
  guestToken,
  hold,
  holdRequest,
  newTraveller,
  offersFor,
  reasons,
  reread,
  rescheduled,
  startBackendWorld,
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

const letGo = ({ booking, token }: Awaited<ReturnType<typeof hold>>, requestId = newId()) =>
  world.bookings.cancelBooking({ requestId, reference: booking.reference, quoteToken: "" }, { token })

/** The token of the offer with other terms, signed as this house would sign them. */
function resigned({ token }: Offer, change: (terms: OfferTerms) => Partial<OfferTerms>): { offerTokens: string[] } {
  const key = world.world.environment.OFFER_KEY!
  const { brand, ...terms } = readOffer(token, key, "")
  return { offerTokens: [offerToken(signOffer({ ...terms, ...change(terms) }, key), brand)] }
}

describe("rule 1: offers", () => {
  test("one that has expired is refused, and priced no more", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const expired = resigned(offer!, () => ({ expireTime: new Date(Date.now() - 1000) }))
    expect(await failing(world.bookings.holdBooking(holdRequest([], expired)))).toBe("OFFER_EXPIRED")
    expect(await failing(world.bookings.priceBooking(holdRequest([], expired)))).toBe("OFFER_EXPIRED")
  })

  test("a hold whose answer was lost is answered again after its offer expired", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const short = resigned(offer!, () => ({ expireTime: new Date(Date.now() + 2500) }))
    const request = holdRequest([], short)
    const { booking } = await world.bookings.holdBooking(request)
    const expired = async () => (await failing(world.bookings.priceBooking(holdRequest([], short)))) === "OFFER_EXPIRED"
    await until(expired, 5)
    expect((await world.bookings.holdBooking(request)).booking!.id).toBe(booking!.id)
  })

  test("a price that is not the flight's is not charged, whoever signed it", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const cheap = resigned(offer!, ({ segments }) => ({ segments: segments.map((each) => ({ ...each, charge: 0 })) }))
    expect(await failing(world.bookings.holdBooking(holdRequest([], cheap)))).toBe("OFFER_CHANGED")
  })

  test("a flight whose version has outgrown sixteen bits is still offered and held", async () => {
    await world.sql`update flights set version = 70000 where flight_number = '21'`
    const held = () => hold(world, { origin: "AKL", destination: "HNL" }).catch(() => undefined)
    await rescheduled(world, async () => (await held())?.booking.status === BookingStatus.HELD)
  })

  test("sales close between the offer and the hold", async () => {
    const [offer] = await offersFor(world, { origin: "LHR", destination: "DEL" })
    const soon = Temporal.Now.zonedDateTimeISO("Europe/London").add({ minutes: 30 })
    await world.sql`
      update flights set departure_time = ${soon.toPlainTime().toString({ smallestUnit: "second" })} where flight_number = '22'`
    const late = resigned(offer!, ({ segments }) => ({
      segments: [{ ...segments[0]!, date: soon.toPlainDate().toString() }],
    }))
    expect(await failing(world.bookings.holdBooking(holdRequest([], late)))).toBe("SALES_CLOSED")
  })

  test("an unknown gender is bad input", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const request = holdRequest([offer!], { passengers: [{ ...ADA, gender: 9 as Gender }] })
    const failure = await world.bookings.holdBooking(request).catch((error) => error)
    expect(failure.fields[0].field).toBe("passengers[0].gender")
  })
})

describe("promo codes", () => {
  const firstFlight = (token?: string) => hold(world, ROUTE, { promoCode: "firstflight", ...(token && { token }) })

  test("take their percentage off the fare, never off the taxes", async () => {
    const { booking } = await hold(world, ROUTE, { promoCode: "SAVE20" })
    const [fare, tax, promo] = booking.price!.lines.map((line) => line.amount!.minorUnits)
    expect(promo).toBe(-((fare! * 20n) / 100n))
    expect(booking.price!.total!.minorUnits).toBe(fare! + tax! + promo!)
    expect(await failing(hold(world, ROUTE, { promoCode: "NOSUCH" }))).toBe("PROMO_UNKNOWN")
  })

  test("a first-booking code has one live use: two holds at once, one has it", async () => {
    expect(await failing(firstFlight())).toBe("PROMO_NOT_APPLICABLE") // a guest has no account
    const ada = await newTraveller(world)
    const outcomes = await Promise.allSettled([firstFlight(ada.token), firstFlight(ada.token)])
    expect(reasons(outcomes).sort()).toEqual(["PROMO_NOT_APPLICABLE", undefined])
  })

  test("it is free again when the hold is let go, spent when the booking is paid, free when that is cancelled", async () => {
    const ada = await newTraveller(world)
    await letGo(await firstFlight(ada.token))
    const sold = await book(world, ROUTE, { token: ada.token, promoCode: "FIRSTFLIGHT" })
    expect(await failing(firstFlight(ada.token))).toBe("PROMO_NOT_APPLICABLE")
    const { reference } = sold.booking
    const { quote } = await world.bookings.quoteCancellation(
      { reference, passengerIds: [], slices: [] },
      { token: ada.token },
    )
    await world.bookings.cancelBooking(
      { requestId: newId(), reference, quoteToken: quote!.token },
      { token: ada.token },
    )
    expect((await firstFlight(ada.token)).booking.promoCode).toBe("FIRSTFLIGHT")
  })

  test("it is for the first booking, not for the second", async () => {
    const ada = await newTraveller(world)
    await book(world, ROUTE, { token: ada.token })
    expect(await failing(firstFlight(ada.token))).toBe("PROMO_NOT_APPLICABLE")
  })
})

describe("letting go of what is not paid", () => {
  test("the same request again is the same answer; another one is told the state", async () => {
    const held = await hold(world, ROUTE)
    const requestId = newId()
    const first = await letGo(held, requestId)
    expect(first.booking!.status).toBe(BookingStatus.EXPIRED)
    // As if backend had died before the answer was kept.
    await world.sql`delete from answers where request_id = ${requestId}`
    expect((await letGo(held, requestId)).booking!.status).toBe(BookingStatus.EXPIRED)
    expect(await failing(letGo(held))).toBe("BOOKING_STATE")
    expect((await reread(world, held)).tickets).toEqual([])
  })
})

describe("what a hold answers", () => {
  test("is what is stored, of every passenger and every flight", async () => {
    const ada = await newTraveller(world)
    const passengers = [
      ADA,
      { ...ADA, type: PassengerType.CHILD, givenName: "Ralph", birthDate: daysFromNow(-2000) },
      { ...ADA, type: PassengerType.INFANT, givenName: "Anne", birthDate: daysFromNow(-100) },
    ]
    const counts = { adults: 1, children: 1, infants: 1 }
    const offers = await Promise.all([
      offersFor(world, { ...ROUTE, departDate: daysFromNow(40), ...counts }),
      offersFor(world, { origin: "LHR", destination: "VIE", departDate: daysFromNow(50), ...counts }),
    ])
    const request = holdRequest(
      offers.map(([offer]) => offer!),
      { passengers, promoCode: "SAVE20" },
    )
    const { booking } = await world.bookings.holdBooking(request, { token: ada.token })
    const { reference } = booking!
    expect((await world.bookings.getBooking({ reference }, { token: ada.token })).booking!).toEqual(booking!)
    expect(booking!.segments.map(({ slice }) => slice)).toEqual([0, 1])
    expect(booking!.passengers.map(({ givenName }) => givenName)).toEqual(["Ada", "Ralph", "Anne"])
  })

  test("opens it to a guest, asked once or again", async () => {
    const [offer] = await offersFor(world, ROUTE)
    const request = holdRequest([offer!])
    const first = await world.bookings.holdBooking(request)
    const again = await world.bookings.holdBooking(request)
    expect(again.booking!.id).toBe(first.booking!.id)
    for (const { accessToken } of [first, again]) {
      const token = await guestToken(world, accessToken)
      const { booking } = await world.bookings.getBooking({ reference: first.booking!.reference }, { token })
      expect(booking!.id).toBe(first.booking!.id)
    }
  })
})

describe("holds that come at once", () => {
  const DAY = daysFromNow(77)

  test("of one departure: every one has its seat, and they share transactions", async () => {
    const [offer] = await offersFor(world, { ...ROUTE, departDate: DAY })
    const held = await Promise.all(Array.from({ length: 12 }, () => world.bookings.holdBooking(holdRequest([offer!]))))
    expect(new Set(held.map(({ booking }) => booking!.reference)).size).toBe(12)
    const { flightId } = offer!.segments[0]!
    const [row] = await world.sql<{ held: number }[]>`
      select held from inventory where departure_id = ${departureId(flightId, DAY)}`
    expect(row!.held).toBe(12)
    const ids = held.map(({ booking }) => booking!.id)
    const [{ transactions }] = await world.sql<[{ transactions: number }]>`
      select count(distinct xmin::text)::int as transactions from bookings where id = any(${ids}::uuid[])`
    expect(transactions).toBeLessThan(12)
  })

  test("take the last seats of a departure, and not one more", async () => {
    const departDate = daysFromNow(78)
    const [offer] = await offersFor(world, { ...ROUTE, departDate })
    const { booking } = await world.bookings.holdBooking(holdRequest([offer!]))
    const [row] = await world.sql<{ departureId: string; left: number }[]>`
      update inventory set capacity = held + 5
      where departure_id = (select departure_id from booking_segments where booking_id = ${booking!.id})
      returning departure_id as "departureId", capacity - held - sold as left`
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => world.bookings.holdBooking(holdRequest([offer!]))),
    )
    expect(reasons(outcomes).filter((reason) => reason === undefined)).toHaveLength(row!.left)
    expect(reasons(outcomes).filter((reason) => reason === "SOLD_OUT")).toHaveLength(20 - row!.left)
  })

  test("do not fail of what one of them brings: bad text, an unknown code, an expired offer", async () => {
    const [offer] = await offersFor(world, { ...ROUTE, departDate: DAY })
    const expired = resigned(offer!, () => ({ expireTime: new Date(Date.now() - 1000) }))
    const good = () => world.bookings.holdBooking(holdRequest([offer!]))
    const outcomes = await Promise.allSettled([
      good(),
      good(),
      good(),
      world.bookings.holdBooking(holdRequest([offer!], { promoCode: "A\0B" })),
      good(),
      world.bookings.holdBooking(holdRequest([offer!], { promoCode: "NOSUCH" })),
      world.bookings.holdBooking(holdRequest([], expired)),
      good(),
    ])
    expect(reasons(outcomes)).toEqual([
      undefined,
      undefined,
      undefined,
      "INVALID_REQUEST",
      undefined,
      "PROMO_UNKNOWN",
      "OFFER_EXPIRED",
      undefined,
    ])
  })

  test("with the same request id are one hold", async () => {
    const [offer] = await offersFor(world, { ...ROUTE, departDate: DAY })
    const request = holdRequest([offer!])
    const others = () => world.bookings.holdBooking(holdRequest([offer!]))
    const twins = () => world.bookings.holdBooking(request)
    const [first, , , second, , third] = await Promise.all([twins(), others(), others(), twins(), others(), twins()])
    expect(new Set([first, second, third].map((each) => each!.booking!.id)).size).toBe(1)
    for (const { accessToken } of [first!, second!, third!]) expect(await guestToken(world, accessToken)).not.toBe("")
  })
})

test("seats are held in the order of the departures' keys, whatever the order of travel", async () => {
  const flightIdOf = async (flightNumber: string) =>
    (await world.sql<{ id: string }[]>`select id from flights where flight_number = ${flightNumber}`)[0]!.id
  const [out, back] = await Promise.all([flightIdOf("1"), flightIdOf("2")])
  const days = Array.from({ length: 60 }, (_, index) => daysFromNow(100 + index))
  const date = days.find((day) => departureId(out, day) > departureId(back, daysFromNow(200)))!
  const offers = await Promise.all([
    offersFor(world, { ...ROUTE, departDate: date, sort: 4 }),
    offersFor(world, { origin: "LHR", destination: "VIE", departDate: daysFromNow(200), sort: 4 }),
  ])
  const both = offers.map(([offer]) => offer!)
  await world.bookings.holdBooking(holdRequest(both)) // makes the rows
  const firstId = departureId(back, daysFromNow(200))
  const lastId = departureId(out, date)
  let holding: Promise<unknown> | undefined
  await world.database.inTransaction(async (tx) => {
    await tx`select 1 from inventory where departure_id = ${lastId} for update`
    holding ??= world.bookings.holdBooking(holdRequest(both))
    const isFirstHeld = () =>
      world.sql`select 1 from inventory where departure_id = ${firstId} for update nowait`.then(
        () => false,
        (error) => error.code === "55P03",
      )
    await until(isFirstHeld, 4, "the departure with the smaller key being held first")
  })
  await holding
})
