import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { serviceUrl } from "@airside/kernel/migrate"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { TEST_ROLE_PASSWORD } from "@airside/kernel/testing"

const name = `test_${crypto.randomUUID().replaceAll("-", "")}`
const dataDir = mkdtempSync(join(tmpdir(), "airside-seed-"))
let server: Database
let database: Database
let environment: Record<string, string>

// An empty database, not a clone of the template: what is tested is how it fills.
beforeAll(async () => {
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) throw new Error("these tests need PostgreSQL; run them with: bun run test scripts/db-seed.test.ts")
  server = connectDatabase({ url: serverUrl, connections: 1 })
  await server.sql`create database ${server.sql(name)}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  environment = { DATABASE_URL: url.toString(), DATA_DIR: dataDir }
  for (const service of ["backend", "payment", "loyalty"] as const) {
    environment[`${service.toUpperCase()}_DATABASE_URL`] = serviceUrl(url.toString(), service, TEST_ROLE_PASSWORD)
  }
  database = connectDatabase({ url: url.toString(), connections: 1 })
})

afterAll(async () => {
  await database.close()
  await server.sql`drop database ${server.sql(name)} with (force)`
  await server.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function run(script: string, ...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, script), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, error }
}

const countOf = async (table: string) => {
  const [row] = await database.sql<{ rows: bigint }[]>`select count(*) as rows from ${database.sql(table)}`
  return Number(row!.rows)
}

test("before it is migrated nothing can be seeded, and the answer says what to run", async () => {
  for (const script of ["db-seed.ts", "seed-loyalty.ts"]) {
    const { code, error } = await run(script)
    expect(error.trim()).toBe("the database has no tables yet: run bun run db:migrate")
    expect(code).toBe(1)
  }
})

test("migrating: dry it changes nothing, then it does all of it, then nothing is left", async () => {
  const dry = JSON.parse((await run("db-migrate.ts", "--dry-run", "--json")).out)
  expect(dry.dry_run).toBe(true)
  const schemas =
    await database.sql`select nspname from pg_namespace where nspname in ('backend', 'payment', 'loyalty')`
  expect(schemas).toHaveLength(0)
  const real = JSON.parse((await run("db-migrate.ts", "--json")).out)
  expect(real.migrations).toEqual(dry.migrations)
  expect(real.migrations.loyalty).toContain("0001_points.sql")
  expect((await run("db-migrate.ts")).out).toBe("backend: up to date\npayment: up to date\nloyalty: up to date\n")
})

test("seeding: dry it tells what would come, then it comes, then nothing is missing", async () => {
  const options = ["--seed", "7", "--daily-flights", "40", "--json"]
  const dry = JSON.parse((await run("db-seed.ts", ...options, "--dry-run")).out)
  expect(await countOf("backend.flights")).toBe(0)
  expect(await countOf("loyalty.loyalty_tiers")).toBe(0)
  const real = JSON.parse((await run("db-seed.ts", ...options)).out)
  expect(real).toEqual({ ...dry, dry_run: false })
  expect(await countOf("backend.flights")).toBe(real.flights)
  expect(await countOf("backend.places")).toBe(real.places)
  expect(real).toMatchObject({ tiers: 4 })
  expect(real.places).toBeGreaterThanOrEqual(200)
  expect(real.flights).toBeGreaterThan(0)
  const again = JSON.parse((await run("db-seed.ts", ...options)).out)
  expect(again).toEqual({ dry_run: false, places: 0, carriers: 0, flights: 0, tiers: 0 })
})

test("the tiers alone: what is missing comes back", async () => {
  expect((await run("seed-loyalty.ts")).out).toBe("every tier is there\n")
  await database.sql`delete from loyalty.loyalty_tiers where name = 'silver'`
  expect((await run("seed-loyalty.ts", "--dry-run")).out).toBe("added: silver\ndry run: nothing was changed\n")
  expect(JSON.parse((await run("seed-loyalty.ts", "--json")).out)).toEqual({ dry_run: false, tiers: ["silver"] })
})

test("a wrong command line is answered with the usage", async () => {
  for (const args of [["--fast"], ["--daily-flights", "many"], ["--seed", "-1"]]) {
    const { code, error } = await run("db-seed.ts", ...args)
    expect(error).toContain("usage: bun run db:seed")
    expect(code).toBe(1)
  }
})
