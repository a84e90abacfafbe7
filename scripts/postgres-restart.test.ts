import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { migrate, SERVICES } from "@airside/kernel/migrate"
import { connectDatabase } from "@airside/kernel/sql"
import { startWorld, TEST_ROLE_PASSWORD, until, type World } from "@airside/kernel/testing"
import { type Postgres, startPostgres } from "./launcher/postgres.ts"

const TEMPLATE = "airside_restart_template"
/** Long enough that everybody has tried to connect in vain, again and again. */
const OUTAGE_MILLISECONDS = 5000
const dataDir = mkdtempSync(join(tmpdir(), "airside-restart-"))
const { TEST_DATABASE_URL, TEST_TEMPLATE } = process.env

let server: Postgres
let world: World

beforeAll(async () => {
  server = await startPostgres({ dataDir, port: 0 })
  await createTemplate()
  // The server that all tests share must not be the one that is killed here.
  Object.assign(process.env, { TEST_DATABASE_URL: server.url, TEST_TEMPLATE: TEMPLATE })
  world = await startWorld()
  await world.run("db-seed", "--daily-flights", "300")
}, 60_000)

afterAll(async () => {
  await world?.stop()
  Object.assign(process.env, { TEST_DATABASE_URL, TEST_TEMPLATE })
  await server?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

test("PostgreSQL is killed while people book and comes back: the next booking succeeds within 10 s", async () => {
  let goesOn = true
  let confirmed = 0
  const customers = Array.from({ length: 4 }, async () => {
    while (goesOn) {
      if (await buy().catch(() => false)) confirmed++
      else await Bun.sleep(50)
    }
  })
  await until(async () => confirmed > 4, 20, "bookings before")
  server.kill()
  await server.ended
  const before = confirmed
  await Bun.sleep(OUTAGE_MILLISECONDS)
  server = await startPostgres({ dataDir, port: server.port })
  const backTime = performance.now()
  await until(async () => confirmed > before, 10, "a booking after the restart")
  expect(performance.now() - backTime).toBeLessThan(10_000)
  goesOn = false
  await Promise.all(customers)
}, 60_000)

test("whoever was in the middle has a booking that ends well: none is left on its way", async () => {
  const { sql, close } = connectDatabase({ url: world.database.urlOf("backend"), connections: 1 })
  const unfinished = () => sql`
    select reference, status, last_error
    from bookings
    where status in ('paid', 'expiring', 'cancelling') or (status = 'confirmed' and next_step_time is not null)`
  await until(async () => (await unfinished()).length === 0, 20, "every booking's end")
  await close()
})

async function createTemplate() {
  const { sql, close } = connectDatabase({ url: server.url, connections: 1 })
  await sql`create database ${sql(TEMPLATE)}`
  await close()
  const url = new URL(server.url)
  url.pathname = `/${TEMPLATE}`
  for (const service of SERVICES) await migrate({ url: url.toString(), service, password: TEST_ROLE_PASSWORD })
}

/** From a search to a ticket, as a guest. Throws, or answers false, when anything is refused. */
async function buy(): Promise<boolean> {
  const departDate = Temporal.Now.plainDateISO("UTC").add({ days: 60 })
  const found = await ask("GET", `/api/flights/search?origin=LHR&destination=JFK&depart_date=${departDate}`)
  const booked = await ask("POST", "/api/flights/book", {
    offer_tokens: [found.slices[0].offers[0].token],
    passengers: [{ type: "adult", given_name: "Ada", family_name: "Lovelace", birth_date: "1990-12-10" }],
    contact: { email: "ada@example.com" },
  })
  const { reference } = booked.booking
  const card = { booking_reference: reference, payment_method: "pm_card_visa" }
  await ask("POST", "/api/payments/process", card, booked.access_token)
  return (await ask("GET", `/api/bookings/${reference}`, undefined, booked.access_token)).booking.status === "confirmed"
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of several shapes
async function ask(method: string, path: string, body?: unknown, token?: string): Promise<any> {
  const response = await fetch(world.uiUrl + path, {
    method,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.json()
}
