import { afterAll, beforeAll, beforeEach, expect } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { freePorts, until } from "@airside/kernel/testing"
import type { Page } from "playwright-core"
import { type Journeys, journey, startJourneys } from "./browser.ts"
import { type Line, layLine } from "./line.ts"
import { CARDS, fillPassenger, inDays, payWithCard, referenceOf, takeFirstOffer, waitForHeading } from "./steps.ts"

let journeys: Journeys
let database: Database
/** What the browser asks ui, and what ui asks backend, goes over these. */
let toUi: Line
let toBackend: Line
let address: string

beforeAll(async () => {
  const [uiPort, backendPort] = freePorts(2) as [number, number]
  toUi = await layLine(uiPort)
  toBackend = await layLine(backendPort)
  address = `http://127.0.0.1:${toUi.port}`
  journeys = (await startJourneys({
    UI_PORT: String(uiPort),
    PUBLIC_URL: address,
    SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${uiPort}/api/payments/webhook`,
    BACKEND_WEB_PORT: String(backendPort),
    BACKEND_ADDRESS: `http://127.0.0.1:${toBackend.port}`,
  }))!
  if (journeys) database = connectDatabase({ url: journeys.world.database.url, connections: 2, name: "exactly-once" })
}, 60_000)
afterAll(async () => {
  await database?.close()
  await journeys?.stop()
  toUi.close()
  toBackend.close()
})

let email: string
beforeEach(() => {
  email = `${crypto.randomUUID().slice(0, 8)}@example.com`
})

for (const javaScriptEnabled of [true, false]) {
  journey(`a double click holds once and pays once, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
    const page = await review({ javaScriptEnabled, savesCard: true })
    await page.getByRole("button", { name: "Hold seats and pay" }).dblclick()
    await page.waitForURL(/\/pay$/)
    const reference = referenceOf(page)
    await page.getByLabel("Visa ending in 4242").check()
    await page.getByRole("button", { name: /^Pay \$/ }).dblclick()
    await bookedOnce(page, reference)
  })

  journey(`a double click leads to one hosted page, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
    const page = await review({ javaScriptEnabled })
    await page.getByRole("button", { name: "Hold seats and pay" }).click()
    await page.waitForURL(/\/pay$/)
    const reference = referenceOf(page)
    await page.getByRole("button", { name: /^Pay \$/ }).dblclick()
    await page.waitForURL(/\/c\/pay\//)
    await payWithCard(page, CARDS.pays)
    await bookedOnce(page, reference)
  })
}

journey("going back and sending again holds the same seats and leads to the same hosted page", async () => {
  const page = await review({})
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  const reference = referenceOf(page)
  await backTo(page, "Review your booking")
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  expect(referenceOf(page)).toBe(reference)
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await page.waitForURL(/\/c\/pay\//)
  const hostedPage = page.url()
  await backTo(page, "Pay for your booking")
  await page.getByRole("button", { name: /^Pay \$/ }).click()
  await page.waitForURL(hostedPage)
  await payWithCard(page, CARDS.pays)
  await bookedOnce(page, reference)
  await page.goto(`${address}/bookings/${reference}/pay`)
  await bookedOnce(page, reference)
})

journey("whoever goes back and changes the order is asked before it becomes one booking more", async () => {
  const page = await review({})
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  await backTo(page, "Review your booking")
  await page.getByLabel("Promo code").fill("SAVE10")
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.getByRole("alert").filter({ hasText: "that booking stands" }).waitFor()
  expect(await bookings()).toHaveLength(1)
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  expect(await bookings()).toHaveLength(2)
})

journey("an answer lost on the way to the browser: the same form again, the same booking, one charge", async () => {
  const page = await review({ savesCard: true })
  toUi.loseAnswers()
  await page.getByRole("button", { name: "Hold seats and pay" }).click({ noWaitAfter: true })
  await until(async () => (await bookings()).length === 1)
  toUi.mend()
  await sendAgain(page, /\/pay$/)
  const reference = referenceOf(page)
  await page.getByLabel("Visa ending in 4242").check()
  toUi.loseAnswers()
  await page.getByRole("button", { name: /^Pay \$/ }).click({ noWaitAfter: true })
  await until(async () => (await charges(reference)).length === 1)
  toUi.mend()
  await sendAgain(page, new RegExp(`/bookings/${reference}$`))
  await bookedOnce(page, reference)
})

journey("backend dies after its commit and before its answer: the same form again holds the same seats", async () => {
  const page = await review({})
  toBackend.loseAnswers()
  await page.getByRole("button", { name: "Hold seats and pay" }).click({ noWaitAfter: true })
  await until(async () => (await bookings()).length === 1)
  await killBackend()
  await tryAgainUntil(page, /\/pay$/)
  const [reference] = await bookings()
  expect(referenceOf(page)).toBe(reference!)
})

journey("backend dies while it starts the payment: the same form again pays once", async () => {
  const page = await review({ savesCard: true })
  await page.getByRole("button", { name: "Hold seats and pay" }).click()
  await page.waitForURL(/\/pay$/)
  const reference = referenceOf(page)
  await page.getByLabel("Visa ending in 4242").check()
  // Who is logged in is asked for once a second; that answer would be lost too, and the payment never started.
  await page.request.get(`/bookings/${reference}/pay`)
  toBackend.loseAnswers()
  await page.getByRole("button", { name: /^Pay \$/ }).click({ noWaitAfter: true })
  await until(async () => {
    const [payment] =
      await database.sql`select 1 from payment.payment_transactions where booking_reference = ${reference}`
    return payment !== undefined
  })
  await killBackend()
  await tryAgainUntil(page, new RegExp(`/bookings/${reference}$`))
  await bookedOnce(page, reference)
})

/** At the last page before seats are held, with the card saved if it shall be. */
async function review({ javaScriptEnabled = true, savesCard = false }): Promise<Page> {
  const { page } = await journeys.person({ javaScriptEnabled, baseURL: address })
  if (savesCard) await registerWithCard(page)
  await page.goto(`/flights?origin=LHR&destination=JFK&depart_date=${inDays(40)}&cabin=economy&adults=1`)
  await takeFirstOffer(page)
  await fillPassenger(page, 0, "Ada", "Lovelace")
  await page.getByLabel("E-mail").fill(email)
  await page.getByRole("button", { name: "Review your booking" }).click()
  await waitForHeading(page, "Review your booking")
  return page
}

async function registerWithCard(page: Page) {
  await page.goto("/register")
  for (const [label, value] of [
    ["First name", "Ada"],
    ["Last name", "Lovelace"],
    ["E-mail", email],
    ["Username", email.slice(0, 8)],
    ["Password", "a long enough password"],
  ] as const) {
    await page.getByLabel(label).fill(value)
  }
  await page.getByRole("button", { name: "Open account" }).click()
  await page.getByRole("button", { name: "Log out" }).waitFor()
  await page.goto("/account/cards")
  await page.getByLabel("Test card").selectOption("pm_card_visa")
  await page.getByRole("button", { name: "Save card" }).click()
  await page.getByText("Visa ending in 4242").first().waitFor()
}

/** The browser's own button. Where the page came from a form, the browser asks first, and then sends that form again. */
async function backTo(page: Page, heading: string) {
  const isThere = await page.goBack().then(
    () => true,
    () => false,
  )
  if (!isThere) {
    await page.waitForURL(/^chrome-error:/)
    await page.reload()
  }
  await waitForHeading(page, heading)
}

/** The browser may have sent the form again by itself; where it shows that nobody answered, the reader does. */
async function sendAgain(page: Page, goal: RegExp) {
  await until(async () => goal.test(page.url()) || page.url().startsWith("chrome-error:"))
  if (!goal.test(page.url())) await page.reload()
  await page.waitForURL(goal)
}

/** Ends backend as if its machine had failed, and starts it anew; whoever waited for it is hung up on. */
async function killBackend() {
  await journeys.world.kill("backend", "SIGKILL")
  toBackend.mend()
  await journeys.world.start("backend")
}

/** Presses what the page for a silent service offers: the same form once more. */
async function tryAgainUntil(page: Page, goal: RegExp) {
  await until(
    async () => {
      if (goal.test(page.url())) return true
      const again = page.getByRole("button", { name: "Try again" })
      if (await again.isVisible().catch(() => false)) await again.click().catch(() => {})
      return goal.test(page.url())
    },
    40,
    "the same form leading to the booking",
  )
}

/** One booking, one charge, and the page of that booking. */
async function bookedOnce(page: Page, reference: string) {
  await waitForHeading(page, "You are booked")
  expect(referenceOf(page)).toBe(reference)
  expect(await bookings()).toEqual([reference])
  expect(await charges(reference)).toHaveLength(1)
}

/** References of the bookings that this journey's traveller has. */
async function bookings(): Promise<string[]> {
  const rows = await database.sql<{ reference: string }[]>`
    select reference from backend.bookings where contact_email = ${email}`
  return rows.map((row) => row.reference)
}

/** Stripe's own record: charges of this booking that took money. */
async function charges(reference: string): Promise<{ id: string }[]> {
  const { STRIPE_API_BASE, STRIPE_SECRET_KEY } = journeys.world.environment
  const answer = await fetch(`${STRIPE_API_BASE}/v1/charges?limit=100`, {
    headers: { authorization: `Bearer ${STRIPE_SECRET_KEY}` },
  })
  const { data } = (await answer.json()) as {
    data: { id: string; paid: boolean; metadata: Record<string, string> }[]
  }
  return data.filter((charge) => charge.paid && charge.metadata.booking_reference === reference)
}
