import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { createLog } from "@airside/kernel/log"
import { createApp } from "../../src/app.ts"
import { type Clients, createClients } from "../../src/clients.ts"
import type { UiConfig } from "../../src/context.ts"
import { createPageCache } from "../../src/page-cache.ts"
import { createSessions } from "../../src/session.ts"

/** ui alone: nothing here needs the services. */
let ask: (path: string, init?: RequestInit) => Promise<Response>
let clients: Clients

beforeAll(async () => {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair
  const privateKey = await crypto.subtle.exportKey("jwk", pair.privateKey)
  const nowhere = "127.0.0.1:1"
  clients = await createClients({
    BACKEND_ADDRESS: nowhere,
    PAYMENT_ADDRESS: nowhere,
    LOYALTY_ADDRESS: nowhere,
    UI_PRIVATE_KEY: { ...privateKey },
  })
  const config: UiConfig = {
    HOST: "127.0.0.1",
    UI_PORT: 8000,
    PUBLIC_URL: "https://fly.example",
    SANDBOX_PUBLIC_URL: "http://127.0.0.1:8012",
    STRIPE_API_BASE: undefined,
    SELLING_CURRENCY: "USD",
    SALE_HORIZON_DAYS: 330,
    SEATS_PER_BOOKING: 9,
    LOG_LEVEL: "error",
    NODE_ENV: "test",
  }
  const log = createLog("ui", "error")
  const sessions = createSessions(clients, { secure: true })
  const app = createApp({ clients, sessions, pages: createPageCache(log), config, log })
  ask = async (path, init) => app.fetch(new Request(`http://localhost${path}`, init))
})
afterAll(() => clients?.close())

describe("the API's document", () => {
  test("describes every route of the API, with answers, examples and problems", async () => {
    const document = await (await ask("/openapi/json")).json()
    expect(document.openapi).toBe("3.1.0")
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual([...ROUTES].sort())
    for (const methods of Object.values<Record<string, Operation>>(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.summary).not.toBe("")
        expect(Object.keys(operation.responses).some((status) => status.startsWith("2"))).toBe(true)
        if (method === "post") expect(operation.parameters.map(({ name }) => name)).toContain("Idempotency-Key")
        if (operation.requestBody) expect(operation.requestBody.content["application/json"].example).toBeDefined()
      }
    }
  })

  test("refers only to schemas that it has", async () => {
    const text = await (await ask("/openapi/json")).text()
    const { components } = JSON.parse(text)
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]!)
    expect(references.length).toBeGreaterThan(20)
    expect(references.filter((name) => !(name in components.schemas))).toEqual([])
  })

  test("is a page that loads nothing from outside", async () => {
    const page = await (await ask("/openapi")).text()
    for (const route of ROUTES) expect(page).toContain(route)
    const loaded = [...page.matchAll(/<(?:link|script|img|iframe)\b[^>]*?\b(?:src|href)="([^"]*)"/g)].map(
      ([, url]) => url!,
    )
    expect(loaded.length).toBeGreaterThan(2)
    expect(loaded.filter((url) => !/^\/(?!\/)/.test(url))).toEqual([])
  })
})

describe("every answer", () => {
  test("carries the headers that protect its reader", async () => {
    const large = { method: "POST", headers: { "content-length": String(2 ** 21) } }
    const answers = [await ask("/healthz"), await ask("/api/nowhere"), await ask("/nowhere"), await ask("/", large)]
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 413])
    for (const { headers } of answers) {
      const policy = headers.get("content-security-policy") ?? ""
      expect(policy).toContain("default-src 'self'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("form-action 'self' http://127.0.0.1:8012;")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers.get("x-content-type-options")).toBe("nosniff")
      expect(headers.get("referrer-policy")).toBe("same-origin")
      expect(headers.get("strict-transport-security")).toStartWith("max-age=")
    }
  })
})

describe("files", () => {
  test("are served with a type and an ETag, and asked for again cost nothing", async () => {
    const first = await ask("/public/css/base.css")
    expect(first.headers.get("content-type")).toStartWith("text/css")
    expect(first.headers.get("cache-control")).toBe("public, no-cache")
    const again = await ask("/public/css/base.css", { headers: { "if-none-match": first.headers.get("etag")! } })
    expect([again.status, await again.text()]).toEqual([304, ""])
    expect((await ask("/public/css/base.css?v=1")).headers.get("cache-control")).toContain("immutable")
  })

  test("lie in one folder, and no path leads out of it", async () => {
    const paths = [
      "../package.json",
      "..%2fpackage.json",
      "%2e%2e/package.json",
      "css/..%2f..%2fpackage.json",
      "%00",
      "%",
    ]
    for (const path of [...paths, "css", ""]) {
      const answer = await ask(`/public/${path}`)
      expect([path, answer.status]).toEqual([path, 404])
    }
  })
})

test("sessions become cookies that scripts and other sites cannot use", () => {
  const sessions = createSessions(clients, { secure: true })
  expect(sessions.sessionCookie("token", new Date(Date.now() + 60_500))).toBe(
    "airside_session=token; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure",
  )
  expect(sessions.guestCookie("k7m;2 qx", "token")).toStartWith("airside_guest_K7M2QX=token; Max-Age=2592000;")
  expect(createSessions(clients, { secure: false }).endSessionCookie()).toBe(
    "airside_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
  )
})

interface Operation {
  summary: string
  parameters: { name: string }[]
  requestBody?: { content: { "application/json": { example?: unknown } } }
  responses: Record<string, unknown>
}

/** As the API was promised; a route that goes missing, or that nobody promised, is a mistake. */
const ROUTES = [
  "POST /api/auth/register",
  "POST /api/auth/login",
  "POST /api/auth/logout",
  "GET /api/auth/me",
  "GET /api/places/search",
  "GET /api/flights/search",
  "GET /api/flights/brands",
  "GET /api/flights/calendar",
  "GET /api/flights/grid",
  "POST /api/flights/price",
  "POST /api/flights/book",
  "GET /api/bookings",
  "GET /api/bookings/{reference}",
  "POST /api/bookings/find",
  "GET /api/bookings/{reference}/seats",
  "POST /api/bookings/{reference}/seats",
  "POST /api/bookings/{reference}/cancellation-quote",
  "POST /api/bookings/{reference}/cancel",
  "POST /api/payments/create-intent",
  "POST /api/payments/process",
  "POST /api/payments/webhook",
  "GET /api/payments/history/{user_id}",
  "GET /api/payments/cards",
  "POST /api/payments/cards/{id}/default",
  "DELETE /api/payments/cards/{id}",
  "GET /api/bookings/{reference}/money",
  "GET /api/loyalty/tiers",
  "GET /api/loyalty/account/{user_id}",
  "GET /api/loyalty/history/{user_id}",
  "POST /api/loyalty/earn",
  "POST /api/loyalty/adjust",
  "POST /api/loyalty/redeem",
]
