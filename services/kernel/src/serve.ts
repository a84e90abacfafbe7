import { type Config, ConfigError, readConfig, type SettingName } from "./config.ts"
import { rpcCredentials } from "./credentials.ts"
import { armFailpoints } from "./failpoints.ts"
import { createVerifier } from "./identity.ts"
import { leaveWithSupervisor } from "./lifeline.ts"
import { createLog, type Log } from "./log.ts"
import type { ServiceName } from "./migrate.ts"
import { type RpcServer, type Service, startRpcServer } from "./rpc-server.ts"
import { connectDatabase, type Database } from "./sql.ts"
import { startSweep } from "./sweep.ts"

/** What every service reads beside its own settings. */
type FrameSetting<Name extends ServiceName> =
  | "HOST"
  | `${Uppercase<Name>}_PORT`
  | `${Uppercase<Name>}_WEB_PORT`
  | `${Uppercase<Name>}_DATABASE_URL`
  | "DATABASE_PREPARE"
  | "DATABASE_CONNECTIONS"
  | "IDENTITY_PUBLIC_KEYS"
  | "TLS_CERTIFICATE_FILE"
  | "TLS_KEY_FILE"
  | "TLS_AUTHORITY_FILE"
  | "LOG_LEVEL"

/** What a service's context is built from. */
export interface Parts<Setting extends SettingName> {
  config: Config<Setting>
  database: Database
  log: Log
  /** How this process calls others. */
  clientCredentials: ReturnType<typeof rpcCredentials>["client"]
}

export interface ServeOptions<Name extends ServiceName, Setting extends SettingName, Context> {
  name: Name
  /** Every setting that the process reads, those of the frame too. */
  settings: readonly Setting[] & (FrameSetting<Name> extends Setting ? unknown : FrameSetting<Name>[])
  /** Optional settings that this service cannot do without. */
  required?: readonly NoInfer<Setting>[]
  environment: Record<string, string | undefined>
  services: Service<Context>[]
  deadlineSeconds?: number
  build(parts: Parts<Setting>): Context | Promise<Context>
  sweeps?: { name: string; pauseMilliseconds: number; run: (context: Context) => Promise<void> }[]
  /** Closes what `build` opened. */
  close?: (context: Context) => void
}

/**
 * The life of a service's process: settings, database, context, server, sweeps; drained and closed when its supervisor
 * says so. Bad settings and a busy port are told in plain lines that name what to change, with exit code 1.
 */
export async function serve<Name extends ServiceName, const Setting extends SettingName, Context>(
  options: ServeOptions<Name, Setting, Context>,
): Promise<void> {
  try {
    await start(options)
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error)
    process.exit(1)
  }
}

async function start<Name extends ServiceName, Setting extends SettingName, Context>(
  options: ServeOptions<Name, Setting, Context>,
) {
  const { name, services, deadlineSeconds } = options
  const config = readConfig<Setting>(options.settings, options.environment, options.required)
  const frame = frameOf(name, config)
  armFailpoints(readConfig(["FAILPOINTS", "NODE_ENV"], options.environment))
  const log = createLog(name, frame.LOG_LEVEL)
  const credentials = rpcCredentials(frame)
  const database = connectDatabase({
    url: frame.databaseUrl,
    prepare: frame.DATABASE_PREPARE,
    connections: frame.DATABASE_CONNECTIONS,
    name,
  })
  const context = await options.build({ config, database, log, clientCredentials: credentials.client })
  const server = await startRpcServer({
    host: frame.HOST,
    port: frame.port,
    webPort: frame.webPort,
    credentials: credentials.server,
    verifier: createVerifier(frame.IDENTITY_PUBLIC_KEYS, name),
    log,
    context,
    services,
    checkDependencies: () => database.sql`select 1`,
    ...(deadlineSeconds && { deadlineSeconds }),
  }).catch((error) => {
    throw portProblem(error, name, frame)
  })
  const sweeps = (options.sweeps ?? []).map((sweep) =>
    startSweep(sweep.name, sweep.pauseMilliseconds, () => sweep.run(context), log),
  )
  leaveWithSupervisor(() => leave(server, sweeps, database, () => options.close?.(context)))
  log.info({ host: frame.HOST, port: server.port }, `${name} serves`)
}

async function leave(server: RpcServer, sweeps: { stop(): Promise<void> }[], database: Database, close: () => void) {
  await Promise.all([server.drain(), ...sweeps.map((sweep) => sweep.stop())])
  close()
  await database.close()
}

/** The settings of the frame under names that are the same for every service. */
function frameOf(name: ServiceName, config: object) {
  const frame = config as Config<Exclude<FrameSetting<"backend">, `BACKEND_${string}`>>
  const own = config as Record<string, unknown>
  const prefix = name.toUpperCase()
  return {
    ...frame,
    port: own[`${prefix}_PORT`] as number,
    webPort: own[`${prefix}_WEB_PORT`] as number | undefined,
    databaseUrl: own[`${prefix}_DATABASE_URL`] as string,
  }
}

function portProblem(error: Error, name: ServiceName, frame: { port: number; webPort: number | undefined }): Error {
  if (!/EADDRINUSE|in use/.test(String(error))) return error
  const [kind, port] = String(error).includes(String(frame.webPort))
    ? ["WEB_PORT", frame.webPort]
    : ["PORT", frame.port]
  const setting = `${name.toUpperCase()}_${kind}`
  return new ConfigError(`port ${port} is busy: another program listens there; set ${setting} to another one`)
}
