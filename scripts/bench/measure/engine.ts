import { runChild } from "../limits/start-limit.ts"
import type { Bench, Measurement, Row } from "../measurement.ts"
import type { BenchProduct } from "../product.ts"

const LEAST_PER_SECOND = 8_000

/** What backend's script prints. */
interface EngineLoad {
  anyPair: { perSecond: number; found: number }
  busyPair: { perSecond: number; found: number }
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
          const { anyPair, busyPair } = await runEngine(bench, product, seconds)
          return {
            engineAnyPair: anyPair.perSecond,
            engineBusyPair: busyPair.perSecond,
            foundAnyPair: anyPair.found,
            foundBusyPair: busyPair.found,
          }
        },
      ],
      rows: ({ engineAnyPair, engineBusyPair, foundAnyPair, foundBusyPair }) => [
        row("engine alone, any pair", engineAnyPair!, foundAnyPair!),
        row("  busy pairs", engineBusyPair!, foundBusyPair!),
      ],
    }
  },
}

const row = (name: string, perSecond: number, found: number): Row => ({
  name: `${name} (${found.toFixed(1)} found)`,
  figure: perSecond,
  unit: "searches/s",
  target: `at least ${LEAST_PER_SECOND}, one core`,
  met: perSecond >= LEAST_PER_SECOND,
})

export const runEngine = (bench: Bench, { trial }: BenchProduct, seconds: number) =>
  runChild<EngineLoad>(
    bench,
    "../../../services/backend/bench/engine.ts",
    ["--seconds", String(seconds)],
    trial.environment,
  )
