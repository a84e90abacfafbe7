import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import type { World } from "@airside/kernel/testing"
import { client, offerTokens, orderOf, registered, startSeededWorld } from "./world.ts"

const PATH = "/staff/repairs"
let world: World
let backend: Database
let staffToken: string
let travellerToken: string

beforeAll(async () => {
  world = await startSeededWorld()
  backend = connectDatabase({ url: world.database.urlOf("backend"), connections: 1 })
  for (const username of ["grace", "ada"]) await registered(world.uiUrl, username)
  await backend.sql`update users set staff = true where username = 'grace'`
  ;[staffToken, travellerToken] = (await Promise.all(["grace", "ada"].map(logIn))) as [string, string]
}, 60_000)
afterAll(async () => {
  await backend?.close()
  await world?.stop()
})

async function logIn(username: string): Promise<string> {
  const answer = await client(world.uiUrl)("POST", "/api/auth/login", { username, password: "correct horse battery" })
  return answer.body.access_token
}

const get = (token?: string) =>
  fetch(world.uiUrl + PATH, { headers: { ...(token && { authorization: `Bearer ${token}` }) }, redirect: "manual" })

const press = (name: string, form: Record<string, string>, token = staffToken) =>
  fetch(`${world.uiUrl}${PATH}/${name}`, {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { authorization: `Bearer ${token}` },
    redirect: "manual",
  })

/** A held booking whose hold has lapsed and whose expiry failed ten times. */
async function stuckBooking(): Promise<string> {
  const ask = client(world.uiUrl)
  const { body } = await ask("POST", "/api/flights/book", orderOf(await offerTokens(ask)))
  const { reference } = body.booking
  await backend.sql`
    update bookings
    set hold_expire_time = now(), step_attempts = 10, flagged = true, last_error = 'payment does not answer',
        next_step_time = now() + interval '1 hour'
    where reference = ${reference}`
  return reference
}

test("nobody but staff finds the page, or repairs anything", async () => {
  const reference = await stuckBooking()
  expect((await get()).status).toBe(404)
  expect((await get(travellerToken)).status).toBe(404)
  const pressed = await press("booking", { request_id: crypto.randomUUID(), reference }, travellerToken)
  expect(pressed.status).toBe(404)
  const [booking] = await backend.sql`select status from bookings where reference = ${reference}`
  expect(booking!.status).toBe("held")
})

test("a stuck booking is shown with its error and its button; pressed twice, it is repaired once", async () => {
  const reference = await stuckBooking()
  const before = await (await get(staffToken)).text()
  expect(before).toContain("payment does not answer")
  const row = before.slice(before.indexOf(reference))
  const requestId = /name="request_id" value="([^"]+)"/.exec(row)![1]!

  for (let times = 0; times < 2; times++) {
    const pressed = await press("booking", { request_id: requestId, reference })
    expect([pressed.status, pressed.headers.get("location")]).toEqual([303, PATH])
  }
  const [booking] = await backend.sql`select status from bookings where reference = ${reference}`
  expect(booking!.status).toBe("expired")
  const after = await (await get(staffToken)).text()
  expect(after).not.toContain(`/bookings/${reference}`)
  expect(after).toMatch(
    new RegExp(`retry booking <small class="muted">${reference}</small></td><td class="whole">expired</td><td>grace`),
  )
  expect(await backend.sql`select 1 from audit_entries where target = ${reference}`).toHaveLength(1)
})

test("a refund that waits for a dispute is shown with the reason, and without a button that could only fail", async () => {
  const ask = client(world.uiUrl, travellerToken)
  const { booking } = (await ask("POST", "/api/flights/book", orderOf(await offerTokens(ask)))).body
  const { reference } = booking
  const paid = { booking_reference: reference, payment_method: "pm_card_createDispute" }
  expect((await ask("POST", "/api/payments/process", paid)).body.status).toBe("succeeded")
  const { quote_token } = (await ask("POST", `/api/bookings/${reference}/cancellation-quote`, {})).body
  expect((await ask("POST", `/api/bookings/${reference}/cancel`, { quote_token })).body.booking.status).toBe(
    "cancelled",
  )
  const page = await (await get(staffToken)).text()
  expect(page).toContain("The refund waits for the bank&#39;s decision about the dispute.")
  expect(page).not.toContain("Refund again")
  const { events } = (await ask("GET", `/api/bookings/${reference}/money`)).body
  expect(events.at(-1).kind).toBe("refund_withheld")
})

test("a refusal is shown among the repairs", async () => {
  const event_id = "evt_nowhere"
  expect((await press("event", { request_id: crypto.randomUUID(), event_id })).status).toBe(303)
  expect(await (await get(staffToken)).text()).toMatch(
    /evt_nowhere<\/small><\/td><td class="whole">EVENT_NOT_FOUND<\/td><td>grace/,
  )
})
