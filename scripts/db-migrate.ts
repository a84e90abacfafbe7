/**
 * `bun run db:migrate [--dry-run] [--json]`: brings the schemas of backend, payment and loyalty up to date, with a role
 * for each. Exit codes: 0 done or nothing to do, 1 failed.
 */

import { migrate, SERVICES, type ServiceName } from "@airside/kernel/migrate"
import { runDatabaseTask } from "./run-database-task.ts"

/** Names of the migrations that were run (or, dry, would be), by service. */
export type Migrated = Record<ServiceName, string[]>

export interface MigrateAllOptions {
  /** The administrator's connection. */
  url: string
  /** Password of each service's role. */
  passwords: Record<ServiceName, string>
  dryRun?: boolean
}

export async function migrateAll({ url, passwords, dryRun = false }: MigrateAllOptions): Promise<Migrated> {
  const migrated: Migrated = { backend: [], payment: [], loyalty: [] }
  for (const service of SERVICES) {
    migrated[service] = await migrate({ url, service, password: passwords[service], dryRun })
  }
  return migrated
}

if (import.meta.main) {
  await runDatabaseTask(
    "bun run db:migrate [--dry-run] [--json]",
    {},
    {
      run: async ({ environment, dryRun }) => ({
        migrations: await migrateAll({ url: environment.DATABASE_URL!, passwords: passwordsOf(environment), dryRun }),
      }),
      summary: ({ migrations }) =>
        SERVICES.map((service) => `${service}: ${migrations[service].join(", ") || "up to date"}`),
    },
  )
}

function passwordsOf(environment: Record<string, string>): Record<ServiceName, string> {
  const passwordOf = (service: ServiceName) =>
    decodeURIComponent(new URL(environment[`${service.toUpperCase()}_DATABASE_URL`]!).password)
  return { backend: passwordOf("backend"), payment: passwordOf("payment"), loyalty: passwordOf("loyalty") }
}
