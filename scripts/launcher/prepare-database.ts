import { readdirSync } from "node:fs"
import { migrate, SERVICES, type ServiceName } from "@airside/kernel/migrate"
import { SQL } from "bun"
import { type Running, startChild } from "./child.ts"
import { ROOT } from "./settings.ts"

/** Tables that a fresh installation fills, and the script that fills each. */
const SEEDS = [
  { table: "backend.flights", script: "scripts/db-seed.ts" },
  { table: "loyalty.loyalty_tiers", script: "scripts/seed-loyalty.ts" },
]

/** Brings every service's schema up to date and seeds what is empty. */
export function prepareDatabase(environment: Record<string, string>, print: (line: string) => void): Running {
  let seeding: Running | undefined
  let stopped = false

  async function prepare() {
    await Promise.all(SERVICES.map((service) => migrateService(environment, service, print)))
    for (const { table, script } of SEEDS) {
      if (stopped || !(await isEmpty(environment.DATABASE_URL!, table))) continue
      const name = script.replace(/^scripts\/|\.ts$/g, "")
      seeding = startChild({ name, script, environment }, print)
      const ending = await seeding.ended
      if (ending.code !== 0) return { ...ending, how: `${name}: ${ending.how}` }
    }
    return { code: stopped ? null : 0, how: "stopped", lastLines: [] }
  }

  const stop = () => {
    stopped = true
    seeding?.stop()
  }
  const ended = prepare().catch((error: Error) => ({ code: null, how: error.message, lastLines: [] }))
  return { ended, stop, kill: () => seeding?.kill() }
}

/** Migrations that have not run yet, as `service/name`. Only looks. */
export async function pendingMigrations(administratorUrl: string): Promise<string[]> {
  const sql = new SQL(administratorUrl, { max: 1 })
  try {
    const pending: string[] = []
    for (const service of SERVICES) {
      const names = readdirSync(`${ROOT}/services/${service}/migrations`).sort()
      const [found] = await sql`select to_regclass(${`${service}.migrations`}) as table`
      const rows: { name: string }[] = found.table ? await sql`select name from ${sql(`${service}.migrations`)}` : []
      const run = new Set(rows.map(({ name }) => name))
      pending.push(...names.filter((name) => !run.has(name)).map((name) => `${service}/${name}`))
    }
    return pending
  } finally {
    await sql.close()
  }
}

async function migrateService(
  environment: Record<string, string>,
  service: ServiceName,
  print: (line: string) => void,
) {
  const role = new URL(environment[`${service.toUpperCase()}_DATABASE_URL`]!)
  const password = decodeURIComponent(role.password)
  const names = await migrate({ url: environment.DATABASE_URL!, service, password })
  if (names.length > 0) print(`database | ${service}: ${names.join(", ")}`)
}

async function isEmpty(url: string, table: string): Promise<boolean> {
  const sql = new SQL(url, { max: 1 })
  try {
    const found = await sql`select 1 from ${sql(table)} limit 1`
    return found.length === 0
  } finally {
    await sql.close()
  }
}
