import { afterAll, beforeAll, expect } from "bun:test"
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "playwright-core"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { CARDS, holdSeats, inDays, payWithCard, waitForHeading } from "./steps.ts"

let journeys: Journeys

beforeAll(async () => {
  journeys = (await startJourneys())!
}, 60_000)
afterAll(() => journeys?.stop())

const SEARCH = `origin=LHR&destination=JFK&depart_date=${inDays(40)}&cabin=economy&adults=2`
const PUBLIC_PAGES = [
  "/",
  "/flights?origin=London&destination=Atlantis&depart_date=&cabin=economy&adults=1",
  `/flights?${SEARCH}`,
  `/flights?${SEARCH}&return_date=${inDays(45)}`,
  "/find",
  "/login",
  "/register",
  "/account/loyalty/tiers",
  "/no-such-page",
]
const PERSONAL_PAGES = ["/trips", "/account", "/account/cards", "/account/payments", "/account/loyalty"]

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 390],
] as const) {
  journey(`every page is usable by everybody: ${colorScheme}, ${width} pixels wide`, async () => {
    const { page, complaints } = await journeys.person({ colorScheme, viewport: { width, height: 844 } })
    const look = async (where: string) => {
      expect(await faultsOf(page), where).toEqual([])
    }
    for (const path of PUBLIC_PAGES) {
      await page.goto(path)
      await look(path)
    }
    const reference = await holdSeats(page, { origin: "LHR", destination: "JFK", departDate: inDays(40) })
    await look("payment")
    for (const path of ["", "/seats", "/cancel", "/payments"]) {
      await page.goto(`/bookings/${reference}${path}`)
      await look(`booking${path}`)
    }
    await page.goto("/register")
    await registerAs(page, `${colorScheme}${width}`)
    for (const path of PERSONAL_PAGES) {
      await page.goto(path)
      await look(path)
    }
    expect(complaints).toEqual([])
  })
}

journey("no page asks for anything from outside; only the payment page stands elsewhere", async () => {
  const { page, requests, complaints } = await journeys.person()
  const reference = await holdSeats(page, { origin: "LHR", destination: "JFK", departDate: inDays(41) })
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await payWithCard(page, CARDS.pays)
  await page.waitForURL(new RegExp(`/bookings/${reference}`))
  await waitForHeading(page, "You are booked")
  for (const path of [...PUBLIC_PAGES, "/openapi"]) await page.goto(path)
  const { uiUrl, environment } = journeys.world
  const origins = new Set(requests.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).origin))
  expect([...origins].sort()).toEqual([uiUrl, environment.SANDBOX_PUBLIC_URL!].sort())
  expect(complaints).toEqual([])
})

/** What axe finds serious, and whether the page is wider than the screen. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return tooWide > 0 ? [...serious, `${tooWide} px wider than the screen`] : serious
}

async function registerAs(page: Page, username: string) {
  for (const [label, value] of [
    ["First name", "Ada"],
    ["Last name", "Lovelace"],
    ["E-mail", `${username}@example.com`],
    ["Username", username],
    ["Password", "a long enough password"],
  ] as const) {
    await page.getByLabel(label).fill(value)
  }
  await page.getByRole("button", { name: "Open account" }).click()
  await page.getByRole("button", { name: "Log out" }).waitFor()
}
