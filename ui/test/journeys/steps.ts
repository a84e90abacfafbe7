import type { Locator, Page } from "playwright-core"

/** Stripe's numbers for test cards. */
export const CARDS = { pays: "4242 4242 4242 4242", declined: "4000 0000 0000 0002" } as const

/** The civil date so many days ahead. */
export const inDays = (days: number): string => Temporal.Now.plainDateISO("UTC").add({ days }).toString()

export interface Trip {
  origin: string
  destination: string
  departDate: string
  returnDate?: string
  adults?: number
}

/** Fills the search form as somebody does who knows the codes, and sends it. */
export async function search(page: Page, { origin, destination, departDate, returnDate, adults = 1 }: Trip) {
  await page.goto("/")
  await page.getByLabel("From", { exact: true }).fill(origin)
  await page.getByLabel("To", { exact: true }).fill(destination)
  await page.getByLabel("Depart").fill(departDate)
  if (returnDate) await page.getByLabel("Return").fill(returnDate)
  await page.getByLabel("Adults").selectOption(String(adults))
  await page.getByRole("button", { name: "Search flights" }).click()
  await page.waitForURL(/\/flights\?origin=[A-Z]{3}&/)
}

/** Takes the first offer of the list at its lowest fare, or in the brand that is named. */
export const takeFirstOffer = (page: Page, brand = "") =>
  page.locator(".offer .fares li").filter({ hasText: brand }).first().locator(".button").click()

export async function fillPassenger(page: Page, index: number, givenName: string, familyName: string) {
  const field = (name: string) => page.locator(`[name="passengers[${index}].${name}"]`)
  await field("given_name").fill(givenName)
  await field("family_name").fill(familyName)
  await field("birth_date").fill("1985-12-10")
}

/** From the home page to the page that asks for the money; answers the booking's reference. */
export async function holdSeats(page: Page, trip: Trip, familyName = "Lovelace"): Promise<string> {
  await search(page, trip)
  await takeFirstOffer(page)
  await fillPassenger(page, 0, "Ada", familyName)
  await page.getByLabel("E-mail").fill("ada@example.com")
  await page.getByRole("button", { name: "Review your booking" }).click()
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/bookings\/\w{6}\/pay$/)
  return referenceOf(page)
}

export const referenceOf = (page: Page): string => /\/bookings\/(\w{6})/.exec(page.url())?.[1] ?? ""

/** Types a card on the payment provider's page and sends it. */
export async function payWithCard(page: Page, number: string) {
  await page.locator("[name=card_number]").fill(number)
  await page.locator("[name=expiry]").fill("12 / 34")
  await page.locator("[name=cvc]").fill("123")
  await page.locator("[name=name]").fill("Ada Lovelace")
  await page.getByRole("button", { name: /^Pay/ }).click()
}

/** Waits until the booking's page says what it is waiting for, by itself or by looking again. */
export async function waitForHeading(page: Page, heading: string | RegExp) {
  await page.getByRole("heading", { level: 1, name: heading }).waitFor()
}

export const textOf = async (part: Locator): Promise<string> => ((await part.textContent()) ?? "").trim()
