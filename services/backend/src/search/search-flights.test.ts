import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { until } from "@airside/kernel/testing"
import {
  Cabin,
  GetFareCalendarRequest,
  GetFareGridRequest,
  type Offer,
  OfferView,
  SearchFlightsRequest,
  SearchSort,
} from "@airside/protos/airside/flights/v1/flights"
import { FIXTURE_FLIGHTS } from "../../seed/fixtures.ts"
import { loadFlights } from "../schedule/load-schedule.ts"
import {
  type BackendWorld,
  daysFromNow,
  failing,
  fareIn,
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
afterAll(() => world.stop())

/** The fields that a search is refused for. */
async function badFields(part: Partial<SearchFlightsRequest>): Promise<string[]> {
  const request = SearchFlightsRequest.fromPartial({
    origin: "VIE",
    destination: "LHR",
    departDate: daysFromNow(40),
    ...part,
  })
  const failure = await world.flights.searchFlights(request).then(
    () => ({ fields: [] }),
    (error) => error,
  )
  return failure.fields.map(({ field }: { field: string }) => field)
}

describe("places", () => {
  const codes = async (query: string) =>
    (await world.flights.searchPlaces({ query, pageSize: 5 })).places.map((place) => place.code)

  test("a code comes before a city, a city before a country; accents and case do not matter", async () => {
    expect((await codes("vie"))[0]).toBe("VIE")
    expect(await codes("london")).toContain("LHR")
    expect((await codes("zurich"))[0]).toBe("ZRH")
    expect((await codes("ZÜRICH"))[0]).toBe("ZRH")
    expect(await codes("austria")).toContain("GRZ")
    expect((await codes("lon")).slice(0, 2)).toEqual(["LON", "LHR"]) // then the busiest of them
  })

  test("nothing for nothing, for what nobody named so, and for markup", async () => {
    expect(await codes("")).toEqual([])
    expect(await codes("qqqq")).toEqual([])
    expect(await codes("<b>")).toEqual([])
    expect(await failing(world.flights.searchPlaces({ query: "a".repeat(101), pageSize: 5 }))).toBe("INVALID_REQUEST")
    expect(await failing(world.flights.getPlace({ code: "QQQ" }))).toBe("PLACE_NOT_FOUND")
  })

  test("a place that was imported just now is found", async () => {
    expect(await failing(world.flights.getPlace({ code: "QQA" }))).toBe("PLACE_NOT_FOUND")
    await world.sql`
      insert into places (code, name, city, country, country_code, time_zone, latitude, longitude)
      values ('QQA', 'New Field', 'Newtown', 'Austria', 'AT', 'Europe/Vienna', 48, 16)`
    const found = () => world.flights.getPlace({ code: "QQA" }).catch(() => undefined) // the cache may be a second old
    expect((await until(found, 5)).place!.city).toBe("Newtown")
  })
})

describe("search", () => {
  test("times are those of the airports' clocks, durations are real", async () => {
    const [offer] = await offersFor(world, {
      origin: "VIE",
      destination: "LHR",
      departDate: "2027-01-15",
      sort: SearchSort.DEPARTURE,
    })
    expect(offer!.segments[0]).toMatchObject({
      flightNumber: "X91",
      departsAt: "2027-01-15T08:00:00+01:00",
      arrivesAt: "2027-01-15T09:25:00+00:00",
      durationMinutes: 145,
    })
  })

  test("over the date line one lands the day before", async () => {
    const [offer] = await offersFor(world, { origin: "AKL", destination: "HNL", departDate: "2027-01-15" })
    expect(offer!.segments[0]).toMatchObject({
      departsAt: "2027-01-15T22:00:00+13:00",
      arrivesAt: "2027-01-15T07:40:00-10:00",
    })
  })

  test("into a zone of half an hour, over midnight", async () => {
    const [offer] = await offersFor(world, { origin: "LHR", destination: "DEL", departDate: "2027-02-01" })
    expect(offer!.segments[0]!.arrivesAt).toBe("2027-02-02T11:20:00+05:30")
  })

  test("a departure in the hour that the clocks skip leaves an hour later by the clock", async () => {
    const at = async (departDate: string) =>
      (await offersFor(world, { origin: "VIE", destination: "ATH", departDate }))[0]!.segments[0]!.departsAt
    expect(await at("2027-03-27")).toBe("2027-03-27T02:30:00+01:00")
    expect(await at("2027-03-28")).toBe("2027-03-28T03:30:00+02:00")
  })

  test("there and back are two slices; the same search answers in the same order", async () => {
    const request = SearchFlightsRequest.fromPartial({
      origin: "VIE",
      destination: "LHR",
      departDate: daysFromNow(40),
      returnDate: daysFromNow(47),
    })
    const { slices } = await world.flights.searchFlights(request)
    expect(slices.map((slice) => `${slice.origin}-${slice.destination} ${slice.offers.length}`)).toEqual([
      "VIE-LHR 2",
      "LHR-VIE 2",
    ])
    const numbers = async () =>
      (await world.flights.searchFlights(request)).slices.map((slice) =>
        slice.offers.map((offer) => offer.segments[0]!.flightNumber),
      )
    expect(await numbers()).toEqual(await numbers())
  })

  test("sorted as asked; limited as asked; cabins that a flight does not have are not offered", async () => {
    const by = (sort: SearchSort) => offersFor(world, { origin: "VIE", destination: "LHR", sort })
    const prices = (await by(SearchSort.PRICE)).map((offer) => offer.price!.total!.minorUnits)
    expect(prices).toEqual(prices.toSorted((a, b) => Number(a - b)))
    expect((await by(SearchSort.DURATION)).map((offer) => offer.durationMinutes)).toEqual([145, 150])
    expect(await offersFor(world, { origin: "VIE", destination: "LHR", limit: 1 })).toHaveLength(1)
    const business = await offersFor(world, { origin: "VIE", destination: "LHR", cabin: Cabin.BUSINESS })
    expect(business.map((offer) => offer.segments[0]!.flightNumber)).toEqual(["X91"])
  })

  test("the basic view is the same list without what a list does not show; its tokens hold", async () => {
    const route = { origin: "VIE", destination: "LHR", departDate: daysFromNow(40) }
    const request = SearchFlightsRequest.fromPartial({ ...route, offerView: OfferView.BASIC })
    const { offers: basic, segments } = (await world.flights.searchFlights(request)).slices[0]!
    const full = await offersFor(world, { ...route, offerView: OfferView.FULL })
    expect(basic).toEqual(
      full.map((offer, index) => ({
        ...offer,
        token: basic[index]!.token, // the moment that it was offered is signed
        expireTime: undefined,
        price: undefined,
        fares: offer.fares.map((fare) => ({ ...fare, token: "" })),
        segments: [],
        segmentIndexes: basic[index]!.segmentIndexes,
      })),
    )
    expect(basic.map(({ segmentIndexes }) => segmentIndexes.map((index) => segments[index]))).toEqual(
      full.map((offer) => offer.segments.map((segment) => ({ ...segment, flightId: "" }))),
    )
    const flex = basic[0]!.token.replace(/[^.]+$/, "flex")
    const { booking } = await world.bookings.holdBooking(holdRequest([], { offerTokens: [flex] }))
    expect(booking!.price!.total).toEqual(fareIn(full[0]!, "flex").total)
    expect(await badFields({ offerView: 3 as OfferView })).toEqual(["offer_view"])
  })

  test("in the basic view a flight that two offers share is said once", async () => {
    const { eveningOut } = FIXTURE_FLIGHTS
    const [economy] = eveningOut.cabins
    const cheap = {
      ...eveningOut,
      flightNumber: "35",
      departureTime: "12:00",
      cabins: [{ ...economy!, fareMinorUnits: 10 }],
    }
    await world.database.inTransaction((tx) => loadFlights(tx, [cheap], "fixtures"))
    const request = SearchFlightsRequest.fromPartial({
      origin: "VIE",
      destination: "DEL",
      departDate: daysFromNow(44),
      offerView: OfferView.BASIC,
    })
    const answer = async () => (await world.flights.searchFlights(request)).slices[0]!
    await rescheduled(world, async () => (await answer()).offers.length === 2)
    const { offers, segments } = await answer()
    expect(segments.map(({ flightNumber }) => flightNumber).toSorted()).toEqual(["X922", "X93", "X935"])
    const shared = segments.findIndex(({ flightNumber }) => flightNumber === "X922")
    expect(offers.map(({ segmentIndexes }) => segmentIndexes[1])).toEqual([shared, shared])
    await world.sql`delete from flights where flight_number = '35'`
    await rescheduled(world, async () => (await answer()).offers.length === 1)
  })

  test("several searches in one call are answered as each alone would be; one that is refused has no answer", async () => {
    const searches = [
      { origin: "VIE", destination: "LHR", departDate: daysFromNow(40), adults: 2 },
      { origin: "VIE", destination: "VIE", departDate: daysFromNow(40) },
      { origin: "LHR", destination: "JFK", departDate: daysFromNow(41), limit: 3 },
    ].map((each) => SearchFlightsRequest.fromPartial(each))
    const { results } = await world.flights.batchSearchFlights({ requests: searches })
    const numbers = (slices: { offers: Offer[] }[] = []) =>
      slices.map(({ offers }) => offers.map(({ segments }) => segments.map(({ flightNumber }) => flightNumber)))
    const alone = [await world.flights.searchFlights(searches[0]!), await world.flights.searchFlights(searches[2]!)]
    expect(numbers(results[0]!.response!.slices)).toEqual(numbers(alone[0]!.slices))
    expect(numbers(results[2]!.response!.slices)).toEqual(numbers(alone[1]!.slices))
    expect(numbers(results[0]!.response!.slices)[0]!.length).toBeGreaterThan(0)
    expect(results[1]!.response).toBeUndefined()
    expect(await failing(world.flights.batchSearchFlights({ requests: [] }))).toBe("INVALID_REQUEST")
    const many = Array.from({ length: 33 }, () => searches[0]!)
    expect(await failing(world.flights.batchSearchFlights({ requests: many }))).toBe("INVALID_REQUEST")
  })

  test("a party that does not fit is not offered the flight; the last seats show", async () => {
    const route = { origin: "VIE", destination: "INN", departDate: daysFromNow(50) }
    expect((await offersFor(world, route))[0]!.seatsLeft).toBe(9)
    await hold(world, { ...route, adults: 4 }, { passengers: Array(4).fill(adult) })
    await until(async () => (await offersFor(world, route))[0]!.seatsLeft === 6)
    expect(await offersFor(world, { ...route, adults: 7 })).toEqual([])
  })

  test("sales close before departure", async () => {
    const route = { origin: "VIE", destination: "LHR" }
    const before = (await offersFor(world, { ...route, departDate: daysFromNow(1) })).length
    await world.sql`update flights set departure_time = (now() at time zone 'Europe/Vienna' + interval '30 minutes')::time where flight_number = '1'`
    const today = Temporal.Now.zonedDateTimeISO("Europe/Vienna").add({ minutes: 30 }).toPlainDate().toString()
    expect(before).toBe(2)
    const tomorrow = Temporal.PlainDate.from(today).add({ days: 1 }).toString()
    const leaves = (offers: Offer[]) => offers.find(({ segments }) => segments[0]!.flightNumber === "X91")?.segments[0]
    const isMoved = async () =>
      !leaves(await offersFor(world, { ...route, departDate: tomorrow }))?.departsAt.includes("T08:00")
    await rescheduled(world, isMoved)
    expect(leaves(await offersFor(world, { ...route, departDate: today }))).toBeUndefined()
    await world.sql`update flights set departure_time = '08:00' where flight_number = '1'`
    await rescheduled(world, async () => !(await isMoved()))
  })

  test("the calendar's lowest price is what the search then answers; nothing where nothing flies", async () => {
    const month = daysFromNow(60).slice(0, 7)
    const request = GetFareCalendarRequest.fromPartial({ origin: "VIE", destination: "LHR", month, adults: 2 })
    const { days } = await world.flights.getFareCalendar(request)
    expect(days).toHaveLength(Temporal.PlainYearMonth.from(month).daysInMonth)
    const day = days[10]!
    const [cheapest] = await offersFor(world, {
      origin: "VIE",
      destination: "LHR",
      departDate: day.date,
      adults: 2,
      sort: SearchSort.PRICE,
    })
    expect(day.lowestPrice).toEqual(cheapest!.price!.total!)
    const nothing = await world.flights.getFareCalendar({ ...request, origin: "GRZ", destination: "HNL" })
    expect(nothing.days.every((each) => each.lowestPrice === undefined)).toBe(true)
  })
})

describe("cities", () => {
  beforeAll(async () => {
    await world.database.inTransaction((tx) =>
      loadFlights(
        tx,
        [
          { ...FIXTURE_FLIGHTS.eveningOut, flightNumber: "31", destination: "LGW", departureTime: "13:00" },
          { ...FIXTURE_FLIGHTS.eveningOut, flightNumber: "32", origin: "BTS", departureTime: "11:00" },
        ],
        "fixtures",
      ),
    )
    await rescheduled(world, async () => (await offersFor(world, { origin: "BTS", destination: "LHR" })).length === 1)
  })
  afterAll(async () => {
    await world.sql`delete from flights where flight_number in ('31', '32')`
    await rescheduled(world, async () => (await offersFor(world, { origin: "BTS", destination: "LHR" })).length === 0)
  })

  const numbers = async (part: Partial<SearchFlightsRequest>) => {
    const request = { departDate: daysFromNow(40), sort: SearchSort.DEPARTURE, maxConnections: 0, ...part }
    const { slices } = await world.flights.searchFlights(SearchFlightsRequest.fromPartial(request))
    return slices.map(({ origin, destination, offers }) =>
      [`${origin}-${destination}`, ...offers.map((offer) => offer.segments[0]!.flightNumber)].join(" "),
    )
  }

  test("a city is searched with all of its airports, there and back, and answered as asked for", async () => {
    const returnDate = daysFromNow(47)
    expect(await numbers({ origin: "VIE", destination: "LON", returnDate })).toEqual([
      "VIE-LON X91 X931 X93",
      "LON-VIE X92 X94",
    ])
    expect(await numbers({ origin: "VIE", destination: "LGW" })).toEqual(["VIE-LGW X931"])
  })

  test("nearby airports count when that is asked for, and never for both ends", async () => {
    expect(await numbers({ origin: "VIE", destination: "LHR" })).toEqual(["VIE-LHR X91 X93"])
    const nearby = { origin: "VIE", destination: "LHR", nearbyAirports: true }
    expect(await numbers(nearby)).toEqual(["VIE-LHR X91 X932 X931 X93"])
    expect(await numbers({ origin: "BTS", destination: "VIE", nearbyAirports: true })).toEqual(["BTS-VIE"])
  })

  test("calendar and grid answer the lowest of all airports", async () => {
    const departDate = daysFromNow(40)
    const [lowest] = await offersFor(world, { origin: "VIE", destination: "LON", departDate, sort: SearchSort.PRICE })
    const total = lowest!.price!.total!
    const route = { origin: "VIE", destination: "LON" }
    const month = GetFareCalendarRequest.fromPartial({ ...route, month: departDate.slice(0, 7) })
    const { days } = await world.flights.getFareCalendar(month)
    expect(days.find(({ date }) => date === departDate)!.lowestPrice).toEqual(total)
    const grid = GetFareGridRequest.fromPartial({ ...route, departDate, daysAround: 1 })
    const { cells } = await world.flights.getFareGrid(grid)
    expect(cells[1]).toEqual({ departDate, returnDate: "", lowestPrice: total })
  })

  test("places that have an airport in common are the same place", async () => {
    expect(await badFields({ origin: "LON", destination: "LHR" })).toEqual(["destination"])
    expect(await badFields({ origin: "LGW", destination: "LON" })).toEqual(["destination"])
    expect(await badFields({ origin: "LON", destination: "LON" })).toEqual(["destination"])
    expect(await badFields({ origin: "LHR", destination: "LGW", nearbyAirports: true })).toEqual([])
  })

  test("GetPlace and SearchPlaces know them", async () => {
    const { place } = await world.flights.getPlace({ code: "lon" })
    expect(place).toMatchObject({ code: "LON", name: "London, all airports" })
    expect(place!.airports).toContain("LCY")
    expect((await world.flights.searchPlaces({ query: "london", pageSize: 1 })).places).toEqual([place!])
  })
})

describe("bad input is named", () => {
  test("places", async () => {
    expect(await badFields({ origin: "QQQ" })).toEqual(["origin"])
    expect(await badFields({ origin: "", destination: "" })).toEqual(["origin", "destination"])
    expect(await badFields({ destination: "VIE" })).toEqual(["destination"])
  })

  test("dates", async () => {
    expect(await badFields({ departDate: daysFromNow(-2) })).toEqual(["depart_date"])
    expect(await badFields({ departDate: daysFromNow(400) })).toEqual(["depart_date"])
    expect(await badFields({ departDate: "2027-02-29" })).toEqual(["depart_date"])
    expect(await badFields({ departDate: "tomorrow" })).toEqual(["depart_date"])
    expect(await badFields({ returnDate: daysFromNow(39) })).toEqual(["return_date"])
    expect(await badFields({ returnDate: "2027-13-01" })).toContain("return_date")
  })

  test("passengers", async () => {
    expect(await badFields({ adults: -1 })).toContain("adults")
    expect(await badFields({ adults: 10 })).toEqual(["adults"])
    expect(await badFields({ infants: 1 })).toEqual(["adults"])
    expect(await badFields({ children: 2 })).toEqual(["adults"])
    expect(await badFields({ adults: 1, infants: 2 })).toEqual(["infants"])
    expect(await badFields({ adults: 5, children: 5 })).toEqual(["adults"])
    expect(await badFields({ limit: 101 })).toEqual(["limit"])
    expect(await badFields({ maxConnections: 3 })).toEqual(["max_connections"])
  })
})

const adult = { id: "", type: 1, givenName: "Ada", familyName: "Lovelace", birthDate: "1985-12-10", gender: 0 } as const

describe("offers", () => {
  test("an altered token, one of another house and rubbish are OFFER_INVALID", async () => {
    const [offer] = await offersFor(world, { origin: "VIE", destination: "LHR" })
    const letters = offer!.token.split("")
    letters[40] = letters[40] === "A" ? "B" : "A"
    for (const token of [letters.join(""), "", "x", offer!.token.slice(0, -2), "é".repeat(300)]) {
      expect(await failing(world.bookings.holdBooking(holdRequest([], { offerTokens: [token] })))).toBe("OFFER_INVALID")
    }
    expect(offer!.token.length).toBeLessThanOrEqual(300)
  })

  test("when the flight changed since, the new offer is answered and can be held", async () => {
    const [offer] = await offersFor(world, { origin: "LHR", destination: "VIE", sort: SearchSort.DEPARTURE })
    await world.sql`update flights set version = version + 1, departure_time = '07:45' where flight_number = '2'`
    const failure = await world.bookings.holdBooking(holdRequest([offer!])).catch((error) => error)
    expect(failure.reason).toBe("OFFER_CHANGED")
    const again = holdRequest([], { offerTokens: [failure.metadata.offer_tokens] })
    const { booking } = await world.bookings.holdBooking(again)
    expect(booking!.price!.total!.minorUnits).toBe(BigInt(failure.metadata.total_minor_units))
    expect(booking!.segments[0]!.flight!.departsAt).toContain("T07:45")
    const offered = () => offersFor(world, { origin: "LHR", destination: "VIE", sort: SearchSort.DEPARTURE })
    await rescheduled(world, async () => (await offered())[0]!.segments[0]!.departsAt.includes("T07:45"))
  })

  test("slices that overlap, or for other passengers, do not combine", async () => {
    const [out] = await offersFor(world, { origin: "VIE", destination: "LHR", sort: SearchSort.DEPARTURE })
    const [back] = await offersFor(world, { origin: "LHR", destination: "VIE", sort: SearchSort.DEPARTURE })
    expect(await failing(world.bookings.holdBooking(holdRequest([out!, back!])))).toBe("OFFERS_DO_NOT_COMBINE")
    const [two] = await offersFor(world, { origin: "LHR", destination: "VIE", departDate: daysFromNow(45), adults: 2 })
    expect(await failing(world.bookings.holdBooking(holdRequest([out!, two!])))).toBe("OFFERS_DO_NOT_COMBINE")
  })

  test("passengers are checked one by one: types, names, ages on the day of departure", async () => {
    const [offer] = await offersFor(world, { origin: "VIE", destination: "LHR", adults: 1, children: 1 })
    const fieldsFor = async (...passengers: object[]) => {
      const request = holdRequest([offer!], { passengers: passengers as never })
      const failure = await world.bookings.holdBooking(request).catch((error) => error)
      return failure.fields.map(({ field }: { field: string }) => field)
    }
    const child = { ...adult, type: 2, birthDate: "2020-02-29" }
    expect(await fieldsFor(adult)).toEqual(["passengers"])
    expect(await fieldsFor(adult, { ...child, birthDate: "1999-01-01" })).toEqual(["passengers[1].birth_date"])
    expect(await fieldsFor(adult, { ...child, birthDate: "2021-02-29" })).toEqual(["passengers[1].birth_date"])
    expect(await fieldsFor({ ...adult, givenName: " " }, { ...child, familyName: "x".repeat(101) })).toEqual([
      "passengers[0].given_name",
      "passengers[1].family_name",
    ])
    expect(await fieldsFor({ ...adult, type: 0 }, child)).toEqual(["passengers[0].type"])
  })

  test("names with markup are kept as they were typed", async () => {
    const [offer] = await offersFor(world, { origin: "VIE", destination: "LHR" })
    const passengers = [{ ...adult, givenName: "<b>Ada</b>", familyName: "O'Néill & Sons" }]
    const { booking } = await world.bookings.holdBooking(holdRequest([offer!], { passengers }))
    expect(booking!.passengers[0]).toMatchObject({ givenName: "<b>Ada</b>", familyName: "O'Néill & Sons" })
  })
})
