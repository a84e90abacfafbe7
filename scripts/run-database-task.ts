import { parseArgs } from "node:util"
import { DataFolderTaken, takeDataFolder } from "./launcher/data-folder.ts"
import { startPostgres } from "./launcher/postgres.ts"
import { completeEnvironment, type Installation, readInstallation } from "./launcher/settings.ts"

/** The command line is not as the usage says. */
export class BadArguments extends Error {}

export interface DatabaseTask<O> {
  /** Every setting; DATABASE_URL is the administrator's connection. */
  environment: Record<string, string>
  dryRun: boolean
  options: O
  /** Shown on a terminal only. */
  onProgress: (done: number, all: number) => void
}

type StringOptions = Record<string, { type: "string" }>

/**
 * The frame of a script that prepares the database: arguments, server, progress, summary (or, with --json, the result as
 * it is), exit code 0 or 1. An embedded server that does not run is started for as long as the task takes. Does not return.
 */
export async function runDatabaseTask<O extends StringOptions, R extends object>(
  usage: string,
  ownOptions: O,
  {
    run,
    summary,
  }: { run: (task: DatabaseTask<{ [K in keyof O]?: string }>) => Promise<R>; summary: (result: R) => string[] },
): Promise<never> {
  try {
    const { dryRun, json, options } = readArguments(ownOptions)
    const result = await withDatabase((environment) => run({ environment, dryRun, options, onProgress }))
    if (json) console.log(JSON.stringify({ dry_run: dryRun, ...result }, null, 2))
    else for (const line of [...summary(result), ...(dryRun ? ["dry run: nothing was changed"] : [])]) console.log(line)
    process.exit(0)
  } catch (error) {
    console.error(explain(error, usage))
    process.exit(1)
  }
}

function readArguments<O extends StringOptions>(ownOptions: O) {
  try {
    const { values } = parseArgs({
      args: process.argv.slice(2),
      options: { ...ownOptions, "dry-run": { type: "boolean" }, json: { type: "boolean" } },
    })
    const options = values as { [K in keyof O]?: string } & { "dry-run"?: boolean; json?: boolean }
    return { dryRun: options["dry-run"] ?? false, json: options.json ?? false, options }
  } catch (error) {
    throw new BadArguments((error as Error).message)
  }
}

/** Runs the work with every setting; an embedded server that does not run is started for as long as that takes. */
export async function withDatabase<R>(work: (environment: Record<string, string>) => Promise<R>): Promise<R> {
  const installation = readInstallation()
  if (!installation.embedded) return work(await completeEnvironment(installation))
  const stop = await startUnlessRunning(installation)
  try {
    return await work(await completeEnvironment(installation))
  } finally {
    await stop()
  }
}

/** Whoever has the data folder runs the server on it. */
async function startUnlessRunning({ config, dataDir }: Installation): Promise<() => Promise<void>> {
  try {
    const folder = takeDataFolder(dataDir)
    const server = await startPostgres({
      dataDir,
      port: config.DATABASE_PORT,
      user: config.POSTGRES_USER,
      password: config.POSTGRES_PASSWORD,
      database: config.POSTGRES_DB,
    })
    return async () => {
      await server.stop()
      folder.release()
    }
  } catch (error) {
    if (!(error instanceof DataFolderTaken)) throw error
    return async () => {}
  }
}

/** A counter on a terminal; nothing elsewhere. */
export function onProgress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(done < all ? `\r${done} of ${all}` : "\r\x1b[K")
}

/** What an operator can do about it. */
export function explain(error: unknown, usage: string): string {
  const { message, code, reason } = error as Error & { code?: string; reason?: string }
  if (error instanceof BadArguments) return `${message}\nusage: ${usage}`
  if (reason === "DATABASE_UNAVAILABLE" || code === "ECONNREFUSED" || code === "CONNECT_TIMEOUT") {
    return "the database cannot be reached: look at DATABASE_URL, or at the server it names"
  }
  if (code === "42P01" || code === "3F000") return "the database has no tables yet: run bun run db:migrate"
  return message
}
