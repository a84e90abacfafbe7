import { afterAll, beforeAll, expect } from "bun:test"
import type { Page } from "playwright-core"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { fillPassenger, inDays, referenceOf, takeFirstOffer, textOf, waitForHeading } from "./steps.ts"

let journeys: Journeys

beforeAll(async () => {
  journeys = (await startJourneys())!
}, 60_000)
afterAll(() => journeys?.stop())

journey("a traveller with an account flies there and back, with promo code, saved card and points", async () => {
  const { page, complaints } = await journeys.person()
  await register(page)
  await saveTestCard(page)

  await chooseByKeyboard(page, "From", "lon", "LHR")
  await chooseByKeyboard(page, "To", "new york", "JFK")
  await page.getByLabel("Depart").fill(inDays(50))
  await page.getByLabel("Return").fill(inDays(57))
  await page.getByRole("button", { name: "Search flights" }).click()
  await page.getByText("Choose your outbound flight").waitFor()
  await page.evaluate("window.samePage = true")
  await page.getByRole("link", { name: "Cheapest" }).click()
  await page.locator("[aria-current=true]", { hasText: "Cheapest" }).waitFor()
  expect(page.url()).toContain("sort=price")
  await page.getByRole("link", { name: "Next day" }).click()
  await page.waitForURL(new RegExp(`depart_date=${inDays(51)}`))
  expect(await page.evaluate("window.samePage")).toBe(true)
  expect(await page.evaluate("document.activeElement.id")).toBe("day-after")
  await page.goBack()
  await page.locator(`#day-after[href*="depart_date=${inDays(51)}"]`).waitFor()
  await takeFirstOffer(page)
  await page.getByText("Choose your return").waitFor()
  await takeFirstOffer(page)

  await fillPassenger(page, 0, "Ada", "Lovelace")
  expect(await page.getByLabel("E-mail").inputValue()).toBe("ada@example.com")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await page.getByLabel("Promo code").fill("NOSUCH")
  await page.getByRole("button", { name: "Apply" }).click()
  await page.locator("#promo_code-error").waitFor()
  const before = await textOf(page.locator(".total dd"))
  await page.getByLabel("Promo code").fill("SAVE10")
  await page.getByLabel("Promo code").press("Enter")
  await page.getByText("Promo code SAVE10").waitFor()
  expect(amountOf(await textOf(page.locator(".total dd")))).toBeLessThan(amountOf(before))

  const reference = await holdAndPayWithSavedCard(page)
  expect(await page.locator(".ticket-number").count()).toBe(2)
  await page.getByText("Points earned").waitFor()

  await page.getByRole("link", { name: "Points" }).first().click()
  const balance = amountOf(await textOf(page.locator(".balance-points b")))
  expect(balance).toBeGreaterThan(500)
  expect(await textOf(page.locator("table .gain"))).toBe(`+${balance.toLocaleString("en")}`)

  const second = await bookWithPoints(page, 500)
  await page.getByRole("link", { name: "My trips" }).click()
  expect(await page.locator(".trip .reference").allTextContents()).toEqual([second, reference])
  await page.getByRole("link", { name: "Account" }).click()
  await page.getByRole("link", { name: "Payments" }).click()
  expect(await page.locator("tbody .reference").allTextContents()).toEqual([second, reference])
  expect(complaints).toEqual([])
})

journey("a seat is chosen on the map and stands on the ticket", async () => {
  const { page } = await journeys.person()
  await register(page, "grace")
  await saveTestCard(page)
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${inDays(51)}&cabin=economy&adults=1`)
  await takeFirstOffer(page, "standard")
  await fillPassenger(page, 0, "Grace", "Hopper")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await holdAndPayWithSavedCard(page)
  await page.getByRole("link", { name: "Choose seats" }).click()
  const seat = page.locator(".seat input:not(:disabled)").first()
  const number = (await seat.getAttribute("value"))!
  await seat.check()
  await page.getByRole("button", { name: "Save this seat" }).click()
  await page.getByText(`Seat ${number}`).waitFor()
})

journey("logging in leads back to where somebody wanted to go, and never to another site", async () => {
  const { page } = await journeys.person()
  await register(page, "mary")
  await page.getByRole("button", { name: "Log out" }).click()
  await page.getByRole("link", { name: "Log in" }).waitFor()
  await page.goto("/trips")
  await logIn(page, "mary")
  await page.waitForURL(/\/trips$/)
  await page.getByRole("button", { name: "Log out" }).click()
  await page.getByRole("link", { name: "Log in" }).waitFor()
  await page.goto(`/login?next=${encodeURIComponent("//evil.example/trips")}`)
  await logIn(page, "mary")
  await page.waitForURL(`${journeys.world.uiUrl}/`)
})

journey("a saved card that is declined is said so in words, and the seats are still held for another one", async () => {
  const { page } = await journeys.person()
  await register(page, "joan")
  await saveTestCard(page)
  await saveTestCard(page, "pm_card_chargeCustomerFail", "Visa ending in 0341")
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${inDays(52)}&cabin=economy&adults=1`)
  await takeFirstOffer(page)
  await fillPassenger(page, 0, "Joan", "Clarke")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.getByLabel("Visa ending in 0341").check()
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await page.getByRole("alert").filter({ hasText: "nothing was charged" }).waitFor()
  await page.getByLabel("Visa ending in 4242").check()
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await waitForHeading(page, "You are booked")
})

async function register(page: Page, username = "ada") {
  await page.goto("/register")
  await page.getByLabel("First name").fill("Ada")
  await page.getByLabel("Last name").fill("Lovelace")
  await page.getByLabel("E-mail").fill(`${username}@example.com`)
  await page.getByLabel("Username").fill(username)
  await page.getByLabel("Password").fill("a long enough password")
  await page.getByRole("button", { name: "Open account" }).click()
  await page.getByRole("button", { name: "Log out" }).waitFor()
}

async function logIn(page: Page, username: string) {
  await page.getByLabel("Username").fill(username)
  await page.getByLabel("Password").fill("a long enough password")
  await page.getByRole("button", { name: "Log in" }).click()
}

async function saveTestCard(page: Page, paymentMethod = "pm_card_visa", words = "Visa ending in 4242") {
  await page.goto("/account/cards")
  await page.getByLabel("Test card").selectOption(paymentMethod)
  await page.getByRole("button", { name: "Save card" }).click()
  await page.getByText(words).first().waitFor()
  await page.goto("/")
}

/** Types, walks down to the airport in the list of suggestions, and takes it with Enter. */
async function chooseByKeyboard(page: Page, label: string, typed: string, code: string) {
  const field = page.getByRole("combobox", { name: label, exact: true })
  await field.pressSequentially(typed)
  const options = page.locator(`#${await field.getAttribute("aria-controls")} [role=option]`)
  await options.filter({ hasText: code }).waitFor()
  const position = (await options.allTextContents()).findIndex((text) => text.includes(code))
  for (let step = 0; step < position; step++) await field.press("ArrowDown")
  await field.press("Enter")
  expect(await field.inputValue()).toContain(`(${code})`)
}

async function holdAndPayWithSavedCard(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  await page.getByLabel("Visa ending in 4242").check()
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await waitForHeading(page, "You are booked")
  return referenceOf(page)
}

async function bookWithPoints(page: Page, points: number): Promise<string> {
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${inDays(45)}&cabin=economy&adults=1`)
  await takeFirstOffer(page)
  await fillPassenger(page, 0, "Ada", "Lovelace")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await page.getByLabel("Points to spend").fill("99999999")
  await page.getByRole("button", { name: "Apply" }).last().click()
  await page.locator("#points-error").waitFor()
  await page.getByLabel("Points to spend").fill(String(points))
  await page.getByRole("button", { name: "Apply" }).last().click()
  await page.getByText(`${points} points`, { exact: true }).waitFor()
  const reference = await holdAndPayWithSavedCard(page)
  await page.getByText("Points spent").waitFor()
  return reference
}

const amountOf = (text: string): number => Number(text.replace(/[^\d.]/g, ""))
