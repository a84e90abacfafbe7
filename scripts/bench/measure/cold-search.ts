import { join } from "node:path"
import { runChild, startLimit } from "../limits/start-limit.ts"
import { loadPages } from "../load-pages.ts"
import type { Measurement } from "../measurement.ts"
import { coldQueries, connectFlights, pagePath, typicalAnswer } from "../searches.ts"
import { fetchPage } from "./hot-search.ts"

const LEAST_PER_SECOND = 1_500
const LEAST_SHARE = 0.6
const MOST_MILLISECONDS = 50
/** More than anything answers, so that no page is asked for twice. */
const PATHS_A_SECOND = 3_000
const SAMPLE = 40
/** A fresh ui compiles for its first twenty thousand pages, which takes a quarter of the time at first. */
const WARM_UP_SECONDS = 25

/** Every request another pair and date, as HTML, against what (b) and the page's rendering allow together. */
export const coldSearch: Measurement = {
  name: "cold-search",
  async prepare(bench) {
    const product = await bench.product()
    const flights = connectFlights(product.backendAddress)
    const queries = await coldQueries(bench, product, flights)
    const typical = await typicalAnswer(flights, queries.take(SAMPLE))
    flights.close()
    await fetchPage(product.uiUrl + pagePath(typical.query))
    const found = `${typical.offersAPage.toFixed(1)} offers a page`
    bench.say(`cold-search: ${found}; the typical answer has ${typical.bytes.length} bytes`)

    const message = join(bench.folder, "search.binpb")
    await Bun.write(message, typical.bytes)
    const hop = await startLimit(bench, "hop-server.ts", "searchFlights", message)
    const hopPage = await startLimit(bench, "hop-page-server.ts", String(hop.port))
    const paths = (seconds: number) => queries.take(seconds * PATHS_A_SECOND).map(pagePath)
    return {
      warmUpSeconds: WARM_UP_SECONDS,
      parts: [
        async ({ seconds }) => {
          const { perSecond, p50Milliseconds, p99Milliseconds } = await loadPages(bench, {
            url: product.uiUrl,
            paths: paths(seconds),
            seconds,
          })
          return { coldPages: perSecond, p50Milliseconds, p99Milliseconds }
        },
        async ({ seconds }) => {
          const load = { url: `http://127.0.0.1:${hopPage.port}`, paths: [pagePath(typical.query)] }
          return { hops: (await loadPages(bench, { ...load, seconds })).perSecond }
        },
        async ({ seconds }) => {
          const rendering = ["--path", pagePath(typical.query), "--seconds", String(seconds)]
          const script = "../../../ui/bench/render-results.ts"
          return { renderings: await runChild<number>(bench, script, rendering, product.trial.environment) }
        },
      ],
      rows({ coldPages, p50Milliseconds, p99Milliseconds, hops, renderings }) {
        const together = 1 / (1 / hops! + 1 / renderings!)
        const ratio = coldPages! / together
        return [
          {
            name: `cold search page (${found})`,
            figure: coldPages!,
            unit: "pages/s",
            limit: { name: "(b) and rendering", figure: together },
            ratio,
            target: `at least ${LEAST_PER_SECOND}, and ${LEAST_SHARE} of both`,
            met: coldPages! >= LEAST_PER_SECOND && ratio >= LEAST_SHARE,
          },
          { name: "  (b) one gRPC hop, same message", figure: hops!, unit: "answers/s" },
          { name: "  the page's rendering, one core", figure: renderings!, unit: "pages/s" },
          { name: "  half of the pages within", figure: p50Milliseconds!, unit: "ms" },
          {
            name: "  99 % of the pages within",
            figure: p99Milliseconds!,
            unit: "ms",
            target: `under ${MOST_MILLISECONDS}, 16 connections`,
            met: p99Milliseconds! < MOST_MILLISECONDS,
          },
        ]
      },
      stop: () => Promise.all([hopPage.stop(), hop.stop()]),
    }
  },
}
