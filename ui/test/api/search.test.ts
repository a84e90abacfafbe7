import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { until, type World } from "@airside/kernel/testing"
import fc from "fast-check"
import { type Ask, client, inDays, startSeededWorld } from "./world.ts"

let world: World
let anybody: Ask

beforeAll(async () => {
  world = await startSeededWorld()
  anybody = client(world.uiUrl)
  // The seeded schedule is known within a second.
  await until(async () => (await anybody("GET", `/api/flights/search?${THERE}`)).body.slices[0].offers.length > 0)
}, 60_000)
afterAll(() => world?.stop())

interface SearchOffer {
  price: { total: { minor_units: number } }
  duration_minutes: number
  segments: { carrier: string; departs_at: string; arrives_at: string }[]
  fares: { brand: string }[]
  choice: boolean
}

interface SearchSlice {
  origin: string
  destination: string
  date: string
  offers: SearchOffer[]
  found: number
  facets: { carriers: { code: string }[] }
}

const THERE = `origin=LHR&destination=JFK&depart_date=${inDays(60)}`

describe("offers in JSON", () => {
  test("have a fare for each brand, lowest first, and are those of the first one", async () => {
    const { body } = await anybody("GET", `/api/flights/search?${THERE}`)
    const { brands } = (await anybody("GET", "/api/flights/brands")).body
    expect(body.slices[0].offers.length).toBeGreaterThan(0)
    expect(body.slices[0].found).toBeGreaterThanOrEqual(0)
    for (const offer of body.slices[0].offers) {
      const totals = offer.fares.map(({ total }: { total: { minor_units: number } }) => total.minor_units)
      expect(totals).toEqual([...totals].sort((a, b) => a - b))
      expect(offer.fares[0]).toEqual({ brand: offer.brand, token: offer.token, total: offer.price.total })
      const names = brands.map(({ name }: { name: string }) => name)
      expect(offer.fares.every(({ brand }: { brand: string }) => names.includes(brand))).toBe(true)
    }
  })

  test("keep to the filters, and are fewer than without them", async () => {
    const search = async (query: string): Promise<SearchSlice> =>
      (await anybody("GET", `/api/flights/search?${THERE}&limit=100${query}`)).body.slices[0]
    const all = await search("")
    const [carrier] = all.facets.carriers.slice(-1)
    const median = all.offers.map(({ price }) => price.total.minor_units).sort((a, b) => a - b)[all.offers.length >> 1]!
    const clock = (time: string) => time.slice(11, 16)
    const filters: [query: string, keeps: (offer: SearchOffer) => boolean][] = [
      ["max_connections=0", ({ segments }) => segments.length === 1],
      ["departure_from=06:00&departure_until=13:00", ({ segments }) => clock(segments[0]!.departs_at) <= "13:00"],
      ["arrival_from=15:00", ({ segments }) => clock(segments.at(-1)!.arrives_at) >= "15:00"],
      [`carrier=${carrier!.code}`, ({ segments }) => segments.every((each) => each.carrier === carrier!.code)],
      ["longest_duration_minutes=720", ({ duration_minutes }) => duration_minutes <= 720],
      [`highest_price_minor_units=${median}`, ({ price }) => price.total.minor_units <= median],
      ["checked_bag=true", ({ fares }) => fares.every(({ brand }) => brand !== "light")],
    ]
    for (const [query, keeps] of filters) {
      const { offers, found, facets } = await search(`&${query}`)
      expect([query, offers.filter(keeps).length]).toEqual([query, offers.length])
      expect(found).toBeLessThanOrEqual(all.found)
      expect(facets.carriers.length).toBeGreaterThanOrEqual(all.facets.carriers.length)
    }
  })

  test("of three slices come slice by slice, those that nobody can better marked", async () => {
    const slices = [`LHR-JFK-${inDays(60)}`, `JFK-BOS-${inDays(63)}`, `BOS-LHR-${inDays(70)}`]
    const { body } = await anybody("GET", `/api/flights/search?${slices.map((slice) => `slice=${slice}`).join("&")}`)
    expect(body.slices.map((each: SearchSlice) => `${each.origin}-${each.destination}-${each.date}`)).toEqual(slices)
    for (const { offers } of body.slices as SearchSlice[]) expect(offers.some(({ choice }) => choice)).toBe(true)
  })

  test("are asked for by slices or by a route, not by both, and filters that are none are named", async () => {
    const slices = `slice=LHR-JFK-${inDays(60)}&slice=JFK-LHR-${inDays(64)}`
    const refused = async (query: string) => {
      const { status, body } = await anybody("GET", `/api/flights/search?${query}`)
      expect(status).toBe(422)
      return body.errors.map(({ field }: { field: string }) => field).sort()
    }
    expect(await refused(`${slices}&${THERE}`)).toEqual(["depart_date", "destination", "origin"])
    expect(await refused(`slice=LHR-JFK-${inDays(60)}`)).toEqual(["slice"])
    expect(await refused(`slice=LHR-JFK-2027-02-30&slice=JFK-${inDays(64)}`)).toEqual(["slice[0]", "slice[1]"])
    expect(await refused(`${THERE}&departure_from=25:00&carrier=?&checked_bag=yes&connecting_airport=Rome`)).toEqual(
      ["carrier[0]", "checked_bag", "connecting_airport[0]", "departure_from"].sort(),
    )
    expect(await refused(`${THERE}&max_connections=3&longest_duration_minutes=0&highest_price_minor_units=-1`)).toEqual(
      ["highest_price_minor_units", "longest_duration_minutes", "max_connections"],
    )
  })
})

describe("lowest prices", () => {
  test("are answered for each day of two months", async () => {
    const month = inDays(60).slice(0, 7)
    const { body } = await anybody("GET", `/api/flights/calendar?origin=LHR&destination=JFK&month=${month}&months=2`)
    const next = Temporal.PlainYearMonth.from(month).add({ months: 1 })
    const days = Temporal.PlainYearMonth.from(month).daysInMonth + next.daysInMonth
    expect(body.days).toHaveLength(days)
    expect(body.days.at(-1).date).toBe(next.toPlainDate({ day: next.daysInMonth }).toString())
  })

  test("are answered for the days around the wished ones, and for their pairs", async () => {
    const oneWay = await anybody("GET", `/api/flights/grid?${THERE}&days_around=1`)
    expect(oneWay.body.cells.map(({ depart_date }: { depart_date: string }) => depart_date)).toEqual(
      [59, 60, 61].map(inDays),
    )
    expect(oneWay.body.cells.every(({ return_date }: { return_date: null }) => return_date === null)).toBe(true)
    const pairs = await anybody("GET", `/api/flights/grid?${THERE}&return_date=${inDays(70)}`)
    expect(pairs.body.cells).toHaveLength(49)
  })

  const times = fc.constantFrom("00:00", "06:00", "09:30", "12:00", "18:00", "23:00")
  /** All of them at once would leave nothing. */
  const seldom = <T>(value: fc.Arbitrary<T>) =>
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, { arbitrary: value, weight: 1 })
  /** A search without its days, with any filters. */
  const anySearch = fc
    .record({
      route: fc.constantFrom(...["LHR JFK", "LON NYC", "JFK LAX", "CDG FRA", "LGW LGA", "LCY ORY"]),
      adults: seldom(fc.constantFrom("2", "4")),
      cabin: seldom(fc.constant("business")),
      nearby_airports: fc.constantFrom("true", "false"),
      max_connections: seldom(fc.constantFrom("0", "1", "2")),
      departure_from: seldom(times),
      departure_until: seldom(times),
      arrival_from: seldom(times),
      arrival_until: seldom(times),
      carrier: seldom(fc.subarray(["A1", "F1", "G1", "N1", "R1"], { minLength: 1 })),
      longest_duration_minutes: seldom(fc.constantFrom("120", "600", "1200")),
      highest_price_minor_units: seldom(fc.constantFrom("20000", "60000", "150000")),
      checked_bag: seldom(fc.constant("true")),
    })
    .map(({ route, ...filters }) => {
      const [origin, destination] = route.split(" ")
      const fields = Object.entries({ origin, destination, ...filters })
      return fields.flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}=${each}`)).join("&")
    })
  const get = async (path: string) => {
    const answer = await anybody("GET", path)
    expect([path, answer.status]).toEqual([path, 200])
    return answer.body
  }

  test("of the calendar are those of the search with the same filters", async () => {
    const month = inDays(60).slice(0, 7)
    let priced = 0
    const property = fc.asyncProperty(anySearch, async (search) => {
      const { days } = await get(`/api/flights/calendar?${search}&month=${month}`)
      for (const { date, lowest_price } of days.filter((_: unknown, index: number) => index % 6 === 2)) {
        const { slices } = await get(`/api/flights/search?${search}&depart_date=${date}&sort=price&limit=1`)
        expect([search, date, lowest_price]).toEqual([search, date, slices[0].offers[0]?.price.total ?? null])
        if (lowest_price) priced++
      }
    })
    await fc.assert(property, { numRuns: 60 })
    expect(priced).toBeGreaterThan(20)
  }, 60_000)

  test("of the grid are those of flights that the search with the same filters offers for one trip", async () => {
    const [out, back] = [inDays(60), inDays(62)]
    let priced = 0
    const property = fc.asyncProperty(anySearch, async (search) => {
      const { cells } = await get(`/api/flights/grid?${search}&depart_date=${out}&return_date=${back}&days_around=1`)
      for (const { depart_date, return_date, lowest_price } of cells) {
        const days = `depart_date=${depart_date}&return_date=${return_date}`
        const [there, home] = (await get(`/api/flights/search?${search}&${days}&limit=100`)).slices as SearchSlice[]
        const totals = there!.offers.flatMap((first) =>
          home!.offers
            .filter(
              ({ segments }) => Date.parse(segments[0]!.departs_at) >= Date.parse(first.segments.at(-1)!.arrives_at),
            )
            .map((second) => first.price.total.minor_units + second.price.total.minor_units),
        )
        const least = totals.length > 0 ? Math.min(...totals) : undefined
        expect([search, days, lowest_price?.minor_units]).toEqual([search, days, least])
        if (lowest_price) priced++
      }
    })
    await fc.assert(property, { numRuns: 20 })
    expect(priced).toBeGreaterThan(20)
  }, 60_000)

  test("are refused for what search refuses too, by the field's name", async () => {
    const route = "origin=LHR&destination=JFK"
    const calendar = `/api/flights/calendar?${route}&month=${inDays(60).slice(0, 7)}`
    const grid = `/api/flights/grid?${route}&depart_date=${inDays(60)}`
    const refused = async (path: string) => {
      const { status, body } = await anybody("GET", path)
      expect([path, status]).toEqual([path, 422])
      return body.errors.map(({ field }: { field: string }) => field).sort()
    }
    for (const path of [calendar, grid]) {
      expect(await refused(`${path}&checked_bag=maybe&carrier=?&departure_from=24:00&max_connections=-1`)).toEqual(
        ["carrier[0]", "checked_bag", "departure_from", "max_connections"].sort(),
      )
      expect(await refused(`${path}&nearby_airports=1&highest_price_minor_units=0&cabin=sofa&adults=10`)).toEqual(
        ["adults", "cabin", "highest_price_minor_units", "nearby_airports"].sort(),
      )
    }
    for (const month of ["", "2027-13", "2020-02", "9999-12", "february"]) {
      expect(await refused(`/api/flights/calendar?${route}&month=${month}&months=2`)).toEqual(["month"])
    }
    expect(await refused(`${calendar}&months=3`)).toEqual(["months"])
    for (const date of ["", "2027-02-29", "2020-02-29", inDays(400), "-1"]) {
      expect(await refused(`/api/flights/grid?${route}&depart_date=${date}`)).toEqual(["depart_date"])
    }
    expect(await refused(`${grid}&return_date=${inDays(50)}&days_around=4`)).toEqual(["days_around"])
    expect(await refused(`${grid}&return_date=${inDays(50)}`)).toEqual(["return_date"])
  })
})

describe("the page of results", () => {
  const page = async (path: string) => {
    const response = await fetch(world.uiUrl + path, { redirect: "manual" })
    return { status: response.status, location: response.headers.get("location"), text: await response.text() }
  }

  test("has one address: what is empty, malformed or in words leads there", async () => {
    const canonical = `/flights?${THERE}&cabin=economy&adults=1`
    const typed = `/flights?trip=return&origin=heathrow&destination=New+York+(JFK)&depart_date=${inDays(60)}&return_date=`
    expect((await page(canonical)).status).toBe(200)
    const { status, location } = await page(`${typed}&cabin=economy&adults=1&children=0&sort=best&carrier=&utm=1`)
    expect([status, location]).toEqual([303, canonical])
    expect((await page(`/flights?cabin=economy&adults=1&${THERE}`)).status).toBe(200)
  })

  test("leads to calendar and grid with its filters, and they lead back with them", async () => {
    const filters = "max_connections=0&arrival_until.1=20%3A00&arrival_until.2=22%3A00&checked_bag=true"
    const search = `${THERE}&return_date=${inDays(67)}&cabin=economy&adults=1&nearby_airports=true&${filters}`
    /** The links to these pages, and what they say of the filters. */
    const links = async (path: string, to: string) => {
      const { status, text } = await page(path)
      expect([path, status]).toEqual([path, 200])
      const addresses = [...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!.replaceAll("&amp;", "&"))
      return addresses.filter((address) => address.startsWith(to))
    }
    const sameFilters = (address: string) => {
      const asked = new URL(address, world.uiUrl).searchParams
      return [...new URLSearchParams(`${filters}&nearby_airports=true`)].every(([name, value]) =>
        asked.has(name, value),
      )
    }
    const [calendar] = await links(`/flights?${search}`, "/fares/calendar")
    const [grid] = await links(`/flights?${search}`, "/fares/grid")
    const ways = [...(await links(grid!, "/flights")), ...(await links(calendar!, "/fares/calendar"))]
    expect(ways.length).toBeGreaterThan(60)
    expect(ways.filter((address) => !sameFilters(address))).toEqual([
      expect.stringMatching(/^\/fares\/calendar\?(?!.*bag)/),
    ])
    const back = await links(ways.find((address) => address.includes("way=back"))!, "/flights")
    expect(back.length).toBeGreaterThan(20)
    expect(back.filter((address) => !sameFilters(address))).toEqual([])
  })

  test("of several flights is reached by a form without scripts, row by row", async () => {
    const row = (index: number, origin: string, destination: string, date: string) =>
      Object.entries({ origin, destination, date }).map(([part, value]) => [`slices[${index}].${part}`, value])
    const query = (...more: string[][]) => new URLSearchParams([["trip", "multi_city"], ...more] as [string, string][])
    const rows = [...row(0, "LHR", "JFK", inDays(60)), ...row(1, "JFK", "LHR", inDays(64))]
    const grown = (await page(`/?${query(...rows, ["add", "1"])}`)).text
    expect(grown.match(/<legend>Flight \d<\/legend>/g)).toHaveLength(3)
    expect(grown).toContain('name="slices[2].origin" type="text" value="LHR"')
    const shrunk = (await page(`/?${query(...rows, ...row(2, "LHR", "CDG", ""), ["remove", "0"])}`)).text
    expect(shrunk.match(/name="slices\[\d\]\.origin" type="text" value="(\w*)"/g)).toHaveLength(2)
    const { location } = await page(`/flights?${query(...rows, ...row(2, "", "", ""))}&cabin=economy&adults=1`)
    expect(location).toBe(`/flights?slice=LHR-JFK-${inDays(60)}&slice=JFK-LHR-${inDays(64)}&cabin=economy&adults=1`)
    const wrong = await page(`/flights?${query(...rows, ...row(2, "LHR", "", ""))}`)
    expect(wrong.status).toBe(422)
    for (const id of ["slices-2-destination-error", "slices-2-date-error"]) expect(wrong.text).toContain(`id="${id}"`)
  })

  test("on which nothing fits says which filter to leave out", async () => {
    const { text } = await page(`/flights?${THERE}&cabin=economy&adults=1&max_connections=0&highest_price=1`)
    expect(text).toContain("Nothing fits all of your filters")
    expect(text).toMatch(
      /href="[^"]*&amp;max_connections=0">At most \$1 <span class="muted">\d+ itinerar(y|ies) without/,
    )
    expect(text).not.toMatch(/>Direct only <span class="muted">/)
  })

  test("names the row whose date is wrong", async () => {
    const { status, text } = await page(
      `/flights?slice=LHR-JFK-${inDays(60)}&slice=JFK-LHR-${inDays(50)}&cabin=economy&adults=1`,
    )
    expect(status).toBe(422)
    expect(text).toContain('id="slices-1-date-error"')
  })
})
