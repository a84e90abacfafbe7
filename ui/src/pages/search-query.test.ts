import { describe, expect, test } from "bun:test"
import { Cabin } from "@airside/protos/airside/flights/v1/flights"
import fc from "fast-check"
import { filterInWords, filtersOf, toSearchFilters } from "./filters.ts"
import { problemsOf, type Search, searchFields, searchFrom, searchUrl, slicesOf, withSlices } from "./search-query.ts"
import { toRequest } from "./search-request.ts"

const read = (query: string): Search => searchFrom(new URLSearchParams(query))
const RETURN = "origin=LHR&destination=JFK&depart_date=2027-01-10&return_date=2027-01-20"
const THREE = "slice=LHR-JFK-2027-01-10&slice=JFK-SFO-2027-01-14&slice=SFO-LHR-2027-01-20"

describe("a trip", () => {
  test("is one way, there and back, or several flights, as its address says", () => {
    const kinds = ["origin=LHR&destination=JFK&depart_date=2027-01-10", RETURN, THREE, ""].map(read)
    expect(kinds.map(({ trip }) => trip)).toEqual(["one_way", "return", "multi_city", "return"])
    expect(kinds.map((search) => slicesOf(search).length)).toEqual([1, 2, 3, 1])
  })

  test("keeps what was typed when somebody asks for another kind of it", () => {
    const several = read(`trip=return&${RETURN}&trip=multi_city`)
    expect(slicesOf(several)).toEqual([
      { origin: "LHR", destination: "JFK", date: "2027-01-10" },
      { origin: "JFK", destination: "LHR", date: "2027-01-20" },
    ])
    expect(read(`${THREE}&trip=one_way`)).toMatchObject({
      origin: "LHR",
      destination: "JFK",
      depart_date: "2027-01-10",
    })
  })

  test("of several flights has six slices at most", () => {
    expect(slicesOf(read(Array(9).fill("slice=LHR-JFK-2027-01-10").join("&")))).toHaveLength(6)
  })

  test("with another day for one slice is otherwise the same", () => {
    const later = { origin: "JFK", destination: "LHR", date: "2027-01-21" }
    const search = read(RETURN)
    expect(withSlices(search, [slicesOf(search)[0]!, later])).toEqual({ ...search, return_date: "2027-01-21" })
  })
})

describe("an address", () => {
  test("says the kind of trip where its days do not", () => {
    const kinds = ["trip=one_way&origin=LHR", "trip=return&depart_date=2027-01-10", "trip=return", RETURN]
    expect(kinds.map((query) => new URLSearchParams(searchUrl("", read(query))).get("trip"))).toEqual([
      "one_way",
      "return",
      null,
      null,
    ])
    expect(
      kinds.map((query) => searchFrom(new URL(searchUrl("/", read(query)), "http://x").searchParams).trip),
    ).toEqual(["one_way", "return", "return", "return"])
  })

  test("says the whole search: read and written again, it is the same", () => {
    const name = fc.constantFrom(
      ...["origin", "destination", "depart_date", "return_date", "slice", "slices[0].origin", "slices[1].date", "trip"],
      ...["cabin", "adults", "infants", "nearby_airports", "sort", "limit", "carrier", "departure_from"],
      ...["departure_from.2", "highest_price", "highest_price.1", "max_connections", "checked_bag", "x"],
    )
    const value = fc.constantFrom(
      ...["", "LHR", "London (LON)", "2027-01-10", "LHR-JFK-2027-01-10", "multi_city", "one_way", "return", "true"],
      ...["QV", "06:00", "25:00", "500", "0", "2", "price", "50", "a&b=c"],
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (entries) => {
        const search = searchFrom(new URLSearchParams(entries))
        const again = searchFrom(new URLSearchParams(searchFields(search) as [string, string][]))
        expect(searchUrl("/", again)).toBe(searchUrl("/", search))
      }),
    )
  })

  test("takes no word of the language for an order or a cabin", () => {
    const search = read(`${RETURN}&sort=toString&cabin=constructor`)
    expect(search.sort).toBe("best")
    expect(problemsOf(search).map(({ field }) => field)).toEqual(["cabin"])
    expect(toRequest(search, "USD").cabin).toBe(Cabin.ECONOMY)
  })

  test("leaves out what is as usual, and what is malformed", () => {
    const query = `${RETURN}&cabin=economy&adults=1&sort=best&limit=20&departure_from=&departure_until=25:61&carrier=?`
    expect(searchUrl("/flights", read(query))).toBe(`/flights?${RETURN}&cabin=economy&adults=1`)
  })
})

describe("filters", () => {
  test("concern every slice, or with its number one of them", () => {
    const { filters } = read(`${THREE}&arrival_until=20:00&arrival_until.2=12:00&carrier=QV&carrier=ZX&carrier=QV`)
    const untils = [0, 1, 2].map((slice) => toSearchFilters(filters, slice, 2).arrival?.untilMinute)
    expect(untils).toEqual([1200, 720, 1200])
    expect([0, 1, 2].map((slice) => toSearchFilters(filters, slice, 2).carriers)).toEqual(Array(3).fill(["QV", "ZX"]))
  })

  test("keep to their direction while the day of the way back is still to be chosen", () => {
    const search = { ...read(`${RETURN}&arrival_until.1=20:00&departure_from.2=12:00&carrier=QV`), return_date: "" }
    const again = searchFrom(new URL(searchUrl("/fares/calendar", search), "http://localhost").searchParams)
    expect(again).toEqual(search)
    const [out, back] = [0, 1].map((slice) => toSearchFilters(again.filters, slice, 2))
    expect([out!.arrival?.untilMinute, out!.departure]).toEqual([1200, undefined])
    expect([back!.arrival, back!.departure?.fromMinute]).toEqual([undefined, 720])
  })

  test("of prices are whole units of the selling currency", () => {
    const { filters } = read(`${RETURN}&highest_price.1=500`)
    expect(toSearchFilters(filters, 0, 2).highestPriceMinorUnits).toBe(50_000n)
    expect(toSearchFilters(filters, 0, 0).highestPriceMinorUnits).toBe(500n)
    expect(toSearchFilters(filters, 1, 2).highestPriceMinorUnits).toBe(0n)
  })

  test("are said in words", () => {
    const { filters } = read(`${RETURN}&max_connections=0&departure_from.1=06:00&carrier=QV&highest_price.2=500`)
    const words = (slice: number) =>
      filtersOf(filters, slice).map((filter) => filterInWords(filter, (_, value) => `<${value}>`))
    expect(words(0)).toEqual(["Direct only", "Leaves 06:00 or later", "<QV>"])
    expect(words(1)).toEqual(["Direct only", "<QV>", "At most <500>"])
  })
})

describe("a request", () => {
  test("asks for all slices with a filter each, or for one alone", () => {
    const search = read(`${THREE}&departure_from.2=06:00&max_connections=1&nearby_airports=true`)
    const all = toRequest(search, "USD")
    expect(all).toMatchObject({ origin: "", maxConnections: 1, nearbyAirports: true, limit: 20 })
    expect(all.slices.map(({ date }) => date)).toEqual(["2027-01-10", "2027-01-14", "2027-01-20"])
    expect(all.filters.map(({ departure }) => departure?.fromMinute)).toEqual([undefined, 360, undefined])
    const second = toRequest(search, "USD", 1)
    expect(second).toMatchObject({ origin: "JFK", destination: "SFO", departDate: "2027-01-14", slices: [] })
    expect(second.filters.map(({ departure }) => departure?.fromMinute)).toEqual([360])
  })

  test("without filters has none", () => {
    expect(toRequest(read(RETURN), "USD")).toMatchObject({ returnDate: "2027-01-20", filters: [], slices: [] })
  })
})
