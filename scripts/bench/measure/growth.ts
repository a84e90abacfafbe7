import { loadCalls } from "../load-calls.ts"
import { type Bench, type Measurement, shortNumber } from "../measurement.ts"
import { largeNetwork } from "../network.ts"
import { type BenchProduct, startBenchProduct } from "../product.ts"
import { coldQueries, connectFlights, search } from "../searches.ts"
import { runEngine } from "./engine.ts"

const MOST_TIMES_SLOWER = 2
const MOST_BUILD_SECONDS = 10
const MOST_MEGABYTES = 1024
const QUERIES = 20_000
/** Until the code is compiled: the usual backend was surveyed, the large one has not been asked for anything. */
const WARM_UP_SEARCHES = 3_000

/** Ten times the schedule in a backend and a database of its own: how much longer a cold search takes there. */
export const growth: Measurement = {
  name: "growth",
  async prepare(bench) {
    const usual = await bench.product()
    const large = await startBenchProduct(bench, largeNetwork(bench.options.dailyFlights), {
      processes: ["backend"],
    })
    const [usualSearcher, largeSearcher] = [await searcher(bench, usual, usual), await searcher(bench, large, usual)]
    return {
      parts: [
        async ({ seconds }) => ({ usualMilliseconds: await usualSearcher.median(seconds) }),
        async ({ seconds }) => ({ largeMilliseconds: await largeSearcher.median(seconds) }),
        async ({ seconds }) => {
          const { busyPair, flights, buildSeconds, timetableMegabytes } = await runEngine(bench, large, seconds)
          return { largeSearches: busyPair.perSecond, templates: flights, buildSeconds, timetableMegabytes }
        },
      ],
      rows({ usualMilliseconds, largeMilliseconds, largeSearches, templates, buildSeconds, timetableMegabytes }) {
        const ratio = largeMilliseconds! / usualMilliseconds!
        return [
          {
            name: "growth: cold search, ten times the schedule",
            figure: largeMilliseconds!,
            unit: "ms",
            limit: { name: "usual schedule", figure: usualMilliseconds! },
            ratio,
            target: `at most ${MOST_TIMES_SLOWER} times as long`,
            met: ratio <= MOST_TIMES_SLOWER,
          },
          {
            name: `  engine alone, busy pairs of ${shortNumber(templates!)} flights`,
            figure: largeSearches!,
            unit: "searches/s",
          },
          {
            name: "  timetable, read and built",
            figure: buildSeconds!,
            unit: "s",
            target: `under ${MOST_BUILD_SECONDS}`,
            met: buildSeconds! < MOST_BUILD_SECONDS,
          },
          {
            name: "  timetable, resident",
            figure: timetableMegabytes!,
            unit: "MB",
            target: `under ${MOST_MEGABYTES}`,
            met: timetableMegabytes! < MOST_MEGABYTES,
          },
        ]
      },
      stop: () => Promise.all([usualSearcher.close(), largeSearcher.close(), large.stop()]),
    }
  },
}

/** Cold searches over gRPC, one after the other, each another; of the pairs that fill a page of the surveyed schedule. */
async function searcher(bench: Bench, product: BenchProduct, surveyed: BenchProduct) {
  const flights = connectFlights(product.backendAddress)
  const queries = (await coldQueries(bench, surveyed, flights)).take(QUERIES)
  let next = 0
  const searchOnce = () => search(flights, queries[next++ % QUERIES]!)
  for (let count = 0; count < WARM_UP_SEARCHES; count++) await searchOnce()
  return {
    searchOnce,
    median: async (seconds: number) => (await loadCalls({ seconds, workers: 1 }, searchOnce)).p50Milliseconds,
    close: async () => flights.close(),
  }
}
