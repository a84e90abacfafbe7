import { runChild } from "../limits/start-limit.ts"
import type { Bench, Measurement } from "../measurement.ts"
import type { BenchProduct } from "../product.ts"

const LEAST_PER_SECOND = 8_000

/** What backend's script prints. */
interface EngineLoad {
  searchesPerSecond: number
  itinerariesASearch: number
  flights: number
  buildSeconds: number
  timetableMegabytes: number
}

/** Backend's engine without anything around it: no gRPC, no offers, no page; in a process of its own, on one core. */
export const engine: Measurement = {
  name: "engine",
  async prepare(bench) {
    const product = await bench.product()
    return {
      parts: [
        async ({ seconds }) => {
          const load = await runEngine(bench, product, seconds)
          return { engineSearches: load.searchesPerSecond, itinerariesASearch: load.itinerariesASearch }
        },
      ],
      rows: ({ engineSearches, itinerariesASearch }) => [
        {
          name: `engine alone (${itinerariesASearch!.toFixed(1)} itineraries a search)`,
          figure: engineSearches!,
          unit: "searches/s",
          target: `at least ${LEAST_PER_SECOND}, one core`,
          met: engineSearches! >= LEAST_PER_SECOND,
        },
      ],
    }
  },
}

export const runEngine = (bench: Bench, { trial }: BenchProduct, seconds: number) =>
  runChild<EngineLoad>(
    bench,
    "../../../services/backend/bench/engine.ts",
    ["--seconds", String(seconds)],
    trial.environment,
  )
