import { afterAll, beforeAll, expect } from "bun:test"
import { derivedId, newId } from "@airside/kernel/ids"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { until } from "@airside/kernel/testing"
import type { Page } from "playwright-core"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { fillPassenger, inDays, search, takeFirstOffer, textOf, waitForHeading } from "./steps.ts"

let journeys: Journeys
let database: Database

const TRIP = { origin: "LHR", destination: "JFK", departDate: inDays(40) }
/** Long enough to come from the results to the review, and short enough to wait for. */
const OFFER_SECONDS = 6

beforeAll(async () => {
  journeys = (await startJourneys({ OFFER_SECONDS: String(OFFER_SECONDS) }))!
  if (!journeys) return
  database = connectDatabase({ url: journeys.world.database.url, connections: 2, name: "offers gone" })
}, 60_000)
afterAll(async () => {
  await database?.close()
  await journeys?.stop()
})

/** Search follows what a test before this one did to flights when its offers can be priced. */
async function searchFollows() {
  await database.sql`update backend.schedule set version = version + 1`
  const { uiUrl } = journeys.world
  const query = new URLSearchParams({
    origin: TRIP.origin,
    destination: TRIP.destination,
    depart_date: TRIP.departDate,
  })
  const canBePriced = async () => {
    const { slices } = await (await fetch(`${uiUrl}/api/flights/search?${query}`)).json()
    const order = {
      offer_tokens: [slices[0].offers[0].token],
      passengers: [ADA],
      contact: { email: "ada@example.com" },
    }
    const headers = { "content-type": "application/json" }
    return (await fetch(`${uiUrl}/api/flights/price`, { method: "POST", headers, body: JSON.stringify(order) })).ok
  }
  await until(canBePriced, 10, "search following the schedule")
}
const ADA = { type: "adult", given_name: "Ada", family_name: "Lovelace", birth_date: "1985-12-10" }

async function review(page: Page, trip: typeof TRIP & { returnDate?: string } = TRIP) {
  await searchFollows()
  await search(page, trip)
  await takeFirstOffer(page)
  if (trip.returnDate) {
    await page.getByText("Choose your return").waitFor()
    await takeFirstOffer(page)
  }
  await fillPassenger(page, 0, "Ada", "Lovelace")
  await page.getByLabel("E-mail").fill("ada@example.com")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await waitForHeading(page, "Review your booking")
}

const total = async (page: Page) => textOf(page.locator(".lines .total dd").first())
const hold = (page: Page) => page.getByRole("button", { name: "Hold seats and pay" }).click()

const fares = (numerator: number, denominator: number) => database.sql`
  update backend.flight_cabins
  set fare_minor_units = fare_minor_units * ${numerator} / ${denominator}
  where flight_id in (select id from backend.flights where origin = 'LHR' and destination = 'JFK')`
const move = (minutes: number) => database.sql`
  update backend.flights
  set version = version + 1, departure_time = departure_time + ${minutes} * interval '1 minute'
  where origin = 'LHR' and destination = 'JFK'`

/** Another flight of the same route, a little later every day. */
async function addLaterFlight() {
  const { origin, destination } = TRIP
  const id = newId()
  await database.inTransaction(async (tx) => {
    const [model] = await tx<{ id: string }[]>`
      select id from backend.flights where origin = ${origin} and destination = ${destination} order by id limit 1`
    await tx`
      insert into backend.flights (
        id, carrier_code, flight_number, origin, destination, departure_time, duration_minutes, aircraft, source
      )
      select ${id}, carrier_code, '9998', origin, destination, time '13:05', duration_minutes, aircraft, source
      from backend.flights
      where id = ${model!.id}`
    await tx`insert into backend.flight_days (flight_id, day) select ${id}, day from backend.week`
    await tx`
      insert into backend.flight_cabins (flight_id, cabin, capacity, fare_minor_units)
      select ${id}, cabin, capacity, fare_minor_units + 5000 from backend.flight_cabins where flight_id = ${model!.id}`
  })
}

/** Sells every seat of a flight on the day of the trip, as if others had been quicker. */
async function sellOut(flightNumber: string) {
  const { origin, destination, departDate } = TRIP
  const [flight] = await database.sql<{ id: string }[]>`
    select id from backend.flights
    where carrier_code || flight_number = ${flightNumber} and origin = ${origin} and destination = ${destination}`
  const id = derivedId("departure", flight!.id, departDate)
  await database.sql`
    insert into backend.inventory (departure_id, cabin, flight_id, departure_date, capacity, sold)
    select ${id}, cabin, flight_id, ${departDate}, capacity, capacity
    from backend.flight_cabins
    where flight_id = ${flight!.id} and cabin = 'economy'
    on conflict (departure_id, cabin) do update set sold = inventory.capacity - inventory.held`
}

/** Waits until the offers of the page's form have lapsed, by asking what they cost. */
async function untilLapsed(page: Page) {
  const offers = page.locator("form[action='/book'] [name=offer]")
  const offer_tokens = await Promise.all((await offers.all()).map((offer) => offer.inputValue()))
  const body = JSON.stringify({ offer_tokens, passengers: [{ type: "adult" }] })
  const headers = { "content-type": "application/json" }
  const lapsed = async () => {
    const answer = await fetch(`${journeys.world.uiUrl}/api/flights/price`, { method: "POST", headers, body })
    return ((await answer.json()) as { reason?: string }).reason === "OFFER_EXPIRED"
  }
  await until(lapsed, OFFER_SECONDS + 5, "the offers lapsing")
}

journey(
  "an offer that lapsed is shown at its old and its new price, and held at the new one by one button",
  async () => {
    const { page } = await journeys.person({ javaScriptEnabled: false })
    await review(page)
    await page.getByLabel("Promo code").fill("SAVE10")
    await page.getByRole("button", { name: "Apply" }).click()
    const before = await total(page)
    await fares(3, 2)
    try {
      await untilLapsed(page)
      await hold(page)
      await waitForHeading(page, "The price has gone up")
      expect(await textOf(page.locator(".old-and-new s"))).toBe(before)
      const now = await textOf(page.locator(".old-and-new b"))
      expect(now).not.toBe(before)
      expect(await total(page)).toBe(now)
      await page.getByRole("button", { name: `Hold seats at ${now} and pay` }).click()
      await page.waitForURL(/\/bookings\/\w{6}\/pay$/)
      expect(await total(page)).toBe(now)
      await page.goto(page.url().replace("/pay", ""))
      await page.getByText("Ada Lovelace").first().waitFor()
    } finally {
      await fares(2, 3)
    }
  },
)

journey(
  "an offer that lapsed at the same price is asked about at the hold, and renewed in silence before",
  async () => {
    const { page } = await journeys.person()
    await review(page)
    await untilLapsed(page)
    await page.getByRole("button", { name: "Change passengers or contact" }).click()
    await page.getByText("renewed: the same flights at the same price").waitFor()
    expect(await page.locator("[name='passengers[0].family_name']").inputValue()).toBe("Lovelace")
    await page.getByRole("button", { name: "Review your booking" }).click()
    await waitForHeading(page, "Review your booking")
    await untilLapsed(page)
    await hold(page)
    await waitForHeading(page, "Your offer has lapsed")
    await page.getByRole("button", { name: /^Hold seats at/ }).click()
    await page.waitForURL(/\/bookings\/\w{6}\/pay$/)
  },
)

journey("a flight that was moved is shown with its old and its new times, Apply included", async () => {
  const { page, complaints } = await journeys.person()
  await review(page)
  await move(25)
  try {
    await page.getByLabel("Promo code").fill("SAVE20")
    await page.getByRole("button", { name: "Apply" }).click()
    await waitForHeading(page, /times/i)
    const [before, now] = await page.locator(".changed-offer td").allTextContents()
    expect(before).not.toBe(now)
    await page.getByRole("button", { name: /^Continue at/ }).click()
    await waitForHeading(page, "Review your booking")
    expect(await page.getByLabel("Promo code").inputValue()).toBe("SAVE20")
    await page.getByText("Ada Lovelace").first().waitFor()
    await hold(page)
    await page.waitForURL(/\/bookings\/\w{6}\/pay$/)
    expect(complaints).toEqual([])
  } finally {
    await move(-25)
  }
})

journey("when the seats are gone the next best flights are offered, and everything typed is kept", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await addLaterFlight()
  await review(page, { ...TRIP, returnDate: inDays(47) })
  const flights = await page.locator(".itinerary .operated b").allTextContents()
  const outbound = flights[0]!
  await sellOut(outbound)
  await hold(page)
  await waitForHeading(page, "The last seats have just gone")
  await page.getByRole("heading", { name: /^Outbound flights on/ }).waitFor()
  expect(await page.getByRole("heading", { name: /^Return flights/ }).count()).toBe(0)
  expect(await page.locator(".offer .operated b").allTextContents()).not.toContain(outbound)
  await page.locator(".offer button").first().click()
  await waitForHeading(page, "Review your booking")
  await page.getByText("Ada Lovelace").first().waitFor()
  expect(await page.locator(".itinerary .operated b").allTextContents()).not.toContain(outbound)
  expect((await page.locator(".itinerary .operated b").allTextContents()).at(-1)).toBe(flights.at(-1)!)
  await hold(page)
  await page.waitForURL(/\/bookings\/\w{6}\/pay$/)
})
