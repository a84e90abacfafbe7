import { afterAll, beforeAll, expect } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import type { Page } from "playwright-core"
import { type Ask, client, registered } from "../api/world.ts"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { fillPassenger, holdSeats, inDays, referenceOf, takeFirstOffer, textOf, waitForHeading } from "./steps.ts"

let journeys: Journeys
let database: Database
let staff: Ask

const TRIP = { origin: "LHR", destination: "JFK", departDate: inDays(40) }

beforeAll(async () => {
  journeys = (await startJourneys())!
  if (!journeys) return
  const { uiUrl, database: own } = journeys.world
  database = connectDatabase({ url: own.url, connections: 2, name: "detours" })
  await registered(uiUrl, "grace")
  await database.sql`update backend.users set staff = true where username_key = 'grace'`
  const { access_token } = (await client(uiUrl)("POST", "/api/auth/login", logInOf("grace"))).body
  staff = client(uiUrl, access_token)
}, 60_000)
afterAll(async () => {
  await database?.close()
  await journeys?.stop()
})

journey("a hold that lapsed is said so, whoever still wants to pay, and its seats are free again", async () => {
  const { page } = await journeys.person({ javaScriptEnabled: false })
  const reference = await holdSeats(page, TRIP)
  await database.sql`
    update backend.bookings
    set hold_expire_time = now(), next_step_time = now()
    where reference = ${reference}`
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await waitForHeading(page, "The hold has lapsed")
  await page.getByText("Nothing was charged").waitFor()
  await page.goto(`/bookings/${reference}/pay`)
  await waitForHeading(page, "The hold has lapsed")
  expect(await page.getByRole("button", { name: /^Pay/ }).count()).toBe(0)
  const [counts] = await database.sql<{ held: number }[]>`select sum(held)::integer as held from backend.inventory`
  expect(counts).toEqual({ held: 0 })
})

journey("a cancellation whose quote has changed cancels nothing before the new one is agreed to", async () => {
  const { page, ask } = await traveller("ada")
  await saveTestCard(page, "pm_card_visa", "Visa ending in 4242")
  const reference = await reviewThenHold(page)
  await pay(page, "Visa ending in 4242")
  await waitForHeading(page, "You are booked")
  await page.getByRole("link", { name: "Cancel this booking" }).click()
  const promised = await textOf(page.locator(".lines .total dd"))
  // The points that this trip earned are gone, and what is missing of them comes off the refund.
  const { account } = (await ask("GET", "/api/loyalty/account/me")).body
  await adjust(account.user_id, -account.balance)
  await page.getByRole("button", { name: `Cancel and get ${promised} back` }).click()
  await page.getByRole("alert").filter({ hasText: "nothing was cancelled yet" }).waitFor()
  expect((await ask("GET", `/api/bookings/${reference}`)).body.booking.status).toBe("confirmed")
  const refund = await textOf(page.locator(".lines .total dd"))
  expect(refund).not.toBe(promised)
  await page.getByRole("button", { name: `Cancel and get ${refund} back` }).click()
  await waitForHeading(page, "This booking is cancelled")
})

journey("a saved card asks for 3-D Secure: refused, the seats are still held; passed, they are booked", async () => {
  const { page } = await traveller("mary")
  await saveTestCard(page, "pm_card_authenticationRequired", "Visa ending in 3184")
  const reference = await reviewThenHold(page)
  await pay(page, "Visa ending in 3184")
  await page.getByRole("button", { name: "Fail authentication" }).click()
  await waitForHeading(page, "Your seats are held")
  await page.goto(`/bookings/${reference}/pay`)
  await pay(page, "Visa ending in 3184")
  await page.getByRole("button", { name: "Complete authentication" }).click()
  await waitForHeading(page, "You are booked")
  expect(referenceOf(page)).toBe(reference)
})

journey("points pay for everything: no card is asked for, and none is charged", async () => {
  const { page, ask } = await traveller("rosa")
  const { user } = (await ask("GET", "/api/auth/me")).body
  await adjust(user.id, 900_000)
  await review(page)
  const price = await textOf(page.locator(".total dd"))
  const points = Number(price.replace(/\D/g, ""))
  await page.getByLabel("Points to spend").fill(String(points))
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await waitForHeading(page, "You are booked")
  await page.goto("/account/payments")
  await page.getByText("No payments yet").waitFor()
  await page.goto("/account/loyalty")
  const balances = await page.locator(".running-balance").allTextContents()
  expect(balances.slice(-2)).toEqual([(900_000 - points).toLocaleString("en"), "900,000"])
})

journey("while payment is silent the page keeps the request, and sends it again when asked to", async () => {
  const { page } = await traveller("joan")
  await saveTestCard(page, "pm_card_visa", "Visa ending in 4242")
  const reference = await reviewThenHold(page)
  const requestId = await page.locator("[name=request_id]").inputValue()
  await page.getByLabel("Visa ending in 4242").check()
  await journeys.world.kill("payment", "SIGKILL")
  try {
    await page.getByRole("button", { name: /^Pay \$/ }).click()
    await waitForHeading(page, "Just a moment")
  } finally {
    await journeys.world.start("payment")
  }
  expect(await page.locator("[name=request_id]").inputValue()).toBe(requestId)
  await page.getByRole("button", { name: "Try again" }).click()
  await waitForHeading(page, "You are booked")
  expect(referenceOf(page)).toBe(reference)
})

const logInOf = (username: string) => ({ username, password: "correct horse battery" })

/** Somebody with an account, at the pages and at the JSON API. */
async function traveller(username: string): Promise<{ page: Page; ask: Ask }> {
  const ask = await registered(journeys.world.uiUrl, username)
  const { page } = await journeys.person()
  await page.goto("/login")
  await page.getByLabel("Username").fill(username)
  await page.getByLabel("Password").fill(logInOf(username).password)
  await page.getByRole("button", { name: "Log in" }).click()
  await page.getByRole("button", { name: "Log out" }).waitFor()
  return { page, ask }
}

async function saveTestCard(page: Page, paymentMethod: string, words: string) {
  await page.goto("/account/cards")
  await page.getByLabel("Test card").selectOption(paymentMethod)
  await page.getByRole("button", { name: "Save card" }).click()
  await page.getByText(words).first().waitFor()
}

const adjust = (user_id: string, points: number) =>
  staff("POST", "/api/loyalty/adjust", { user_id, points, reason: "For a journey" })

async function review(page: Page) {
  const { origin, destination, departDate } = TRIP
  await page.goto(
    `/flights?origin=${origin}&destination=${destination}&depart_date=${departDate}&cabin=economy&adults=1`,
  )
  await takeFirstOffer(page)
  await fillPassenger(page, 0, "Ada", "Lovelace")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await waitForHeading(page, "Review your booking")
}

async function reviewThenHold(page: Page): Promise<string> {
  await review(page)
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  return referenceOf(page)
}

async function pay(page: Page, card: string) {
  await page.getByLabel(card).check()
  await page.getByRole("button", { name: /^Pay \$/ }).click()
}
