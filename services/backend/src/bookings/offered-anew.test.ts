import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { Failure } from "@airside/kernel/errors"
import type { HoldBookingRequest } from "@airside/protos/airside/bookings/v1/bookings"
import { Cabin, type Offer } from "@airside/protos/airside/flights/v1/flights"
import type { Brand } from "../flights/fares.ts"
import { offerTotal } from "../flights/make-offer.ts"
import { type OfferTerms, offerToken, readOffer, signOffer } from "../flights/offers.ts"
import {
  ADA,
  auditInventory,
  type BackendWorld,
  daysFromNow,
  failing,
  hold,
  holdRequest,
  offersFor,
  rescheduled,
  startBackendWorld,
} from "../testing.ts"

let world: BackendWorld

beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(async () => {
  await auditInventory(world)
  await world.stop()
})

/** An order of exactly these tokens. */
const ordered = (offers: readonly Offer[], part: Partial<HoldBookingRequest> = {}) =>
  holdRequest([], { offerTokens: offers.map(({ token }) => token), ...part })
const termsOf = ({ token }: Pick<Offer, "token">) => readOffer(token, world.world.environment.OFFER_KEY!, "")
const totalOf = (offer: Offer) => offer.price!.total!.minorUnits

/** The offer with other terms, signed as this house would sign them. */
const resigned = (offer: Offer, change: Partial<OfferTerms>): Offer => ({
  ...offer,
  token: offerToken(
    signOffer({ ...termsOf(offer), ...change }, world.world.environment.OFFER_KEY!),
    offer.brand as Brand,
  ),
})
const lapsed = (offer: Offer): Offer => resigned(offer, { expireTime: new Date(Date.now() - 1000) })

const refusal = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => expect.unreachable(),
    (failure) => failure,
  )
const priceIn = (minorUnits: string | undefined) => BigInt(minorUnits!)

/** What HoldBooking answers to these offers, with what it wants to be agreed to instead. */
async function offeredAnew(offers: Offer[]) {
  const { reason, metadata, fields } = await refusal(world.bookings.holdBooking(ordered(offers)))
  const anew = metadata.offer_tokens!.split(" ").map((token, index) => ({ ...offers[index]!, token }))
  return { reason, anew, metadata, fields: fields.map(({ field }) => field) }
}

const there = (days: number) =>
  offersFor(world, { origin: "VIE", destination: "LHR", departDate: daysFromNow(days), sort: 4 })
const back = (days: number) =>
  offersFor(world, { origin: "LHR", destination: "VIE", departDate: daysFromNow(days), sort: 4 })
const baseFare = (flight: string, percent: number) => world.sql`
  update flight_cabins
  set fare_minor_units = fare_minor_units * ${percent} / 100
  where cabin = 'economy' and flight_id = (select id from flights where flight_number = ${flight})`

describe("an offer that has expired", () => {
  test("is made anew for the same flights, and is held at what that says", async () => {
    const [offer] = await there(40)
    const { reason, anew, metadata, fields } = await offeredAnew([lapsed(offer!)])
    expect(reason).toBe("OFFER_EXPIRED")
    expect(fields).toEqual(["offer_tokens[0]"])
    expect(metadata.former_total_minor_units).toBe(String(totalOf(offer!)))
    expect(metadata.currency).toBe(offer!.price!.total!.currency)
    const [before, now] = [termsOf(offer!), termsOf(anew[0]!)]
    expect(now.segments.map(({ flightId, date }) => [flightId, date])).toEqual(
      before.segments.map(({ flightId, date }) => [flightId, date]),
    )
    expect([now.brand, now.cabin, now.counts]).toEqual([before.brand, before.cabin, before.counts])
    const { booking } = await world.bookings.holdBooking(ordered(anew))
    expect(booking!.price!.total!.minorUnits).toBe(priceIn(metadata.total_minor_units))
  })

  test("has the price of today, which PriceBooking says beforehand", async () => {
    const [offer] = await there(41)
    await baseFare("1", 150)
    const { anew, metadata } = await offeredAnew([lapsed(offer!)])
    await baseFare("1", 67)
    expect(priceIn(metadata.total_minor_units)).toBeGreaterThan(totalOf(offer!))
    const { price, slices } = await world.bookings.priceBooking(ordered(anew))
    expect(price!.total!.minorUnits).toBe(priceIn(metadata.total_minor_units))
    expect(slices[0]!.total).toEqual(price!.total!)
  })

  test("leaves the other direction its price, when that is the lower one", async () => {
    const [[out], [home]] = await Promise.all([there(42), back(49)])
    await baseFare("2", 200)
    const dearer = await offeredAnew([lapsed(out!), home!])
    expect(dearer.anew[1]!.token).toBe(home!.token)
    expect(dearer.fields).toEqual(["offer_tokens[0]"])
    await baseFare("2", 25)
    const cheaper = await offeredAnew([lapsed(out!), home!])
    await baseFare("2", 200)
    expect(offerTotal(termsOf(cheaper.anew[1]!))).toBeLessThan(totalOf(home!))
    const sum = cheaper.anew.map((offer) => offerTotal(termsOf(offer))).reduce((a, b) => a + b)
    expect(priceIn(cheaper.metadata.total_minor_units)).toBe(sum)
  })

  test("is sold out when there are no seats to make it anew with", async () => {
    const route = { origin: "VIE", destination: "GRZ", departDate: daysFromNow(43) }
    const [offer] = await offersFor(world, route)
    await hold(world, route)
    for (const attempt of [world.bookings.priceBooking, world.bookings.holdBooking]) {
      const failure = await refusal(attempt(ordered([lapsed(offer!)])))
      expect([failure.reason, failure.fields[0]!.field]).toEqual(["SOLD_OUT", "offer_tokens[0]"])
    }
    expect(await failing(world.bookings.priceBooking(ordered([offer!])))).toBe("nothing failed")
  })
})

describe("a flight that has changed", () => {
  test("is said before that the offer has expired, with its new times", async () => {
    const [, evening] = await there(44)
    await world.sql`update flights set version = version + 1, departure_time = '17:50' where flight_number = '3'`
    const { reason, anew } = await offeredAnew([lapsed(evening!)])
    expect(reason).toBe("OFFER_CHANGED")
    const { slices } = await world.bookings.priceBooking(ordered(anew))
    expect(slices[0]!.segments[0]!.departsAt).toContain("T17:50")
    await world.sql`update flights set version = version + 1, departure_time = '18:30' where flight_number = '3'`
  })

  test("does not combine any more when it now leaves before the one before has landed", async () => {
    const [[out], [, home]] = await Promise.all([there(45), back(45)])
    await world.sql`update flights set version = version + 1, departure_time = '08:30' where flight_number = '4'`
    expect(await failing(world.bookings.holdBooking(ordered([out!, home!])))).toBe("OFFERS_DO_NOT_COMBINE")
    await world.sql`update flights set version = version + 1, departure_time = '19:00' where flight_number = '4'`
  })
})

test("a price comes with the flights that it is for, direction by direction", async () => {
  const [[out], [home]] = await Promise.all([there(46), back(53)])
  const { price, slices } = await world.bookings.priceBooking(ordered([out!, home!], { promoCode: "SAVE10" }))
  expect(slices.map(({ segments }) => segments)).toEqual([out!.segments, home!.segments])
  expect(slices.map(({ brand, cabin }) => [brand, cabin])).toEqual(
    [out!, home!].map(({ brand }) => [brand, Cabin.ECONOMY]),
  )
  expect(slices.map(({ total }) => total!.minorUnits)).toEqual([totalOf(out!), totalOf(home!)])
  expect(price!.total!.minorUnits).toBeLessThan(totalOf(out!) + totalOf(home!)) // the promo code is taken off the whole
})

test("who is too late for the last seat is told on which flight and in which direction", async () => {
  const homeward = () => offersFor(world, { origin: "LHR", destination: "VIE", departDate: daysFromNow(46) })
  const isAsItWas = async () =>
    (await failing(world.bookings.priceBooking(ordered([(await homeward())[0]!])))) === "nothing failed"
  await rescheduled(world, isAsItWas)
  const [home] = await homeward()
  const route = { origin: "VIE", destination: "GRZ", departDate: daysFromNow(47) }
  const [last] = await offersFor(world, route)
  await hold(world, route)
  const failure = await refusal(world.bookings.holdBooking(ordered([home!, last!], { passengers: [ADA] })))
  expect(failure.reason).toBe("SOLD_OUT")
  expect(failure.fields.map(({ field }) => field)).toEqual(["offer_tokens[1]"])
  expect(failure.metadata).toEqual({ flight_number: "X911", date: daysFromNow(47) })
})
