import { readdir } from "node:fs/promises"
import { join } from "node:path"
import postgres from "postgres"

export const SERVICES = ["backend", "payment", "loyalty"] as const
export type ServiceName = (typeof SERVICES)[number]

export interface MigrateOptions {
  /** An administrator's connection to the database itself, not to `postgres`. */
  url: string
  service: ServiceName
  /** Password of the service's own role. */
  password: string
  /** List what is missing, change nothing. */
  dryRun?: boolean
}

/**
 * Brings one service's schema up to date and answers the names of the migrations that were run (or, dry, would be).
 * The role and the schema carry the service's name; a role sees its own schema only. All of it is one transaction;
 * two callers at once wait for each other. A migration that was edited after it ran is an error.
 */
export async function migrate({ url, service, password, dryRun = false }: MigrateOptions): Promise<string[]> {
  const admin = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 })
  try {
    if (!dryRun) await createRole(admin, service, password)
    const [exists] = await admin`select 1 from pg_namespace where nspname = ${service}`
    if (dryRun && !exists) return (await readMigrations(service)).map((migration) => migration.name)
    return await retryOnRace(async () => {
      await admin.unsafe(`create schema if not exists ${service} authorization ${service}`)
      return runMigrations(admin, service, dryRun)
    })
  } finally {
    await admin.end({ timeout: 2 })
  }
}

/** The URL of the service's own role beside the administrator's. */
export function serviceUrl(adminUrl: string, service: ServiceName, password: string): string {
  const url = new URL(adminUrl)
  url.username = service
  url.password = encodeURIComponent(password)
  return url.toString()
}

type Admin = postgres.Sql

async function createRole(admin: Admin, service: ServiceName, password: string) {
  const quoted = `'${password.replaceAll("'", "''")}'`
  const [exists] = await admin`select 1 from pg_roles where rolname = ${service}`
  if (!exists) {
    await admin.unsafe(`create role ${service} login`).catch((error) => {
      if (!["42710", "23505"].includes(error.code)) throw error // somebody else was faster
    })
  }
  // Settings of the role and not of the connection: PgBouncer refuses them at start-up.
  for (const statement of [
    `alter role ${service} login password ${quoted}`,
    `alter role ${service} set search_path = ${service}`,
    `alter role ${service} set statement_timeout = '10s'`,
    `alter role ${service} set lock_timeout = '5s'`,
    `alter role ${service} set idle_in_transaction_session_timeout = '15s'`,
    // Every statement finds few rows by a key, whatever its parameters: planning it anew each time costs more than it.
    `alter role ${service} set plan_cache_mode = force_generic_plan`,
  ]) {
    await retryOnRace(() => admin.unsafe(statement))
  }
}

/**
 * Two migrators that alter the same role at once: "tuple concurrently updated" (XX000). Two that create the same thing:
 * `if not exists` does not help, a unique index of the catalogue refuses the second one (23505).
 */
async function retryOnRace<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      const { code, schema_name } = error as Partial<postgres.PostgresError>
      const isRace = code === "XX000" || (code === "23505" && schema_name === "pg_catalog")
      if (!isRace || attempt >= 20) throw error
      await Bun.sleep(25 * attempt)
    }
  }
}

async function runMigrations(admin: Admin, service: ServiceName, dryRun: boolean): Promise<string[]> {
  const migrations = await readMigrations(service)
  await admin.unsafe("begin")
  try {
    await admin.unsafe(`set local role ${service}`)
    await admin.unsafe(`set local search_path = ${service}`)
    await admin.unsafe(
      "create table if not exists migrations (name text primary key, checksum text not null, run_time timestamptz not null default now())",
    )
    await admin.unsafe("lock table migrations in exclusive mode")
    const done = new Map(
      (await admin<{ name: string; checksum: string }[]>`select name, checksum from migrations`).map((row) => [
        row.name,
        row.checksum,
      ]),
    )
    const missing = migrations.filter((migration) => !done.has(migration.name))
    for (const { name, checksum } of migrations) {
      if (done.has(name) && done.get(name) !== checksum)
        throw new Error(`${service}: migration ${name} was changed after it ran`)
    }
    for (const { name, checksum, statements } of dryRun ? [] : missing) {
      for (const statement of statements) {
        await admin.unsafe(statement).catch((error) => {
          throw new Error(`${service}: ${name}: ${error.message} in: ${statement.slice(0, 200)}`)
        })
      }
      await admin`insert into migrations (name, checksum) values (${name}, ${checksum})`
    }
    await admin.unsafe(dryRun ? "rollback" : "commit")
    return missing.map((migration) => migration.name)
  } catch (error) {
    await admin.unsafe("rollback")
    throw error
  }
}

async function readMigrations(service: ServiceName) {
  const folder = join(import.meta.dir, "../..", service, "migrations")
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await Bun.file(join(folder, name)).text()
      return {
        name,
        checksum: new Bun.CryptoHasher("sha256").update(text).digest("hex"),
        statements: splitStatements(text),
      }
    }),
  )
}

/** Splits at the semicolons that stand outside quotes and comments: Citus wants one statement a call. */
export function splitStatements(text: string): string[] {
  const withoutComments = text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    /^['"]/.test(part) ? part : " ",
  )
  const statements = withoutComments.match(/(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^;'"])+/g) ?? []
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "")
}
