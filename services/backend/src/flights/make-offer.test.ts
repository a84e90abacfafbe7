import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { sum, unitOf } from "@airside/kernel/money"
import { BookingStatus, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { PriceLineKind } from "@airside/protos/airside/flights/v1/flights"
import { readPlaces } from "../../seed/places.ts"
import { airportCharges } from "../schedule/airport-charges.ts"
import { sellingIn } from "../schedule/selling.ts"
import {
  ADA,
  type BackendWorld,
  book,
  fareIn,
  givePoints,
  holdRequest,
  newTraveller,
  offersFor,
  startBackendWorld,
} from "../testing.ts"
import { BRAND_NAMES } from "./fares.ts"

const ROUTE = { origin: "VIE", destination: "LHR" }
const PARTY = { adults: 2, children: 1, infants: 1 }
const PASSENGERS = [
  ADA,
  ADA,
  { ...ADA, type: PassengerType.CHILD, birthDate: "2020-05-05" },
  { ...ADA, type: PassengerType.INFANT, birthDate: new Date().toISOString().slice(0, 10) },
]

describe.each(["USD", "JPY", "KWD"])("a house that sells in %s", (currency) => {
  let world: BackendWorld
  beforeAll(async () => {
    world = await startBackendWorld({ SELLING_CURRENCY: currency })
  }, 60_000)
  afterAll(() => world.stop())

  const chargesOf = (code: string) =>
    airportCharges(readPlaces().find((place) => place.code === code)!, sellingIn(currency))
  const taxOf = ({ price }: Awaited<ReturnType<typeof offersFor>>[number]) =>
    Number(price!.lines.find(({ kind }) => kind === PriceLineKind.TAX)!.amount!.minorUnits)

  test("offers every flight in three brands, lowest first, for whole units", async () => {
    const offers = await offersFor(world, { ...ROUTE, adults: 1 })
    expect(offers.length).toBeGreaterThan(1)
    for (const offer of offers) {
      expect(offer.fares.map((fare) => fare.brand)).toEqual([...BRAND_NAMES])
      const [light, standard, flex] = offer.fares.map((fare) => fare.total!.minorUnits)
      expect(light! < standard! && standard! < flex!).toBe(true)
      for (const { total } of offer.fares) {
        expect(total!.currency).toBe(currency)
        expect(total!.minorUnits % BigInt(unitOf(currency))).toBe(0n)
      }
      expect(offer).toMatchObject({ brand: "light", refundable: false, token: offer.fares[0]!.token })
      expect(offer.price!.total).toEqual(offer.fares[0]!.total!)
    }
  })

  test("charges what the departure airport asks, by where the flight goes, and nothing for a lap infant", async () => {
    const abroad = await offersFor(world, { ...ROUTE, ...PARTY })
    expect(taxOf(abroad[0]!)).toBe(3 * chargesOf("VIE").internationalMinorUnits)
    const back = await offersFor(world, { origin: "LHR", destination: "VIE" })
    expect(taxOf(back[0]!)).toBe(chargesOf("LHR").internationalMinorUnits)
    const athome = await offersFor(world, { origin: "VIE", destination: "INN" })
    expect(taxOf(athome[0]!)).toBe(chargesOf("VIE").domesticMinorUnits)
  })

  test("holds a party at exactly the price that was shown, in the lines that explain it", async () => {
    const [offer] = await offersFor(world, { ...ROUTE, ...PARTY })
    for (const { token, total } of offer!.fares) {
      const request = holdRequest([], { offerTokens: [token], passengers: PASSENGERS })
      const { price } = await world.bookings.priceBooking(request)
      const { booking } = await world.bookings.holdBooking(request)
      expect(booking!.price).toEqual(price!)
      expect(price!.total).toEqual(total!)
      expect(price!.lines.map((line) => line.label)).toEqual([
        "Fare, 2 adults",
        "Fare, 1 child",
        "Fare, 1 infant",
        "Taxes and airport charges",
      ])
      expect(sum(price!.lines.map((line) => line.amount!.minorUnits))).toBe(total!.minorUnits)
    }
  })

  test("sells, earns and gives back in its currency", async () => {
    const ada = await newTraveller(world)
    await givePoints(world, ada.userId, 1_000n)
    const { booking } = await book(world, ROUTE, { token: ada.token, brand: "flex", points: 1_000n })
    const [fare] = booking.price!.lines
    // A thousand points are ten units; two points are earned a unit of the fare that money paid.
    expect(booking.price!.lines.at(-1)!.amount!.minorUnits).toBe(BigInt(-10 * unitOf(currency)))
    expect(booking.points!.earned).toBeGreaterThan(0n)
    expect(booking.points!.earned).toBeLessThanOrEqual((2n * fare!.amount!.minorUnits) / BigInt(unitOf(currency)))
    const { reference } = booking
    const scope = { reference, passengerIds: [], slices: [] }
    const { quote } = await world.bookings.quoteCancellation(scope, { token: ada.token })
    expect(quote).toMatchObject({ refund: booking.payment!.amount!, pointsReturned: 1_000n })
  })

  test("charges and gives back what cards can pay: a promo code, points of a higher tier, one of the party cancelled", async () => {
    const ada = await newTraveller(world)
    await givePoints(world, ada.userId, 6_000n) // Silver: each is worth 0.011
    const part = { token: ada.token, passengers: PASSENGERS, promoCode: "FIRSTFLIGHT", points: 333n }
    const { booking } = await book(world, { ...ROUTE, ...PARTY }, part)
    expect(booking.status).toBe(BookingStatus.CONFIRMED)
    expect(sum(booking.price!.lines.map((line) => line.amount!.minorUnits))).toBe(booking.price!.total!.minorUnits)
    expect(booking.payment!.amount).toEqual(booking.price!.total!)
    await world.sql`update bookings set create_time = now() - interval '2 days' where id = ${booking.id}`
    const { reference } = booking
    const child = booking.passengers.find(({ type }) => type === PassengerType.CHILD)!
    const scope = { reference, passengerIds: [child.id], slices: [] }
    const { quote } = await world.bookings.quoteCancellation(scope, { token: ada.token })
    const cancel = { requestId: newId(), reference, quoteToken: quote!.token }
    const { booking: rest } = await world.bookings.cancelBooking(cancel, { token: ada.token })
    expect(rest!.payment!.refunded).toEqual(quote!.refund!)
    expect(quote!.refund!.minorUnits > 0n).toBe(true)
  })

  test("asks again when the airport charges something else now, in the brand that was chosen", async () => {
    const route = { origin: "VIE", destination: "INN" }
    const [offer] = await offersFor(world, route)
    await world.sql`update places set domestic_charge_minor_units = 2 * domestic_charge_minor_units where code = 'VIE'`
    const offerTokens = [fareIn(offer!, "flex").token]
    const failure = await world.bookings.holdBooking(holdRequest([], { offerTokens })).catch((error) => error)
    expect(failure.reason).toBe("OFFER_CHANGED")
    const again = holdRequest([], { offerTokens: [failure.metadata.offer_tokens] })
    const { booking } = await world.bookings.holdBooking(again)
    expect(booking!.segments[0]!.brand).toBe("flex")
    expect(booking!.price!.total!.minorUnits).toBe(BigInt(failure.metadata.total_minor_units))
    const dearer = BigInt(chargesOf("VIE").domesticMinorUnits)
    expect(booking!.price!.total!.minorUnits).toBe(fareIn(offer!, "flex").total!.minorUnits + dearer)
  })
})
