import { migrate, SERVICES, type ServiceName } from "@airside/kernel/migrate"
import { SQL } from "bun"
import { type Running, startChild } from "./child.ts"

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

/** Migrations that have not run yet, as `service/name`. */
export async function pendingMigrations(environment: Record<string, string>): Promise<string[]> {
  const pending = await Promise.all(
    SERVICES.map(async (service) => {
      const names = await migrate({ ...migrationOf(environment, service), dryRun: true })
      return names.map((name) => `${service}/${name}`)
    }),
  )
  return pending.flat()
}

async function migrateService(
  environment: Record<string, string>,
  service: ServiceName,
  print: (line: string) => void,
) {
  const names = await migrate(migrationOf(environment, service))
  if (names.length > 0) print(`database | ${service}: ${names.join(", ")}`)
}

function migrationOf(environment: Record<string, string>, service: ServiceName) {
  const role = new URL(environment[`${service.toUpperCase()}_DATABASE_URL`]!)
  return { url: environment.DATABASE_URL!, service, password: decodeURIComponent(role.password) }
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
