import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { startWorld, type World } from "@airside/kernel/testing"
import { ROOT } from "./launcher/settings.ts"

let world: World
let database: Database
let reference: string

beforeAll(async () => {
  world = await startWorld()
  await world.run("db-seed", "--daily-flights", "300")
  database = connectDatabase({ url: world.database.url, connections: 1 })
  await makeHistory()
}, 60_000)
afterAll(async () => {
  await database?.close()
  await world?.stop()
})

test("after bookings by card and points, cancelled ones, one of them disputed, and an unpaid one, everything agrees", async () => {
  const { code, output } = await reconcile()
  expect(output).toBe("compared with Stripe: 4 charges, 1 refunds\nno differences\n")
  expect(code).toBe(0)
})

describe("each disagreement is found and named:", () => {
  const BREACHES: [what: string, breach: string, repair: string, named: string][] = [
    [
      "a seat too many",
      "update backend.inventory set sold = sold + 1 where sold > 0",
      "update backend.inventory set sold = sold - 1 where sold > 0",
      "inventory is what tickets and holds stand for",
    ],
    [
      "a booking that stays paid",
      "update backend.bookings set status = 'paid' where reference = $",
      "update backend.bookings set status = 'confirmed' where reference = $",
      "every booking comes to its end: $: another state expected, paid found",
    ],
    [
      "a booking that cost more than was paid",
      "update backend.bookings set total_minor_units = total_minor_units + 1 where reference = $",
      "update backend.bookings set total_minor_units = total_minor_units - 1 where reference = $",
      "a paid booking has one payment of what it costs: $",
    ],
    [
      "money kept for a booking that ended",
      "update backend.bookings set settled_payment_id = null where reference = $",
      "update backend.bookings set settled_payment_id = payment_id where reference = $",
      "a payment is refunded as was quoted, and in full when it paid for nothing: $",
    ],
    [
      "points that were earned twice",
      "update backend.bookings set points_earned = points_earned - 1 where reference = $",
      "update backend.bookings set points_earned = points_earned + 1 where reference = $",
      "points are earned once for a confirmed booking: $",
    ],
    [
      "redeemed points that paid for nothing",
      "update backend.bookings set points_redeemed = points_redeemed - 1 where points_redeemed > 0",
      "update backend.bookings set points_redeemed = points_redeemed + 1 where points_redeemed > 0",
      "redeemed points paid for a booking, or went back",
    ],
    [
      "a cancellation that took back other points than quoted",
      "update backend.cancellations set points_undone = points_undone + 1",
      "update backend.cancellations set points_undone = points_undone - 1",
      "earned points are undone as was quoted",
    ],
    [
      "a balance that is no sum",
      "update loyalty.loyalty_accounts set balance = balance + 1",
      "update loyalty.loyalty_accounts set balance = balance - 1",
      "a balance is the sum of its transactions, and of its lots",
    ],
    [
      "a refund that waits for a dispute which has ended",
      "update payment.disputes set status = 'won'",
      "update payment.disputes set status = 'needs_response'",
      "a refund waits for an open dispute, or a lost one made up for it",
    ],
    [
      "a payment that Stripe does not know",
      "update payment.payment_transactions set paid_intent_id = 'x' || paid_intent_id where booking_reference = $",
      "update payment.payment_transactions set paid_intent_id = substr(paid_intent_id, 2) where booking_reference = $",
      "every charge is at Stripe and here: $",
    ],
  ]

  for (const [what, breach, repair, named] of BREACHES) {
    test(what, async () => {
      const change = (statement: string) => database.sql.unsafe(statement.replaceAll("$", `'${reference}'`))
      await change(breach)
      const { code, output } = await reconcile("--json")
      await change(repair)
      expect(code).toBe(1)
      const { differences } = JSON.parse(output)
      const lines = differences.map(
        (each: Record<string, string>) =>
          `${each.check}: ${each.subject}: ${each.expected} expected, ${each.found} found`,
      )
      expect(lines.join("\n")).toContain(named.replaceAll("$", reference))
    })
  }

  test("and when all is put right again, everything agrees", async () => {
    expect((await reconcile()).output).toEndWith("no differences\n")
  })
})

test("what moved less than a minute ago is no difference", async () => {
  await database.sql`update backend.bookings set status = 'paid', update_time = now() where reference = ${reference}`
  const { code } = await reconcile("--under-way", "60")
  await database.sql`update backend.bookings set status = 'confirmed' where reference = ${reference}`
  expect(code).toBe(0)
})

test("an option that it does not know is refused", async () => {
  const { code, errors } = await reconcile("--repair")
  expect(code).toBe(1)
  expect(errors).toContain("usage: bun run reconcile")
})

async function reconcile(...args: string[]) {
  const underWay = args.includes("--under-way") ? [] : ["--under-way", "0"]
  const child = Bun.spawn([process.execPath, join(ROOT, "scripts/reconcile.ts"), ...underWay, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...world.environment, DATABASE_URL: world.database.url },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, output, errors }
}

/** Ada pays one booking by card, one by card and points, cancels a third and a disputed one, and leaves one unpaid. */
async function makeHistory() {
  const token = await register("ada")
  const { user } = await ask("GET", "/api/auth/me", undefined, token)
  await register("grace")
  await database.sql`update backend.users set staff = true where username = 'grace'`
  const login = { username: "grace", password: "correct horse battery" }
  const staff = (await ask("POST", "/api/auth/login", login)).access_token
  await ask("POST", "/api/loyalty/earn", { user_id: user.id, points: 2000, reason: "a lost bag" }, staff)
  reference = await book(token)
  await pay(reference, token)
  const withPoints = await book(token)
  await ask("POST", "/api/payments/create-intent", { booking_reference: withPoints, points: 1000 }, token)
  await pay(withPoints, token)
  for (const card of ["pm_card_visa", "pm_card_createDispute"]) {
    const cancelled = await book(token)
    await pay(cancelled, token, card)
    const { quote_token } = await ask("POST", `/api/bookings/${cancelled}/cancellation-quote`, {}, token)
    await ask("POST", `/api/bookings/${cancelled}/cancel`, { quote_token }, token)
  }
  await book(token)
}

const register = async (username: string): Promise<string> => {
  const person = { username, email: `${username}@example.com`, first_name: "Ada", last_name: "Lovelace" }
  return (await ask("POST", "/api/auth/register", { ...person, password: "correct horse battery" })).access_token
}

async function book(token: string): Promise<string> {
  const departDate = Temporal.Now.plainDateISO("UTC").add({ days: 60 })
  const found = await ask("GET", `/api/flights/search?origin=LHR&destination=JFK&depart_date=${departDate}`)
  const order = {
    offer_tokens: [found.slices[0].offers.at(-1).token],
    passengers: [{ type: "adult", given_name: "Ada", family_name: "Lovelace", birth_date: "1990-12-10" }],
    contact: { email: "ada@example.com" },
  }
  return (await ask("POST", "/api/flights/book", order, token)).booking.reference
}

const pay = (booking_reference: string, token: string, payment_method = "pm_card_visa") =>
  ask("POST", "/api/payments/process", { booking_reference, payment_method }, token)

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
