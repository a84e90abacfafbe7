import { describe, expect, test } from "bun:test"
import { FareBrand, FlightSegment, Offer } from "@airside/protos/airside/flights/v1/flights"
import { layover } from "./itinerary.ts"
import { offerList } from "./offer-list.ts"

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })
const segment = (change: Partial<FlightSegment> = {}) =>
  FlightSegment.fromPartial({
    flightNumber: "QV204",
    carrierName: "Quill Air",
    origin: "LHR",
    destination: "FRA",
    departsAt: "2027-01-10T08:00:00+00:00",
    arrivesAt: "2027-01-10T10:35:00+01:00",
    aircraft: "A320",
    flightId: "1",
    ...change,
  })
const onward = segment({
  flightNumber: "QV9",
  origin: "FRA",
  destination: "JFK",
  departsAt: "2027-01-10T12:45:00+01:00",
  arrivesAt: "2027-01-11T01:05:00-05:00",
  flightId: "2",
})
const offer = (change: Partial<Offer> = {}) =>
  Offer.fromPartial({
    segments: [segment()],
    durationMinutes: 95,
    seatsLeft: 9,
    token: "a+b.light",
    fares: [
      { brand: "light", total: usd(12_345n) },
      { brand: "flex", total: usd(23_400n) },
    ],
    ...change,
  })
const BRANDS = [
  FareBrand.fromPartial({ name: "light", title: "Light", cancellationFeePercent: 100 }),
  FareBrand.fromPartial({ name: "flex", title: "Flex", checkedBags: 1 }),
]
const cityOf = (code: string) => ({ FRA: "Frankfurt", LGW: "London" })[code] ?? code
const render = (...offers: Offer[]) => offerList({ offers, brands: BRANDS, next: "/book?adults=1", cityOf }).text

describe("the list of offers", () => {
  test("escapes what comes from a schedule: names are text, in the list and in its attributes", () => {
    const evil = `<script>alert("1")</script>'&`
    const names = { carrierName: evil, aircraft: evil, origin: evil, destination: evil, flightNumber: evil }
    const fares = [{ brand: evil, token: "", total: usd(1n) }]
    const markup = offerList({
      offers: [offer({ segments: [segment(names), segment(names)], fares, token: `${evil}.light` }), offer()],
      brands: [FareBrand.fromPartial({ name: "flex", title: evil })],
      next: `/book?a="b`,
      cityOf: () => evil,
    }).text
    expect(markup).not.toContain("<script")
    expect(markup).not.toContain(`a="b`)
    expect(markup).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#x27;&amp;")
    for (const [tag] of markup.matchAll(/<[a-z][^>]*>/g)) {
      expect(tag).toMatch(/^<[a-z0-9]+( [a-z-]+="[^"<>]*")*>$/)
    }
  })

  test("shows the brands side by side, each with its price and a link that carries the token in that brand", () => {
    const markup = render(offer())
    expect([...markup.matchAll(/class="number">([^<]*)/g)].map(([, price]) => price)).toEqual(["$123.45", "$234.00"])
    expect(markup).toContain("/book?adults=1&amp;offer=a%2Bb.light")
    expect(markup).toContain("/book?adults=1&amp;offer=a%2Bb.flex")
    expect(markup).toContain("<b>Flex</b><span>1 checked bag</span><span>Refundable</span>")
    expect(markup).toContain("<b>Light</b><span>No checked bag</span><span>Not refundable</span>")
  })

  test("has first what nobody can better, under the rule, then the rest in its order", () => {
    const flown = (flightNumber: string, choice: boolean) =>
      offer({ segments: [segment({ flightNumber, flightId: flightNumber })], choice })
    const markup = render(flown("QV1", false), flown("QV2", true), flown("QV3", false), flown("QV4", true))
    const order = [...markup.matchAll(/<b>(QV\d)<\/b>|<h2[^>]*>([^<]*)/g)].map(([, flight, title]) => flight ?? title)
    expect(order).toEqual(["Best choices", "QV2", "QV4", "Other flights", "QV1", "QV3"])
  })

  test("counts the last seats and no others", () => {
    expect(render(offer({ seatsLeft: 1 }))).toContain("Last seat")
    expect(render(offer({ seatsLeft: 3 }))).toContain("3 seats left")
    expect(render(offer({ seatsLeft: 9 }))).not.toContain("left")
  })

  test("says of a connection when, where and for how long, and on which day one arrives", () => {
    const markup = render(offer({ segments: [segment(), onward] }))
    expect(markup).toContain("via FRA")
    expect(markup).toContain("2 h 10 min in Frankfurt")
    expect(markup.match(/\+1</g)).toHaveLength(2)
    expect(markup).toContain("Choose QV204 and QV9, 08:00, Light, for ")
  })
})

test("a wait over the night, and one that leads to another airport, are called so", () => {
  const next = { ...onward, departsAt: "2027-01-11T06:35:00+01:00", origin: "LGW" }
  expect(layover(segment(), next, cityOf)).toBe("overnight, 20 h to change from FRA to LGW in London")
  const midnight = segment({ arrivesAt: "2027-01-10T23:50:00+01:00" })
  expect(layover(midnight, { ...onward, departsAt: "2027-01-11T01:20:00+01:00" }, cityOf)).toBe(
    "1 h 30 min in Frankfurt",
  )
})
