import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase } from "@airside/kernel/sql"
import { until, type World } from "@airside/kernel/testing"
import { type Ask, client, offerTokens, orderOf, registered, startSeededWorld } from "./world.ts"

let world: World
let ada: Ask
beforeAll(async () => {
  world = await startSeededWorld()
  ada = await registered(world.uiUrl, "ada")
}, 60_000)
afterAll(() => world?.stop())

async function held(owner: Ask): Promise<string> {
  const { body } = await owner("POST", "/api/flights/book", orderOf(await offerTokens(owner)))
  return body.booking.reference
}

const pay = (owner: Ask, booking_reference: string, payment_method: string) =>
  owner("POST", "/api/payments/process", { booking_reference, payment_method })

type Told = { kind: string; description: string; amount: { minor_units: number }; stripe_id?: string }
const moneyOf = async (asker: Ask, reference: string): Promise<Told[]> =>
  (await asker("GET", `/api/bookings/${reference}/money?page_size=100`)).body.events

async function staffMember(): Promise<Ask> {
  const staff = await registered(world.uiUrl, "boss")
  const database = connectDatabase({ url: world.environment.BACKEND_DATABASE_URL!, connections: 1 })
  await database.sql`update users set staff = true where username = 'boss'`
  await database.close()
  return staff
}

test("every declined card says what to do, and the next one is tried on the same hold", async () => {
  const reference = await held(ada)
  const declines: [method: string, words: string][] = [
    ["pm_card_visa_chargeDeclined", "Try another card"],
    ["pm_card_visa_chargeDeclinedInsufficientFunds", "not enough money"],
    ["pm_card_visa_chargeDeclinedExpiredCard", "has expired"],
    ["pm_card_visa_chargeDeclinedIncorrectCvc", "security code"],
    ["pm_card_visa_chargeDeclinedProcessingError", "in a minute"],
    ["pm_card_visa_chargeDeclinedVelocityLimitExceeded", "limit"],
    ["pm_card_visa_chargeDeclinedStolenCard", "Try another card"],
  ]
  for (const [method, words] of declines) {
    const declined = await pay(ada, reference, method)
    expect([declined.status, declined.body.reason]).toEqual([409, "CARD_DECLINED"])
    expect(declined.body.detail).toContain(words)
  }
  expect((await pay(ada, reference, "pm_card_visa")).body.status).toBe("succeeded")
  expect((await ada("GET", `/api/bookings/${reference}`)).body.booking.status).toBe("confirmed")
  const told = await moneyOf(ada, reference)
  expect(told.map(({ kind }) => kind)).toEqual(["requested", ...declines.map(() => "declined"), "paid"])
})

test("a booking's money: empty before it is asked for, and not found by others", async () => {
  const reference = await held(ada)
  expect(await moneyOf(ada, reference)).toEqual([])
  const stranger = await registered(world.uiUrl, "eve")
  for (const asked of [reference, "AAAAAA"]) {
    const answer = await stranger("GET", `/api/bookings/${asked}/money`)
    expect([answer.status, answer.body.reason]).toEqual([404, "BOOKING_NOT_FOUND"])
  }
})

test("a dispute comes by Stripe's own events: the traveller reads it, staff with its id", async () => {
  const reference = await held(ada)
  await pay(ada, reference, "pm_card_createDispute")
  const kinds = async () => (await moneyOf(ada, reference)).map(({ kind }) => kind)
  await until(async () => (await kinds()).includes("dispute_withdrawn"), 10, "the dispute in the history")
  expect(await kinds()).toEqual(["requested", "paid", "dispute_opened", "dispute_withdrawn"])
  const staff = await staffMember()
  const told = await moneyOf(staff, reference)
  expect(told.find(({ kind }) => kind === "dispute_opened")).toMatchObject({ stripe_id: expect.stringMatching(/^dp_/) })
  expect(told.some(({ kind }) => kind === "webhook")).toBe(true)
  expect((await moneyOf(ada, reference)).some(({ kind, stripe_id }) => kind === "webhook" || stripe_id)).toBe(false)
})

test("a saved card becomes the default; another person's is not found", async () => {
  const { body } = await ada("GET", "/api/payments/cards")
  expect(body.cards).toEqual([])
  const token = (await client(world.uiUrl)("POST", "/api/auth/login", LOGIN)).body.access_token
  const cookie = `airside_session=${token}`
  for (const payment_method of ["pm_card_visa", "pm_card_amex"]) {
    const form = new URLSearchParams({ request_id: crypto.randomUUID(), payment_method })
    await fetch(`${world.uiUrl}/account/cards`, {
      method: "POST",
      body: form,
      headers: { cookie, origin: world.uiUrl },
      redirect: "manual",
    })
  }
  const cards = (await ada("GET", "/api/payments/cards")).body.cards
  expect(cards.map((card: Card) => [card.brand, card.is_default])).toEqual([
    ["amex", false],
    ["visa", true],
  ])
  const chosen = await ada("POST", `/api/payments/cards/${cards[0].id}/default`)
  expect(chosen.body.card).toEqual({ ...cards[0], is_default: true })
  const stranger = await registered(world.uiUrl, "mallory")
  expect((await stranger("POST", `/api/payments/cards/${cards[0].id}/default`)).body.reason).toBe("CARD_NOT_FOUND")
})

type Card = { brand: string; is_default: boolean }
const LOGIN = { username: "ada", password: "correct horse battery" }
