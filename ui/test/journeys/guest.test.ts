import { afterAll, beforeAll, expect } from "bun:test"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import {
  CARDS,
  fillPassenger,
  holdSeats,
  inDays,
  payWithCard,
  search,
  takeFirstOffer,
  textOf,
  waitForHeading,
} from "./steps.ts"

let journeys: Journeys

beforeAll(async () => {
  journeys = (await startJourneys())!
}, 60_000)
afterAll(() => journeys?.stop())

const TRIP = { origin: "LHR", destination: "JFK", departDate: inDays(40) }

journey("a guest books, pays, comes back and cancels, all without JavaScript", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  const reference = await holdSeats(page, TRIP)
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await page.waitForURL(/\/c\/pay\//)
  await payWithCard(page, CARDS.pays)
  await page.waitForURL(new RegExp(`/bookings/${reference}`))
  await waitForHeading(page, "You are booked")
  expect(await page.locator(".ticket-number").allTextContents()).toEqual([expect.stringMatching(/\d{3}-\d{10}/)])

  const elsewhere = (await journeys.person({ javaScriptEnabled: false })).page
  await elsewhere.goto("/find")
  await elsewhere.getByLabel("Booking reference").fill(reference.toLowerCase())
  await elsewhere.getByLabel("Family name").fill("lovelace")
  await elsewhere.getByRole("button", { name: "Open booking" }).click()
  await waitForHeading(elsewhere, "You are booked")
  await elsewhere.getByRole("link", { name: "Cancel this booking" }).click()
  const refund = await textOf(elsewhere.locator(".lines .total dd"))
  await elsewhere.getByRole("button", { name: `Cancel and get ${refund} back` }).click()
  await waitForHeading(elsewhere, "This booking is cancelled")
})

journey("of two passengers one stays at home: only that ticket is given back", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await search(page, { ...TRIP, adults: 2 })
  await takeFirstOffer(page)
  await fillPassenger(page, 0, "Ada", "Lovelace")
  await fillPassenger(page, 1, "Grace", "Hopper")
  await page.getByLabel("E-mail").fill("ada@example.com")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await payWithCard(page, CARDS.pays)
  await waitForHeading(page, "You are booked")
  await page.getByRole("link", { name: "Cancel this booking" }).click()
  const whole = await textOf(page.locator(".lines .total dd"))
  await page.getByLabel("Grace Hopper").check()
  await page.getByRole("button", { name: "Show what I would get back" }).click()
  const part = await textOf(page.locator(".lines .total dd"))
  expect(part).not.toBe(whole)
  await page.getByRole("button", { name: `Cancel and get ${part} back` }).click()
  await waitForHeading(page, "You are booked")
  expect(await page.getByText("Refunded", { exact: false }).count()).toBeGreaterThan(0)
})

journey("a declined card costs nothing, and the next one pays for the same seats", async () => {
  const { page } = await journeys.person()
  const reference = await holdSeats(page, TRIP)
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await payWithCard(page, CARDS.declined)
  await page.getByText("declined").first().waitFor()
  await payWithCard(page, CARDS.pays)
  await page.waitForURL(new RegExp(`/bookings/${reference}`))
  await waitForHeading(page, "You are booked")
})

journey("a form that is sent thrice makes one booking, and a name with markup is only a name", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await search(page, TRIP)
  await page.locator(".offer .button").first().click()
  await page.locator('[name="passengers[0].given_name"]').fill("<i>Grace</i>")
  await page.locator('[name="passengers[0].family_name"]').fill("Hopper")
  await page.locator('[name="passengers[0].birth_date"]').fill("1980-12-09")
  await page.getByLabel("E-mail").fill("grace@example.com")
  await page.getByRole("button", { name: "Review your booking" }).click()
  expect(await textOf(page.locator(".card-list b").first())).toBe("<i>Grace</i> Hopper")
  const form = await page.locator("form[action='/book']").evaluate((element) => {
    const fields: [string, string][] = []
    for (const [name, value] of new FormData(element as HTMLFormElement)) fields.push([name, String(value)])
    return fields
  })
  const send = () =>
    fetch(`${journeys.world.uiUrl}/book`, { method: "POST", body: new URLSearchParams(form), redirect: "manual" })
  const answers = await Promise.all([send(), send(), send()])
  const [first] = answers.map(({ headers }) => headers.get("location"))
  expect(first).toMatch(/^\/bookings\/\w{6}\/pay$/)
  expect(answers.map(({ status, headers }) => [status, headers.get("location")])).toEqual(
    Array(3).fill([303, first as string]),
  )
})

journey("to anybody else a booking is as unknown as one that does not exist", async () => {
  const owner = await journeys.person()
  const reference = await holdSeats(owner.page, TRIP)
  const stranger = await journeys.person()
  for (const path of ["", "/pay", "/seats", "/cancel"]) {
    const theirs = await stranger.page.goto(`/bookings/${reference}${path}`)
    const text = await textOf(stranger.page.locator("main"))
    const nobodys = await stranger.page.goto(`/bookings/QQQQQQ${path}`)
    expect([theirs!.status(), nobodys!.status()]).toEqual([404, 404])
    expect(await textOf(stranger.page.locator("main"))).toBe(text)
    expect(text).not.toContain("Lovelace")
  }
})

journey("an offer that was tampered with leads back to the same search", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await search(page, TRIP)
  const address = new URL((await page.locator(".offer .button").first().getAttribute("href"))!, page.url())
  const token = address.searchParams.get("offer")!
  address.searchParams.set("offer", token.startsWith("A") ? `B${token.slice(1)}` : `A${token.slice(1)}`)
  const response = await page.goto(address.href)
  expect(response!.status()).toBe(409)
  await page.getByRole("link", { name: "See flights for the same day" }).click()
  expect(new URL(page.url()).searchParams.get("depart_date")).toBe(TRIP.departDate)
  expect(await page.locator(".offer").count()).toBeGreaterThan(0)
})

journey("what was typed wrong stays, with the reason beside it", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  const response = await page.goto("/flights?origin=Dallas&destination=Atlantis&depart_date=&cabin=economy&adults=1")
  expect(response!.status()).toBe(422)
  expect(await page.getByLabel("From", { exact: true }).inputValue()).toBe("Dallas")
  const described = await page.getByLabel("To", { exact: true }).getAttribute("aria-describedby")
  expect(await textOf(page.locator(`#${described}`))).toContain("Atlantis")
  await page.locator(".choices a").first().click()
  expect(await page.getByLabel("From", { exact: true }).inputValue()).toMatch(/^[A-Z]{3}$/)
  expect(await page.getByLabel("To", { exact: true }).inputValue()).toBe("Atlantis")
})
