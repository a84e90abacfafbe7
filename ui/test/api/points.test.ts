import { afterAll, beforeAll, expect, test } from "bun:test"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { startWorld, type World } from "@airside/kernel/testing"
import { type Ask, client, registered } from "./world.ts"

let world: World
let database: Database
let staff: Ask
let staffCookie: string

beforeAll(async () => {
  world = await startWorld([])
  await world.run("seed-loyalty")
  for (const name of ["loyalty", "backend", "ui"] as const) await world.start(name)
  database = connectDatabase({ url: world.database.url, connections: 2, name: "points-tests" })
  await registered(world.uiUrl, "grace")
  await database.sql`update backend.users set staff = true where username_key = 'grace'`
  staffCookie = await logIn("grace")
  staff = client(world.uiUrl, staffCookie.replace("airside_session=", ""))
}, 60_000)
afterAll(async () => {
  await database?.close()
  await world?.stop()
})

test("staff give points and take them off, with a reason; nobody else does, and never below zero", async () => {
  const { ask, userId } = await customer("ada")
  const adjust = (who: Ask, points: number) =>
    who("POST", "/api/loyalty/adjust", { user_id: userId, points, reason: "Lost bag" })
  expect((await adjust(ask, 500)).body.reason).toBe("NOT_ALLOWED")
  expect((await adjust(client(world.uiUrl), 500)).status).toBe(401)
  expect((await adjust(staff, 500)).body.transaction).toMatchObject({ kind: "adjust", points: 500, balance_after: 500 })
  expect((await adjust(staff, -200)).body.account).toMatchObject({ balance: 300, lifetime: 0 })
  expect((await adjust(staff, -301)).body.reason).toBe("NOT_ENOUGH_POINTS")
  expect((await adjust(staff, 0)).status).toBe(422)
  const statement = async (who: Ask, whose: string) =>
    (await who("GET", `/api/loyalty/history/${whose}`)).body.transactions as Record<string, unknown>[]
  expect((await statement(ask, "me")).map((row) => [row.points, row.balance_after, row.adjusted_by])).toEqual([
    [-200, 300, undefined],
    [500, 500, undefined],
  ])
  const { user } = (await staff("GET", "/api/auth/me")).body
  expect((await statement(staff, userId)).map((row) => row.adjusted_by)).toEqual([user.id, user.id])
})

test("the page for staff adjusts once however often its form is sent, and keeps what was typed wrong", async () => {
  const { userId, cookie } = await customer("mary")
  expect((await get("/staff/points")).headers.get("location")).toBe("/login?next=%2Fstaff%2Fpoints")
  expect((await get("/staff/points", cookie)).status).toBe(403)
  expect((await get("/staff/points?customer=QQQQQQ", staffCookie)).status).toBe(404)
  const form = { request_id: crypto.randomUUID(), user_id: userId, points: "1,500", reason: "Sorry for the <lost> bag" }
  expect((await post({ ...form, points: "some" })).status).toBe(422)
  const refused = await post({ ...form, request_id: crypto.randomUUID(), points: "-1" })
  expect([refused.status, (await refused.text()).includes('value="Sorry for the &lt;lost&gt; bag"')]).toEqual([
    409,
    true,
  ])
  const sent = await Promise.all([post(form), post(form), post(form)])
  expect(sent.map((answer) => answer.headers.get("location"))).toEqual(
    Array(3).fill(`/staff/points?customer=${userId}`),
  )
  const page = await (await get(`/staff/points?customer=${userId}`, staffCookie)).text()
  expect(page).toContain("1,500 points, worth $15.00")
  expect(page.match(/Sorry for the &lt;lost&gt; bag/g)).toHaveLength(1)
})

test("while loyalty is silent the form stays, and the same request is sent again", async () => {
  const { userId } = await customer("joan")
  const form = { request_id: crypto.randomUUID(), user_id: userId, points: "70", reason: "Goodwill" }
  await world.kill("loyalty", "SIGKILL")
  try {
    const answer = await post(form)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain(`name="request_id" value="${form.request_id}"`)
  } finally {
    await world.start("loyalty")
  }
  expect([(await post(form)).status, (await post(form)).status]).toEqual([303, 303])
  expect((await staff("GET", `/api/loyalty/account/${userId}`)).body.account.balance).toBe(70)
})

test("points that lapse within 30 days are announced on the page and in JSON", async () => {
  const { ask, userId, cookie } = await customer("edith")
  await staff("POST", "/api/loyalty/adjust", { user_id: userId, points: 1250, reason: "Welcome" })
  expect(await (await get("/account/loyalty", cookie)).text()).not.toContain("about to lapse")
  await database.sql`update loyalty.lots set expire_time = now() + interval '10 days' where user_id = ${userId}`
  const page = await (await get("/account/loyalty", cookie)).text()
  expect(page).toMatch(/Points about to lapse[\s\S]*1,250 points lapse on/)
  const { account } = (await ask("GET", "/api/loyalty/account/me")).body
  expect(account.expiring_soon).toEqual([{ points: 1250, expire_time: expect.stringMatching(/^\d{4}-/) }])
})

test("a statement of 10 000 rows downloads whole, in UTF-8, and adds up; no text in it is a formula", async () => {
  const { userId, cookie } = await customer("rosalind")
  await staff("POST", "/api/loyalty/adjust", { user_id: userId, points: 1, reason: '=HYPERLINK("x", "Zürich")' })
  await database.sql`
    insert into loyalty.points_transactions (user_id, id, sequence, kind, points, balance_after, adjusted_by, description)
    select ${userId}, gen_random_uuid(), number, 'adjust', 1, number, ${userId}, 'A point'
    from generate_series(2, 10000) as number`
  const answer = await get("/account/loyalty/statement.csv", cookie)
  expect(answer.headers.get("content-type")).toContain("text/csv; charset=utf-8")
  expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="airside-points-[\d-]+\.csv"$/)
  const bytes = await answer.bytes()
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const lines = new TextDecoder().decode(bytes).split("\r\n")
  expect(lines[0]).toBe("Time,Kind,Description,Booking,Points,Balance,Valid until")
  expect(lines.at(-1)).toBe("")
  const rows = lines.slice(1, -1)
  expect(rows.slice(0, -1).map((line) => line.split(",").slice(4, 6))).toEqual(
    Array.from({ length: 9999 }, (_, index) => ["1", String(10_000 - index)]),
  )
  expect(rows.at(-1)).toContain(`,Adjusted,"'=HYPERLINK(""x"", ""Zürich"")",,1,1,`)
  expect((await get("/account/loyalty/statement.csv")).headers.get("location")).toStartWith("/login?next=")
})

async function customer(username: string): Promise<{ ask: Ask; userId: string; cookie: string }> {
  const ask = await registered(world.uiUrl, username)
  return { ask, userId: (await ask("GET", "/api/auth/me")).body.user.id, cookie: await logIn(username) }
}

/** The session's cookie; its value is the access token. */
async function logIn(username: string): Promise<string> {
  const login = { username, password: "correct horse battery" }
  return `airside_session=${(await client(world.uiUrl)("POST", "/api/auth/login", login)).body.access_token}`
}

const get = (path: string, cookie = "") => fetch(world.uiUrl + path, { redirect: "manual", headers: { cookie } })

const post = (form: Record<string, string>) =>
  fetch(`${world.uiUrl}/staff/points`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: staffCookie },
    body: new URLSearchParams(form),
  })
