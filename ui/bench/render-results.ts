/**
 * `bun ui/bench/render-results.ts --path PATH --seconds N`: how often in a second ui makes a page of search results when
 * backend's answers cost nothing. The first answers are the running backend's, by ui's own settings; from then on every
 * search gets the first one's. Prints the number.
 */

import { parseArgs } from "node:util"
import { readConfig } from "@airside/kernel/config"
import { createLog } from "@airside/kernel/log"
import { createApp } from "../src/app.ts"
import { type Clients, createClients } from "../src/clients.ts"
import { UI_SETTINGS } from "../src/context.ts"
import { createPageCache } from "../src/page-cache.ts"
import { createSessions } from "../src/session.ts"

const WARM_UP_SECONDS = 0.5

const { values } = parseArgs({ options: { path: { type: "string" }, seconds: { type: "string" } } })
const settings = readConfig(
  [...UI_SETTINGS, "BACKEND_ADDRESS", "PAYMENT_ADDRESS", "LOYALTY_ADDRESS", "UI_PRIVATE_KEY"],
  process.env,
)
const config = { ...settings, PUBLIC_URL: settings.PUBLIC_URL ?? "http://localhost" }
const clients = await createClients(config)
const remembering = { ...clients, flights: rememberAnswers(clients.flights) }
const sessions = createSessions(remembering, { secure: false })
const log = createLog("ui", "error")
// It never hears of backend, so it keeps no page.
const pages = createPageCache(log)
const app = createApp({ clients: remembering, sessions, pages, config, log })
const url = new URL(values.path!, config.PUBLIC_URL)
const firstDay = Date.parse(url.searchParams.get("depart_date")!)
let rendered = 0

await renderFor(WARM_UP_SECONDS)
console.log(await renderFor(Number(values.seconds)))
process.exit(0)

async function renderFor(seconds: number): Promise<number> {
  const startTime = performance.now()
  const before = rendered
  while (performance.now() - startTime < seconds * 1000) {
    for (const [name, value] of Object.entries(another(rendered))) url.searchParams.set(name, value)
    const response = await app.fetch(new Request(url))
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 200)}`)
    rendered++
  }
  return ((rendered - before) * 1000) / (performance.now() - startTime)
}

/** One of 218 700 searches for the same way: more than there are pages in a run, so none comes out of a cache. */
function another(number: number) {
  return {
    depart_date: new Date(firstDay + (number % 300) * 86_400_000).toISOString().slice(0, 10),
    adults: String(1 + (Math.floor(number / 300) % 9)),
    children: String(Math.floor(number / 2_700) % 9),
    infants: String(Math.floor(number / 24_300) % 9),
  }
}

/** Asks backend once for each place, and once for everything else. What streams stays as it is. */
function rememberAnswers(flights: Clients["flights"]): Clients["flights"] {
  const answers = new Map<string, Promise<unknown>>()
  return new Proxy(flights, {
    get(target, name: keyof Clients["flights"]) {
      if (name === "watchDepartures") return target[name]
      const ask = target[name] as (request: object, options?: object) => Promise<unknown>
      return (request: object, options?: object) => {
        const key = name === "getPlace" ? `${name} ${JSON.stringify(request)}` : name
        const answer = answers.get(key) ?? ask(request, options)
        answers.set(key, answer)
        return answer
      }
    },
  })
}
