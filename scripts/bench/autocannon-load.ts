/** `bun autocannon-load.ts URL SECONDS [FILE]`: what wrk.lua does, by autocannon, in a process of its own. */

import autocannon from "autocannon"
import { PAGE_CONNECTIONS } from "./load-pages.ts"

const [url = "", seconds = "", file] = process.argv.slice(2)
const paths = file ? (await Bun.file(file).text()).trimEnd().split("\n") : []
let next = 0
const result = await autocannon({
  url,
  connections: PAGE_CONNECTIONS,
  duration: Number(seconds),
  ...(paths.length > 0 && {
    requests: [{ setupRequest: (request) => ({ ...request, path: paths[next++ % paths.length]! }) }],
  }),
})
console.log(
  JSON.stringify({
    requests: result.requests.total,
    failed: result.non2xx + result.errors,
    seconds: result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }),
)
process.exit(0)
