import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { interrupted } from "../launcher/trial.ts"
import { type Bench, type BenchOptions, type Measurement, measureRounds, mediansOf, type Row } from "./measurement.ts"
import { selectMeasurements } from "./measurements.ts"
import { usualNetwork } from "./network.ts"
import { type BenchProduct, startBenchProduct } from "./product.ts"
import { createResources } from "./resources.ts"
import { describeMachine, type Report, table } from "./table.ts"

export interface RunOptions extends BenchOptions {
  /** Names of measurements; none means all. */
  only: string[]
  json: boolean
}

/** Of one measurement: what its parts do beside the seconds that were asked for, and seeding. */
const PART_SECONDS = 60
const PARTS = 3
const START_SECONDS = 300

/** Measures and prints one table, or with --json everything; answers the exit code. Leaves neither process nor folder. */
export async function runBench(options: RunOptions): Promise<number> {
  const measurements = selectMeasurements(options.only)
  const interruption = interrupted()
  const resources = createResources()
  const folder = mkdtempSync(join(tmpdir(), "airside-bench-"))
  resources.addFolder(folder)
  let product: Promise<BenchProduct> | undefined
  const broken = Promise.withResolvers<never>()
  const bench: Bench = {
    options,
    resources,
    folder,
    product: () => {
      product ??= startBenchProduct(bench, usualNetwork(options.dailyFlights), { profile: options.profile })
      product.then((started) => started.broken).catch(broken.reject)
      return product
    },
    say: (line) => console.error(line),
  }
  const work = measureAll(bench, measurements).then((report) => {
    console.log(options.json ? JSON.stringify(report, null, 2) : table(report))
    return 0
  })
  try {
    return await Promise.race([interruption, broken.promise, tooLong(options, measurements), work])
  } finally {
    await resources.end(work)
  }
}

async function measureAll(bench: Bench, measurements: Measurement[]): Promise<Report> {
  const rows: Row[] = []
  const rounds: Report["rounds"] = {}
  const { rounds: roundCount, seconds, requests, dailyFlights } = bench.options
  for (const { name, prepare } of measurements) {
    const prepared = await prepare(bench)
    rounds[name] = await measureRounds(bench, name, prepared)
    rows.push(...prepared.rows(mediansOf(rounds[name])))
    await prepared.stop?.()
  }
  return { machine: describeMachine(), options: { rounds: roundCount, seconds, requests, dailyFlights }, rows, rounds }
}

/** Every part has its own bounds; this one is for what nobody thought of. */
function tooLong({ rounds, seconds, requests }: RunOptions, measurements: Measurement[]): Promise<never> {
  const ofMemory = measurements.some(({ name }) => name === "memory") ? requests / 50 : 0
  const mostSeconds = START_SECONDS + ofMemory + measurements.length * rounds * PARTS * (seconds + PART_SECONDS)
  const { promise, reject } = Promise.withResolvers<never>()
  setTimeout(() => reject(new Error(`it was not done after ${mostSeconds} s`)), mostSeconds * 1000).unref()
  return promise
}
