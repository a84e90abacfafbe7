import { afterAll, beforeAll, expect } from "bun:test"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { inDays, takeFirstOffer, textOf, waitForHeading } from "./steps.ts"

let journeys: Journeys

beforeAll(async () => {
  journeys = (await startJourneys())!
}, 60_000)
afterAll(() => journeys?.stop())

journey("several flights are put together and chosen one after the other, all without JavaScript", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await page.goto("/")
  await page.getByLabel("From", { exact: true }).fill("LHR")
  await page.getByLabel("To", { exact: true }).fill("JFK")
  await page.getByRole("button", { name: "Multi-city" }).click()
  const row = (number: number) => page.getByRole("group", { name: `Flight ${number}`, exact: true })
  expect(await row(1).getByLabel("To", { exact: true }).inputValue()).toBe("JFK")
  await row(1).getByLabel("Depart").fill(inDays(40))
  await page.getByRole("button", { name: "Add a flight" }).click()
  await page.getByRole("button", { name: "Add a flight" }).click()
  await page.getByRole("button", { name: "Remove flight 4" }).click()
  expect(await row(1).getByLabel("Depart").inputValue()).toBe(inDays(40))
  await row(2).getByLabel("To", { exact: true }).fill("LHR")
  await row(2).getByLabel("Depart").fill(inDays(44))
  await row(3).getByLabel("From", { exact: true }).fill("LHR")
  await row(3).getByLabel("To", { exact: true }).fill("JFK")
  await row(3).getByLabel("Depart").fill(inDays(50))
  await page.getByRole("button", { name: "Search flights" }).click()

  await page.getByText("Choose flight 1 of 3").waitFor()
  const first = await textOf(page.locator(".offer .stop time").first())
  const price = await textOf(page.locator(".offer .button .number").first())
  await takeFirstOffer(page)
  await page.getByText("Choose flight 2 of 3").waitFor()
  const chosen = page.getByRole("region", { name: "What you have chosen" })
  expect(await textOf(chosen.locator(".stop time").first())).toBe(first)
  expect(await textOf(chosen.locator(".chosen-price .number"))).toBe(price)
  await takeFirstOffer(page)
  await page.getByText("Choose flight 3 of 3").waitFor()
  await chosen.getByRole("link", { name: "Change" }).last().click()
  await page.getByText("Choose flight 2 of 3").waitFor()
  await takeFirstOffer(page)
  // The dearest brand of the last flight: what was chosen is what is booked.
  const brand = await textOf(page.locator(".offer").first().locator(".fare-words b").last())
  await page.locator(".offer").first().locator(".button").last().click()
  await waitForHeading(page, "Who is flying?")
  const summary = page.getByRole("region", { name: "Your flights" })
  expect(await summary.locator("h3").allTextContents()).toEqual([
    expect.stringContaining("Flight 1"),
    expect.stringContaining("Flight 2"),
    expect.stringContaining("Flight 3"),
  ])
  expect(await textOf(summary.locator(".itinerary").last().locator(".hint"))).toContain(brand)
})

journey("of two flights on a day the second one leaves after the first has landed", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  const day = inDays(40)
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${day}&return_date=${day}&cabin=economy&adults=1`)
  const landing = await page.locator(".offer").first().locator(".stop time").last().getAttribute("datetime")
  await takeFirstOffer(page)
  await page.getByText("Choose your return").waitFor()
  const departures = page.locator(".offer .journey .stop:first-child time")
  const times = await departures.evaluateAll((all) => all.map((time) => Date.parse((time as HTMLTimeElement).dateTime)))
  expect(times.filter((time) => time < Date.parse(landing!))).toEqual([])
  expect((await page.getByText("before you have landed").count()) + times.length).toBeGreaterThan(0)
})

journey("filters narrow the results while they are being set, stay in the address, and can be taken away", async () => {
  const { page, complaints } = await journeys.person({ viewport: { width: 390, height: 844 } })
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${inDays(40)}&cabin=economy&adults=1`)
  await page.evaluate("window.samePage = true")
  await page.locator("#filters > summary").click()
  await page.getByLabel("Connections").focus()
  await page.getByLabel("Connections").selectOption("0")
  await page.getByRole("link", { name: "Without: Direct only" }).waitFor()
  expect(new URL(page.url()).searchParams.get("max_connections")).toBe("0")
  // Still open, with the focus where it was: the next filter is one step away.
  expect(await page.locator("#filters").getAttribute("open")).toBe("")
  expect(await page.evaluate("document.activeElement.id")).toBe("max_connections")
  await page.getByLabel("Highest price, USD").fill("1")
  await page.getByLabel("Highest price, USD").press("Enter")
  await page.getByRole("link", { name: "Without: At most $1" }).waitFor()
  await page.reload()
  expect(await page.getByRole("link", { name: /^Without/ }).allTextContents()).toHaveLength(2)
  await page.getByRole("link", { name: "Without: At most $1" }).click()
  await page.getByRole("link", { name: "Without: At most $1" }).waitFor({ state: "detached" })
  await page.getByRole("link", { name: "Clear all", exact: true }).click()
  await page.locator(".chips").waitFor({ state: "detached" })
  expect(page.url()).not.toContain("max_connections")
  expect(await page.locator(".offer").count()).toBeGreaterThan(0)
  expect(complaints).toEqual([])
})

journey("without JavaScript the same filters are sent by their button", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${inDays(40)}&cabin=economy&adults=1&sort=price`)
  await page.getByLabel("With a checked bag").check()
  await page.getByRole("group", { name: "Departure" }).getByLabel("Until").selectOption("23:00")
  await page.getByRole("button", { name: "Show flights" }).click()
  expect(new URL(page.url()).search).toEndWith("&sort=price&departure_until=23%3A00&checked_bag=true")
  expect(await page.getByLabel("With a checked bag").isChecked()).toBe(true)
})
