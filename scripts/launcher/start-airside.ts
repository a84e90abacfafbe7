import { ConfigError } from "@airside/kernel/config"
import { type Running, startChild } from "./child.ts"
import { DataFolderTaken, takeDataFolder } from "./data-folder.ts"
import { grpcIsServing, httpIsHealthy, type Tls } from "./health.ts"
import { whenLauncherIsGone } from "./launchers.ts"
import { portProblems, portsOf } from "./ports.ts"
import { startPostgres } from "./postgres.ts"
import { prepareDatabase } from "./prepare-database.ts"
import { type AirsideProcess, PROCESSES } from "./processes.ts"
import { completeEnvironment, type Installation, localHost, readInstallation } from "./settings.ts"
import { type Supervisor, supervise, type Unit } from "./supervisor.ts"
import { welcome } from "./welcome.ts"

const print = (line: string) => console.log(line)

/** Starts everything, keeps it running until a signal or a death, stops everything; answers the exit code. */
export async function startAirside(): Promise<number> {
  try {
    const installation = readInstallation()
    const folder = takeDataFolder(installation.dataDir)
    const problems = await portProblems(portsOf(installation))
    if (problems.length > 0) throw new ConfigError(problems.join("\n"))
    const environment = await completeEnvironment(installation)
    folder.announce({ process: process.pid, url: environment.PUBLIC_URL })
    return await run(installation, environment)
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof DataFolderTaken)) throw error
    console.error(`Airside cannot start:\n${error.message}`)
    return 1
  }
}

async function run(installation: Installation, environment: Record<string, string>): Promise<number> {
  const supervisor = supervise(unitsOf(installation, environment), { restart: installation.config.RESTART, print })
  const told = stopWhenTold(supervisor)
  let code = 0
  try {
    await Promise.race([told, supervisor.failed, supervisor.start().then(() => told)])
  } catch (error) {
    console.error((error as Error).message)
    code = 1
  }
  await supervisor.stop()
  return code
}

/** Resolves when somebody wants Airside to end. Ctrl-C once more, and what is left is killed. */
function stopWhenTold(supervisor: Supervisor): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let toldTime = 0
  const tell = (why: string) => {
    if (toldTime === 0) {
      toldTime = Date.now()
      print(`stopping (${why}) …`)
      resolve()
      return
    }
    // npx passes on a Ctrl-C that the terminal has sent to this process too: that is no second one.
    if (Date.now() - toldTime > 500) supervisor.stop()
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => tell(signal))
  whenLauncherIsGone(() => tell("its launcher is gone"))
  // A closed terminal or pipe must not end the launcher before its children.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {})
  return promise
}

function unitsOf(installation: Installation, environment: Record<string, string>): Unit[] {
  const { config, embedded, sandbox } = installation
  const tls = config.TLS_KEY_FILE
    ? {
        certificateFile: config.TLS_CERTIFICATE_FILE!,
        keyFile: config.TLS_KEY_FILE,
        authorityFile: config.TLS_AUTHORITY_FILE!,
      }
    : undefined
  const server = embedded ? [postgresUnit(installation)] : []
  const preparation: Unit = {
    name: "database",
    needs: server.map(({ name }) => name),
    task: true,
    start: () => prepareDatabase(environment, print),
    ready: async () => {},
  }
  const greeting: Unit = {
    name: "welcome",
    needs: ["ui"],
    task: true,
    start: () => welcome(installation, environment, print),
    ready: async () => {},
  }
  const processes = PROCESSES.filter(({ name }) => sandbox || name !== "stripe-sandbox")
  const known = new Set(["database", ...processes.map(({ name }) => name)])
  const units = processes.flatMap((process) => {
    const needs = process.needs.filter((name) => known.has(name))
    const own = { ...processUnit(process, environment, tls), needs }
    return process.name === "backend" ? [own, ...furtherBackends(own, process)] : [own]
  })
  return [...server, preparation, ...units, greeting]

  /** The same on other ports. Clients know all of them by BACKEND_ADDRESS. */
  function furtherBackends(first: Unit, backend: AirsideProcess): Unit[] {
    return (config.FURTHER_BACKEND_PORTS ?? []).map((port, index) => {
      const name = `backend-${index + 2}`
      const own = { ...environment, BACKEND_PORT: String(port), BACKEND_WEB_PORT: "" }
      const unit = processUnit({ ...backend, name }, own, tls)
      return { ...unit, needs: first.needs }
    })
  }
}

function postgresUnit({ config, dataDir }: Installation): Unit {
  const start = (): Running & { starting: Promise<unknown> } => {
    const starting = startPostgres({
      dataDir,
      port: config.DATABASE_PORT,
      user: config.POSTGRES_USER,
      password: config.POSTGRES_PASSWORD,
      database: config.POSTGRES_DB,
      onLine: (line) => {
        if (/(WARNING|FATAL|PANIC):/.test(line)) print(`postgres | ${line}`)
      },
    })
    const ended = starting
      .then(({ ended }) => ended)
      .then(
        (lastLines) => ({ code: null, how: "its server ended", lastLines }),
        (error: Error) => ({ code: null, how: error.message, lastLines: [] }),
      )
    return {
      starting,
      ended,
      stop: () => starting.then((server) => server.stop()).catch(() => {}),
      kill: () => starting.then((server) => server.kill()).catch(() => {}),
    }
  }
  return {
    name: "postgres",
    needs: [],
    start,
    ready: async (running) => {
      await (running as ReturnType<typeof start>).starting
    },
  }
}

function processUnit(process: AirsideProcess, all: Record<string, string>, tls?: Tls): Unit {
  const names = process.settings.filter((name) => all[name] !== undefined)
  const environment = { ...process.runtime, ...Object.fromEntries(names.map((name) => [name, all[name]!])) }
  const address = `${localHost(all.HOST!)}:${all[process.port]}`
  const isReady = () =>
    process.health === "grpc" ? grpcIsServing(address, tls) : httpIsHealthy(`http://${address}${process.health}`)
  return {
    name: process.name,
    needs: process.needs,
    start: () => startChild({ name: process.name, script: process.script, environment }, print),
    ready: async (running) => {
      let over = false
      running.ended.then(() => {
        over = true
      })
      while (!over && !(await isReady())) await Bun.sleep(30)
    },
  }
}
