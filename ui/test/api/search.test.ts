import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { until, type World } from "@airside/kernel/testing"
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
