import { afterAll, beforeAll, expect } from "bun:test"
import { connectDatabase } from "@airside/kernel/sql"
import { until } from "@airside/kernel/testing"
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
  "/?trip=multi_city&add=1",
  "/flights?origin=Dallas&destination=Atlantis&depart_date=&cabin=economy&adults=1",
  `/flights?${SEARCH}`,
  `/flights?${SEARCH}&return_date=${inDays(45)}&departure_from=00:00&arrival_until=23:59&checked_bag=true`,
  `/flights?${SEARCH}&highest_price=1`,
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

  journey(
    `so is every page of staff, with all that can stand on it: ${colorScheme}, ${width} pixels wide`,
    async () => {
      const { page, complaints } = await journeys.person({ colorScheme, viewport: { width, height: 844 } })
      const username = `staff${width}`
      await page.goto("/register")
      await registerAs(page, username)
      const reference = await holdSeats(page, { origin: "LHR", destination: "JFK", departDate: inDays(42) })
      await leaveWorkFor(username, reference)
      await waitForStaff(page)

      await page.goto(`/staff/points?customer=${reference}`)
      await page.getByLabel("Points", { exact: true }).fill("100")
      await page.getByLabel("Reason").fill("For a delay of eleven hours, and a suitcase that went elsewhere")
      await page.getByRole("button", { name: "Adjust points" }).click()
      await page.getByText("For a delay of eleven hours").waitFor()
      const shown = page.url()
      for (const path of ["/staff/repairs", "/staff/points", "/staff/points?customer=NOSUCH", shown]) {
        await page.goto(path)
        expect(await faultsOf(page), path).toEqual([])
      }
      await page.getByRole("link", { name: "Repairs" }).click()
      await page.getByRole("button", { name: `Try now ${reference}` }).click()
      await page.getByRole("cell", { name: `retry booking ${reference}` }).waitFor()
      expect(await faultsOf(page), "after a repair").toEqual([])
      expect(complaints).toEqual([])
    },
  )
}

journey("on paper a booking is dark on white and has nothing to press, whatever the screen looks like", async () => {
  const { page } = await journeys.person({ colorScheme: "dark" })
  await holdSeats(page, { origin: "LHR", destination: "JFK", departDate: inDays(43) })
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await payWithCard(page, CARDS.pays)
  await waitForHeading(page, "You are booked")
  await page.emulateMedia({ media: "print" })
  const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  expect(background).toBe("rgb(255, 255, 255)")
  const shown = page.locator(":visible").and(page.locator("main :is(a, button, nav, form), header nav, footer"))
  expect(await shown.allTextContents()).toEqual([])
  await page.getByText(/999-\d{10}/).waitFor()
})

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

/** Makes somebody staff, and leaves them a stuck booking and two events of Stripe's, in the longest words there are. */
async function leaveWorkFor(username: string, reference: string) {
  const { database } = journeys.world
  const [backend, payment] = [database.urlOf("backend"), database.urlOf("payment")].map((url) =>
    connectDatabase({ url, connections: 1 }),
  )
  try {
    await backend!.sql`update users set staff = true where username = ${username}`
    await backend!.sql`
      update bookings
      set step_attempts = 10, flagged = true, next_step_time = now() + interval '1 hour',
          last_error = ${`payment does not answer: ${"WITHOUT_A_GAP_".repeat(10)}`}
      where reference = ${reference}`
    await payment!.sql`
      insert into webhook_events (id, type, object_id)
      values (${`evt_${username}_0123456789abcdefghijklmno`}, 'charge.dispute.funds_withdrawn', 'du_0123456789abcdefghijklmno'),
             (${`evt_${username}_0`}, 'charge.refunded', 'ch_0')`
  } finally {
    await Promise.all([backend!.close(), payment!.close()])
  }
}

/** Who somebody is, is remembered for a moment. */
async function waitForStaff(page: Page) {
  const entry = page.getByRole("link", { name: "Customers’ points" })
  await until(async () => {
    await page.goto("/account")
    return (await entry.count()) > 0
  })
}

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
