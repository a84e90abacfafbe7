import { test as bunTest } from "bun:test"
import { existsSync } from "node:fs"
import { startWorld, type World } from "@airside/kernel/testing"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium"
const FOUND = existsSync(PROGRAM)
/** One click may lead through four processes and back. */
const JOURNEY_MILLISECONDS = 60_000
const STEP_MILLISECONDS = 10_000

/** A test that needs a browser. Where there is none it is skipped, loudly; in CI that is a failure. */
export function journey(name: string, walk: () => Promise<void>) {
  if (!FOUND && process.env.CI !== "true") {
    console.error(`SKIPPED, no browser: ${name}`)
    return bunTest.skip(name, walk)
  }
  return bunTest(name, walk, JOURNEY_MILLISECONDS)
}

export interface Journeys {
  world: World
  /** A person with a browser of their own: nobody's cookies but theirs. */
  person(options?: BrowserContextOptions): Promise<Person>
  stop(): Promise<void>
}

export interface Person {
  page: Page
  /** Every address that this person's browser asked for. */
  requests: string[]
  /** What the browser complained about: scripts, styles and files that it refused or did not get. */
  complaints: string[]
}

/** The whole product with a small network, and a real browser. Stop it in afterAll. */
export async function startJourneys(settings: Record<string, string> = {}): Promise<Journeys | undefined> {
  if (!FOUND && process.env.CI !== "true") return undefined
  const world = await startWorld([], settings)
  let browser: Browser | undefined
  try {
    await world.run("db-seed", "--daily-flights", "300")
    await world.run("seed-loyalty")
    for (const name of ["stripe-sandbox", "payment", "loyalty", "backend", "ui"] as const) await world.start(name)
    browser = await launch()
  } catch (error) {
    await world.stop()
    throw error
  }
  return {
    world,
    async person(options = {}) {
      const context = await browser!.newContext({ baseURL: world.uiUrl, ...options })
      context.setDefaultTimeout(STEP_MILLISECONDS)
      const page = await context.newPage()
      const person: Person = { page, requests: [], complaints: [] }
      page.on("request", (request) => person.requests.push(request.url()))
      page.on("pageerror", (error) => person.complaints.push(error.message))
      page.on("console", (message) => {
        const text = message.text()
        // A page that answers 4xx on purpose is no fault of the page.
        if (message.type() === "error" && !/status of 4\d\d/.test(text)) person.complaints.push(text)
      })
      return person
    },
    async stop() {
      await browser?.close()
      await world.stop()
    },
  }
}

function launch(): Promise<Browser> {
  const quiet = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ]
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : []
  return chromium.launch({ executablePath: PROGRAM, args: [...quiet, ...asRoot] })
}
