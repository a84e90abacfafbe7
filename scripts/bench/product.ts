import { join } from "node:path"
import { connectDatabase } from "@airside/kernel/sql"
import { SQL } from "bun"
import type { NetworkOptions } from "../../services/backend/seed/seed-network.ts"
import { seedAll } from "../db-seed.ts"
import { startPostgres } from "../launcher/postgres.ts"
import { migrateTrial, prepareTrial, processOf, spawnProcess, type Trial, untilServing } from "../launcher/trial.ts"
import type { Bench } from "./measurement.ts"
import { createResources } from "./resources.ts"

/** The real processes on a database with a whole schedule, set as `bun run start` sets them. */
export interface BenchProduct {
  trial: Trial
  uiUrl: string
  /** Of its gRPC. */
  backendAddress: string
  /** The administrator's connection. */
  admin: SQL
  processes: Map<string, Bun.Subprocess>
  /** A daily flight with seats for everybody, and one with seats for few. */
  roomyFlight: Flight
  scarceFlight: Flight
  /** Rejects when a process ends before its time. */
  broken: Promise<never>
  /** Ends its processes before the run is over. */
  stop(): Promise<void>
}

export interface Flight {
  id: string
  origin: string
  destination: string
}

/** All of them, in the order of their needs. */
export const EVERY_PROCESS = ["stripe-sandbox", "payment", "loyalty", "backend", "ui"]
/** Nobody books out this one within a round; the number fits into 16 bits. */
const ROOMY_SEATS = 30_000
export const SCARCE_SEATS = 10
/** Writing a profile takes its time. */
const PROFILE_MILLISECONDS = 15_000
/** Holds outlive the run: how they lapse is not measured, and the sweep that ends them does not disturb. */
const SETTINGS = { HOLD_SECONDS: "86400" }

export async function startBenchProduct(
  bench: Bench,
  network: NetworkOptions,
  { processes = EVERY_PROCESS, profile }: { processes?: string[]; profile?: string | undefined } = {},
): Promise<BenchProduct> {
  const resources = createResources()
  const stop = () => resources.end()
  bench.resources.add(stop)
  const trial = await prepareTrial("bench", SETTINGS)
  const { folder, environment } = trial
  bench.resources.addFolder(folder)
  const postgres = await startPostgres({ dataDir: folder, port: Number(environment.DATABASE_PORT) })
  resources.add(() => postgres.stop())
  bench.say(`seeding ${network.dailyFlights} daily flights`)
  await migrateTrial(trial)
  const database = connectDatabase({ url: environment.DATABASE_URL!, connections: 2, name: "airside-bench" })
  await seedAll(database, network).finally(() => database.close())
  const admin = new SQL(postgres.url, { max: 4 })
  resources.add(() => admin.close({ timeout: 1 }).catch(() => {}))
  const [roomyFlight, scarceFlight] = await chooseFlights(admin)
  // Not the empty tables: plans made for those would read all of what the measurements write.
  await admin`analyze backend.places, backend.carriers, backend.flights, backend.flight_days, backend.flight_cabins`

  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {})
  const running = new Map<string, Bun.Subprocess>()
  for (const name of processes) {
    const definition = processOf(name)
    const isProfiled = name === profile
    const child = spawnProcess(trial, definition, isProfiled ? { flags: profileFlags(name) } : {})
    let ended = false
    child.exited.then(async (code) => {
      ended = true
      broken.reject(new Error(`${name} ended with exit code ${code}:\n${await lastLines(trial, name)}`))
    })
    resources.add(async () => {
      // In good order only who has a profile to write.
      if (isProfiled) child.kill("SIGTERM")
      if (isProfiled) await Promise.race([child.exited, Bun.sleep(PROFILE_MILLISECONDS)])
      child.kill("SIGKILL")
      await child.exited
    })
    running.set(name, child)
    await untilServing(definition, `127.0.0.1:${environment[definition.port]}`, () => {
      if (ended) throw new Error(`${name} does not start`)
    }).catch((error) => (ended ? broken.promise : Promise.reject(error)))
  }
  return {
    trial,
    uiUrl: `http://127.0.0.1:${environment.UI_PORT}`,
    backendAddress: `127.0.0.1:${environment.BACKEND_PORT}`,
    admin,
    processes: running,
    roomyFlight,
    scarceFlight,
    broken: broken.promise,
    stop,
  }
}

/** For Chrome's tools, and as text. */
const profileFlags = (name: string) => [
  ...["--cpu-prof", "--cpu-prof-md", "--cpu-prof-dir", process.cwd()],
  ...["--cpu-prof-name", name],
]

async function chooseFlights(admin: SQL): Promise<[Flight, Flight]> {
  const flights: Flight[] = await admin`
    select f.id, f.origin, f.destination
    from backend.flights f
    join backend.flight_cabins c on c.flight_id = f.id and c.cabin = 'economy'
    where (select count(*) from backend.flight_days d where d.flight_id = f.id) = 7
    order by f.id
    limit 2`
  const [roomy, scarce] = flights as [Flight, Flight]
  const seats: [Flight, number][] = [
    [roomy, ROOMY_SEATS],
    [scarce, SCARCE_SEATS],
  ]
  for (const [{ id }, capacity] of seats) {
    await admin`update backend.flight_cabins set capacity = ${capacity} where flight_id = ${id} and cabin = 'economy'`
  }
  return [roomy, scarce]
}

async function lastLines({ folder }: Trial, name: string): Promise<string> {
  const log = await Bun.file(join(folder, "logs", `${name}.log`)).text()
  return log.trimEnd().split("\n").slice(-5).join("\n")
}
