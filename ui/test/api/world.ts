import { join } from "node:path"
import { Problems } from "@airside/kernel/errors"
import { startWorld, until, type World } from "@airside/kernel/testing"
import { ENDPOINTS } from "../../src/api/endpoints.ts"

const ROOT = join(import.meta.dir, "../../..")

/** The whole product with a small network, and a client of its JSON API. Stop it in afterAll. */
export async function startSeededWorld(settings: Record<string, string> = {}): Promise<World> {
  const world = await startWorld(undefined, settings)
  try {
    await runScript(world, "db-seed.ts", "--daily-flights", "300")
    const search = `${world.uiUrl}/api/flights/search?origin=LHR&destination=JFK&depart_date=${inDays(60)}`
    const found = async () => (await (await fetch(search)).json()).slices[0].offers.length > 0
    await until(found, 10, "search following the seed")
    return world
  } catch (error) {
    await world.stop()
    throw error
  }
}

/** Runs one of the product's own scripts on the world's database. */
export async function runScript(world: World, script: string, ...args: string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, join(ROOT, "scripts", script), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...world.environment, DATABASE_URL: world.database.url },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [code, said, problems] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${said}${problems}`)
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, asserted on by each test
  body: any
}

export type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** Asks the JSON API as whoever holds the token. Every answer is held against the shape that is documented for it. */
export const client =
  (base: string, token?: string): Ask =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(base + path, {
      method,
      redirect: "manual",
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get("content-type") ?? "")
    const answer = { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
    requireDocumented(method, new URL(response.url).pathname, answer)
    return answer
  }

/** Throws when the OpenAPI document says something else than what was answered. */
function requireDocumented(method: string, path: string, { status, body }: Answer): void {
  const candidates = ENDPOINTS.filter((each) => each.method === method && matches(each.path, path))
  // A literal path comes before one with a parameter: /api/bookings/find is no reference.
  const endpoint = candidates.find((each) => !each.path.includes(":")) ?? candidates[0]
  if (!endpoint) return
  const { reasons, success } = endpoint
  if (status < 300) {
    if (status !== success.status) throw new Error(`${method} ${path} answered ${status}, documented ${success.status}`)
    const problems = new Problems()
    success.answer?.parse(body, "", problems)
    if (problems.fields.length > 0) {
      throw new Error(`${method} ${path} is not as documented: ${JSON.stringify(problems.fields)}`)
    }
  } else if (status < 500 && !GENERAL_REASONS.includes(body.reason) && reasons[body.reason] !== status) {
    throw new Error(`${method} ${path} answered ${status} ${body.reason}, which is not documented`)
  }
}

/** Reasons that the document names once for all. */
const GENERAL_REASONS = [
  "INVALID_REQUEST",
  "SESSION_ENDED",
  "MALFORMED_JSON",
  "CONTENT_TYPE",
  "BODY_TOO_LARGE",
  "CROSS_SITE",
  "REQUEST_ID_REUSED",
  "REQUEST_IN_PROGRESS",
]

const matches = (pattern: string, path: string) => new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}$`).test(path)

/** A civil date so many days from now. */
export const inDays = (days: number): string => Temporal.Now.plainDateISO("UTC").add({ days }).toString()

export const ADA = { type: "adult", given_name: "Ada", family_name: "Lovelace", birth_date: "1990-12-10" }

/** Registers somebody and answers a client that is logged in as them. */
export async function registered(base: string, username: string): Promise<Ask> {
  const person = { username, email: `${username}@example.com`, first_name: "Ada", last_name: "Lovelace" }
  const answer = await client(base)("POST", "/api/auth/register", { ...person, password: "correct horse battery" })
  return client(base, answer.body.access_token)
}

/** The first offer of each slice from London to New York, there and (with `back`) back, in the Standard brand. */
export async function offerTokens(ask: Ask, { back = false, query = "" } = {}): Promise<string[]> {
  const search = `origin=LHR&destination=JFK&depart_date=${inDays(60)}${back ? `&return_date=${inDays(67)}` : ""}${query}`
  const { body } = await ask("GET", `/api/flights/search?${search}`)
  return body.slices.map(
    ({ offers: [offer] }: { offers: { fares: { brand: string; token: string }[] }[] }) =>
      offer!.fares.find((fare) => fare.brand === "standard")!.token,
  )
}

/** An order of HoldBooking's that lacks nothing. */
export const orderOf = (offer_tokens: string[]) => ({
  offer_tokens,
  passengers: [ADA],
  contact: { email: "ada@example.com" },
})
