/**
 * `bun run db:reset [--yes]`: drops everything that Airside keeps, then migrates and seeds anew. Refused while Airside
 * runs and in production; with a DATABASE_URL it takes `--yes`, for that server is not Airside's own.
 */

import { rmSync } from "node:fs"
import { join } from "node:path"
import { SERVICES } from "@airside/kernel/migrate"
import { SQL } from "bun"
import { takeDataFolder } from "./launcher/data-folder.ts"
import { type Postgres, startPostgres } from "./launcher/postgres.ts"
import { prepareDatabase } from "./launcher/prepare-database.ts"
import { completeEnvironment, type Installation, readEnvironment, readInstallation } from "./launcher/settings.ts"

try {
  await reset(process.argv.includes("--yes"))
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

async function reset(yes: boolean) {
  if (readEnvironment().NODE_ENV === "production") throw new Error("NODE_ENV is production: nothing is dropped there")
  const installation = readInstallation()
  const { config, dataDir, embedded, sandbox } = installation
  const folder = takeDataFolder(dataDir)
  if (!yes && !agreed(installation)) throw new Error("nothing was dropped")

  const environment = await completeEnvironment(installation)
  const server: Postgres | undefined = embedded
    ? await startPostgres({
        dataDir,
        port: config.DATABASE_PORT,
        user: config.POSTGRES_USER,
        password: config.POSTGRES_PASSWORD,
        database: config.POSTGRES_DB,
      })
    : undefined
  try {
    await dropSchemas(environment.DATABASE_URL!)
    if (sandbox) {
      for (const part of ["", "-wal", "-shm"]) rmSync(join(dataDir, `stripe-sandbox.sqlite${part}`), { force: true })
    }
    const ending = await prepareDatabase(environment, console.log).ended
    if (ending.code !== 0) throw new Error(`the database is empty, and filling it failed: ${ending.how}`)
    console.log("the database is as after a first start")
  } finally {
    await server?.stop()
    folder.release()
  }
}

function agreed({ config, embedded, dataDir }: Installation): boolean {
  if (!embedded) throw new Error(`DATABASE_URL names a server of your own: --yes drops Airside's schemas there`)
  if (!process.stdin.isTTY) throw new Error("this drops all accounts, bookings and payments: say --yes")
  return confirm(`Drop all accounts, bookings and payments of ${config.POSTGRES_DB} in ${dataDir}?`)
}

async function dropSchemas(url: string) {
  const sql = new SQL(url, { max: 1 })
  try {
    for (const service of SERVICES) await sql`drop schema if exists ${sql(service)} cascade`
  } finally {
    await sql.close()
  }
}
