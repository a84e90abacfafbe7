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

/** Until a fresh process has compiled what the running ui compiled long ago. */
const WARM_UP_SECONDS = 2

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

await renderFor(WARM_UP_SECONDS)
console.log(await renderFor(Number(values.seconds)))
process.exit(0)

async function renderFor(seconds: number): Promise<number> {
  const startTime = performance.now()
  let made = 0
  while (performance.now() - startTime < seconds * 1000) {
    const response = await app.fetch(new Request(url))
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 200)}`)
    made++
  }
  return (made * 1000) / (performance.now() - startTime)
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
