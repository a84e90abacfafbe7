import { isUuid } from "@airside/kernel/ids"
import { Elysia, NotFoundError } from "elysia"
import { requestIdOf, serveEndpoints } from "./api/endpoint.ts"
import { ENDPOINTS } from "./api/endpoints.ts"
import { apiPage } from "./api/openapi-page.tsx"
import { BODY_BYTES, bodyTooLarge } from "./body.ts"
import { checkout } from "./checkout.ts"
import type { UiContext } from "./context.ts"
import { createMetrics } from "./metrics.ts"
import { accountPage } from "./pages/account.tsx"
import { bookingPage } from "./pages/booking.tsx"
import { cancelPage } from "./pages/cancel.tsx"
import { cardsPage } from "./pages/cards.tsx"
import { fareCalendarPage } from "./pages/fare-calendar.tsx"
import { fareGridPage } from "./pages/fare-grid.tsx"
import { findPage } from "./pages/find.tsx"
import { flightsPage } from "./pages/flights.tsx"
import { logInPage } from "./pages/log-in.tsx"
import { loyaltyPage } from "./pages/loyalty.tsx"
import { passengersPage } from "./pages/passengers.tsx"
import { payPage } from "./pages/pay.tsx"
import { paymentsPage } from "./pages/payments.tsx"
import { placesPage } from "./pages/places.tsx"
import { renderProblemPage } from "./pages/problem.tsx"
import { reviewPage } from "./pages/review.tsx"
import { searchPage } from "./pages/search.tsx"
import { seatsPage } from "./pages/seats.tsx"
import { repairsPage } from "./pages/staff/repairs.tsx"
import { staffPointsPage } from "./pages/staff/staff-points.tsx"
import { timelinePage } from "./pages/timeline.tsx"
import { tripsPage } from "./pages/trips.tsx"
import { HttpProblem, problemOf, problemResponse } from "./problems.ts"
import { refuseCrossSite, securityHeaders } from "./security.ts"
import { staticFiles } from "./static.ts"

/** Every page, in the order of the journey. */
const PAGES = [
  searchPage,
  placesPage,
  flightsPage,
  fareCalendarPage,
  fareGridPage,
  passengersPage,
  reviewPage,
  payPage,
  bookingPage,
  timelinePage,
  seatsPage,
  cancelPage,
  tripsPage,
  findPage,
  logInPage,
  accountPage,
  paymentsPage,
  cardsPage,
  loyaltyPage,
  staffPointsPage,
  repairsPage,
]

/**
 * ui as one application: pages, JSON API, files and the operator's endpoints. Whatever goes wrong becomes a problem
 * answer below /api and a page elsewhere, and nothing that was not meant to be read leaves the process.
 */
export function createApp(context: UiContext) {
  const metrics = createMetrics()
  const routes = new WeakMap<Request, string>()
  const headers = Object.entries(securityHeaders(context.config))
  const app = new Elysia({ normalize: false })
    .onRequest(({ request }) => {
      if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES) throw bodyTooLarge()
      refuseCrossSite(request, context.config)
    })
    .onTransform(({ request, route }) => {
      routes.set(request, route)
    })
    // Not by its code: a Failure has one too, and gRPC calls it the same.
    .onError(({ error, request }) => answerError(context, request, error instanceof NotFoundError ? notFound() : error))
    .get("/healthz", () => Response.json({ status: "up" }))
    .get("/readyz", () => readiness(context))
    .get("/metrics", () => new Response(metrics.text(), { headers: { "content-type": "text/plain; version=0.0.4" } }))
    .use(serveEndpoints(context, ENDPOINTS))
    .use(apiPage(context))
    .use(checkout(context))
    .use(staticFiles())
  for (const page of PAGES) app.use(page(context))
  const answer = async (request: Request): Promise<Response> => {
    const start = performance.now()
    const response = await app.fetch(request)
    // Here, for Elysia, where it is told of them, makes another answer of each.
    for (const [name, value] of headers) response.headers.set(name, value)
    const seconds = (performance.now() - start) / 1000
    metrics.observe(request.method, routes.get(request) ?? "", response.status, seconds)
    return response
  }
  return {
    fetch(request: Request): Response | Promise<Response> {
      const start = performance.now()
      const answered = context.pages.answer(request, () => answer(request))
      if (answered instanceof Response) metrics.observe("GET", "/flights", 200, (performance.now() - start) / 1000)
      return answered
    },
  }
}

async function readiness({ clients }: UiContext): Promise<Response> {
  const services = await clients.health()
  const ready = Object.values(services).every(Boolean)
  return Response.json({ status: ready ? "ready" : "not ready", services }, { status: ready ? 200 : 503 })
}

async function answerError(context: UiContext, request: Request, error: unknown): Promise<Response> {
  const problem = problemOf(error)
  const requestId = requestIdOf(request)
  const { pathname, search } = new URL(request.url)
  if (problem.status === 500) context.log.error({ err: error, requestId, method: request.method, pathname }, "failed")
  if (pathname.startsWith("/api/")) {
    const response = problemResponse(problem, requestId)
    if (request.method !== "GET" && isUuid(requestId)) response.headers.set("idempotency-key", requestId)
    return response
  }
  if (problem.status === 401) {
    const next = request.method === "GET" ? `?next=${encodeURIComponent(pathname + search)}` : ""
    return new Response(null, { status: 303, headers: { location: `/login${next}` } })
  }
  const { user } = await context.sessions.identityOf(request).catch(() => ({ user: undefined }))
  return renderProblemPage(error, request, user)
}

const notFound = () => new HttpProblem(404, "NOT_FOUND", "There is nothing at this address.")
