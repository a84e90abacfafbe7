import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "./ids.ts"
import { cutPage, parsePage } from "./pages.ts"
import { connectDatabase, type Database } from "./sql.ts"
import { createTestDatabase, type TestDatabase } from "./testing.ts"

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await createTestDatabase()
  database = connectDatabase({ url: home.url, connections: 2 })
  await database.sql`create table entries (id uuid primary key, create_time timestamptz not null)`
})
afterAll(async () => {
  await database.close()
  await home.drop()
})

async function list(request: { pageSize: number; pageToken: string }) {
  const page = parsePage(request, ["instant", "uuid"])
  const { sql } = database
  const rows = await sql<{ id: string; position: string }[]>`
    select id, create_time::text as position
    from entries
    where true ${page.after ? sql`and (create_time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]})` : sql``}
    order by create_time desc, id desc
    limit ${page.size + 1}`
  return cutPage(rows, page, (row) => [row.position, row.id])
}

test("pages name every row once, also rows a microsecond apart and while others come and go", async () => {
  const ids = Array.from({ length: 25 }, newId)
  for (const [index, id] of ids.entries()) {
    const micros = Math.floor(index / 2) // two rows each have the same instant
    await database.sql`insert into entries values (${id}, ${`2027-01-01 00:00:00.${String(micros).padStart(6, "0")}+00`}::text::timestamptz)`
  }
  const seen: string[] = []
  let pageToken = ""
  do {
    const { items, nextPageToken } = await list({ pageSize: 4, pageToken })
    expect(items.length).toBeLessThanOrEqual(4)
    seen.push(...items.map((item) => item.id))
    pageToken = nextPageToken
    await database.sql`insert into entries values (${newId()}, '2028-01-01')` // newer than the page: not part of this walk
    await database.sql`delete from entries where id = ${seen[0]!}`
  } while (pageToken !== "")
  expect(seen.sort()).toEqual([...ids].sort())
})

const refusal = (request: { pageSize: number; pageToken: string }): unknown => {
  try {
    return parsePage(request, ["instant", "uuid"])
  } catch (error) {
    return error
  }
}

test("sizes: 0 is 20, at most 100", () => {
  expect(parsePage({ pageSize: 0, pageToken: "" }, ["uuid"])).toEqual({ size: 20, after: undefined })
  expect(parsePage({ pageSize: 100, pageToken: "" }, ["uuid"]).size).toBe(100)
  for (const pageSize of [-1, 101]) {
    expect(refusal({ pageSize, pageToken: "" })).toMatchObject({
      reason: "INVALID_REQUEST",
      fields: [{ field: "page_size" }],
    })
  }
})

const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const ID = newId()
const TIME = "2027-01-01 00:00:00.000001+00"

test("a token that this list did not give is named, and never reaches PostgreSQL", () => {
  expect(parsePage({ pageSize: 1, pageToken: token([TIME, ID]) }, ["instant", "uuid"]).after).toEqual([TIME, ID])
  const wrong = [
    "garbage",
    token([ID]),
    token([TIME, ID, ID]),
    token([TIME, "x"]),
    token([TIME, 1]),
    token(["2027-02-31 00:00:00+00", ID]),
    token(["infinity", ID]),
    token({ 0: TIME, 1: ID, length: 2 }),
    `${token([TIME, ID])}=`,
    "x".repeat(10_000),
  ]
  for (const pageToken of wrong) {
    expect(refusal({ pageSize: 1, pageToken })).toMatchObject({
      reason: "INVALID_REQUEST",
      fields: [{ field: "page_token" }],
    })
  }
  expect(refusal({ pageSize: -1, pageToken: "x" })).toMatchObject({
    fields: [{ field: "page_size" }, { field: "page_token" }],
  })
})

test("a number key fits int8", () => {
  expect(parsePage({ pageSize: 1, pageToken: token(["123456789012345678"]) }, ["number"]).after).toEqual([
    "123456789012345678",
  ])
  expect(() => parsePage({ pageSize: 1, pageToken: token(["9999999999999999999"]) }, ["number"])).toThrow()
  expect(() => parsePage({ pageSize: 1, pageToken: token(["-1"]) }, ["number"])).toThrow()
})
