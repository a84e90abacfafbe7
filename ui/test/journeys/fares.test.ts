import { afterAll, beforeAll, expect } from "bun:test"
import { until } from "@airside/kernel/testing"
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "playwright-core"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { inDays, textOf } from "./steps.ts"

let journeys: Journeys

beforeAll(async () => {
  journeys = (await startJourneys())!
}, 60_000)
afterAll(() => journeys?.stop())

const ROUTE = "origin=LHR&destination=JFK&cabin=economy&adults=2"
const ONE_WAY = `${ROUTE}&depart_date=${inDays(40)}`
const RETURN = `${ONE_WAY}&return_date=${inDays(47)}`

const dayLinks = (page: Page) => page.locator("#fare-calendar a.day")
const priceOf = async (page: Page) => (await textOf(page.locator(".offer .fares .number").first())).replace(/\.00$/, "")

/** What axe finds serious, and whether the page is wider than the screen. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return [
    ...violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)),
    ...(tooWide > 0 ? [`${tooWide} px wider than the screen`] : []),
  ]
}

journey("without JavaScript the calendar is a page: two months, every day a link to what it costs then", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  await page.goto("/")
  await page.getByRole("button", { name: "One way" }).click()
  await page.getByLabel("From", { exact: true }).fill("LHR")
  await page.getByLabel("To", { exact: true }).fill("JFK")
  await page.getByRole("button", { name: "Cheapest days" }).click()
  await page.waitForURL(/\/fares\/calendar\?/)
  expect(await page.locator("#fare-calendar caption").count()).toBe(2)
  expect((await page.getByText("Past", { exact: true }).count()) + (await dayLinks(page).count())).toBeGreaterThan(30)
  const months = await page.locator("#fare-calendar caption").allTextContents()
  await page.getByRole("link", { name: "Later months" }).click()
  expect(await page.locator("#fare-calendar caption").allTextContents()).not.toEqual(months)
  const lowest = page.locator("#fare-calendar .day.lowest").first()
  const price = await textOf(lowest.locator("b"))
  await lowest.click()
  await page.waitForURL(/\/flights\?/)
  await page.getByRole("link", { name: "Cheapest", exact: true }).click()
  expect(await priceOf(page)).toBe(price)
})

journey("for a return trip the calendar asks for the outbound day, then for the return day", async () => {
  const { page, complaints } = await journeys.person()
  await page.goto(`/fares/calendar?${RETURN}`)
  await page.getByRole("heading", { name: "Choose the day of your outbound flight" }).waitFor()
  const captions = () => page.locator("#fare-calendar caption").allTextContents()
  const [first] = await captions()
  await page.getByRole("link", { name: "Later months" }).click()
  await until(async () => ![first, undefined].includes((await captions())[0]))
  await dayLinks(page).nth(9).click()
  const heading = page.getByRole("heading", { name: "Choose the day of your return" })
  await heading.waitFor()
  expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true)
  expect(await page.getByText("Before", { exact: true }).count()).toBeGreaterThan(0)
  expect(await faultsOf(page)).toEqual([])
  await dayLinks(page).nth(4).click()
  await page.waitForURL(/\/flights\?.*depart_date=.*return_date=/)
  await page.getByText("Choose your outbound flight").waitFor()
  expect(complaints).toEqual([])
})

journey("the strip of a week comes after the results, and each of its days is a search", async () => {
  const { page } = await journeys.person()
  await page.goto(`/flights?${ONE_WAY}`)
  const days = page.locator(".fare-strip a.day")
  await days.first().waitFor()
  expect(await page.locator(".fare-strip li").count()).toBe(7)
  expect(await page.locator(".fare-strip .lowest").count()).toBeGreaterThan(0)
  expect(await page.locator(".fare-strip [aria-current=date]").count()).toBe(1)
  expect(await faultsOf(page)).toEqual([])
  await page.getByText("Fare calendar").click()
  await dayLinks(page).first().waitFor()
  expect(await faultsOf(page)).toEqual([])
  const price = await textOf(days.first().locator("b"))
  await days.first().click()
  await page.waitForURL(new RegExp(`depart_date=${inDays(37)}`))
  await page.getByRole("link", { name: "Cheapest", exact: true }).click()
  await page.waitForURL(/sort=price/)
  expect(await priceOf(page)).toBe(price)
})

journey("a return trip has a square of days, which is a page of its own without JavaScript", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } })
  await page.goto(`/flights?${RETURN}`)
  await page.getByText("Fares three days around").first().click()
  await page.getByRole("link", { name: "Fares three days around" }).click()
  await page.waitForURL(/\/fares\/grid\?/)
  expect(await page.locator(".fare-square tbody tr").count()).toBe(7)
  expect(await page.locator(".fare-square a.day").count()).toBe(49)
  const current = page.locator(".fare-square [aria-current=date]")
  expect(await current.count()).toBe(1)
  const cell = page.locator(".fare-square tbody tr").nth(6).locator("a").nth(1)
  await cell.click()
  const query = new URL(page.url()).searchParams
  expect([query.get("depart_date"), query.get("return_date")]).toEqual([inDays(38), inDays(50)])
})

journey("the square can be used by everybody, in a narrow window and in the dark", async () => {
  const { page, complaints } = await journeys.person({ colorScheme: "dark", viewport: { width: 390, height: 844 } })
  await page.goto(`/flights?${RETURN}`)
  await page.getByText("Fares three days around").first().click()
  await page.locator(".fare-square a.day").first().waitFor()
  expect(await faultsOf(page)).toEqual([])
  expect(complaints).toEqual([])
})

journey("a calendar that does not know the place asks which one", async () => {
  const { page } = await journeys.person()
  await page.goto("/")
  await page.getByLabel("From", { exact: true }).fill("Dallas")
  await page.getByLabel("To", { exact: true }).fill("JFK")
  await page.getByRole("button", { name: "Cheapest days" }).click()
  await page.locator("#fare-calendar").getByRole("link", { name: /DFW/ }).click()
  await dayLinks(page).first().waitFor()
  expect(new URL(page.url()).pathname).toBe("/")
})
