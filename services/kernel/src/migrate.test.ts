import { afterEach, beforeAll, expect, test } from "bun:test"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { migrate, SERVICES, serviceUrl, splitStatements } from "./migrate.ts"
import { connectDatabase, type Sql } from "./sql.ts"
import { TEST_ROLE_PASSWORD } from "./testing.ts"

const opened: (() => Promise<unknown>)[] = []
let server: string
beforeAll(() => {
  server = process.env.TEST_DATABASE_URL!
})
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

function open(url: string): Sql {
  const database = connectDatabase({ url, connections: 1 })
  opened.push(database.close)
  return database.sql
}

async function emptyDatabase() {
  const name = `migrate_${crypto.randomUUID().replaceAll("-", "")}`
  const admin = open(server)
  await admin`create database ${admin(name)}`
  opened.push(async () => admin`drop database ${admin(name)} with (force)`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.toString(), sql: open(url.toString()) }
}

const run = (url: string, dryRun = false) =>
  migrate({ url, service: "payment", password: TEST_ROLE_PASSWORD, dryRun }).catch((error) => error.message as string)

const namesOf = async (service: string) =>
  (await readdir(join(import.meta.dir, "../..", service, "migrations"))).filter((name) => name.endsWith(".sql")).sort()

const tables = async (sql: Sql) => (await sql`select 1 from pg_tables where schemaname = 'payment'`).length

test("a dry run lists what is missing and changes nothing; a second run has nothing to do", async () => {
  const { url, sql } = await emptyDatabase()
  const names = await namesOf("payment")
  expect(await run(url, true)).toEqual(names)
  expect(await sql`select 1 from pg_namespace where nspname = 'payment'`).toHaveLength(0)
  expect(await run(url)).toEqual(names)
  const after = await tables(sql)
  expect(after).toBeGreaterThan(4)
  expect(await run(url)).toEqual([])
  expect(await run(url, true)).toEqual([])
  expect(await tables(sql)).toBe(after)
})

test("two at once wait for each other: one runs everything, the others nothing", async () => {
  for (let round = 0; round < 3; round++) {
    const { url } = await emptyDatabase()
    const outcomes = await Promise.all([run(url), run(url), run(url)])
    expect(outcomes.map(String).sort()).toEqual(["", "", (await namesOf("payment")).join(",")])
  }
})

test("a migration that was edited after it ran is an error that names it", async () => {
  const { url, sql } = await emptyDatabase()
  await run(url)
  await sql`update payment.migrations set checksum = 'of another text' where name like '0001%'`
  expect(await run(url)).toMatch(/^payment: migration 0001\S+\.sql was changed after it ran$/)
})

test("a statement that fails leaves nothing behind and is named", async () => {
  const { url, sql } = await emptyDatabase()
  await run(url)
  await sql`drop schema payment cascade`
  await sql`create schema payment authorization payment`
  await sql`create table payment.answers (in_the_way int)`
  expect(await run(url)).toMatch(/^payment: \d{4}\S+\.sql: .*already exists in: create table answers/)
  expect(await tables(sql)).toBe(1)
})

test("a role sees its own schema only", async () => {
  const { url } = await emptyDatabase()
  for (const service of SERVICES) await migrate({ url, service, password: TEST_ROLE_PASSWORD })
  for (const service of SERVICES) {
    const own = open(serviceUrl(url, service, TEST_ROLE_PASSWORD))
    expect(
      await own`
        select current_schema() as schema, current_setting('lock_timeout') as lock,
               current_setting('plan_cache_mode') as plans`,
    ).toMatchObject([{ schema: service, lock: "5s", plans: "force_generic_plan" }])
    expect(await own`select count(*) from answers`).toHaveLength(1)
    for (const other of SERVICES.filter((each) => each !== service)) {
      const error = await own`select * from ${own(other)}.answers`.catch((each) => each)
      expect(error).toMatchObject({ code: "42501" })
    }
  }
})

test("statements are split outside of quotes and comments", () => {
  const text = `
    -- It's a comment; not a statement.
    create table a (x text default 'semi;colon -- no comment', y text default 'it''s'); /* nor; this's */
    comment on table "odd;na""me'" is 'x';
    ;
    insert into a values ('--') -- the last one; needs no semicolon`
  expect(splitStatements(text).map((statement) => statement.replace(/\s+/g, " "))).toEqual([
    "create table a (x text default 'semi;colon -- no comment', y text default 'it''s')",
    `comment on table "odd;na""me'" is 'x'`,
    "insert into a values ('--')",
  ])
})
