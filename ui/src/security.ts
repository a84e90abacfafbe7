import type { UiConfig } from "./context.ts"
import { HttpProblem } from "./problems.ts"
import { bearerOf } from "./session.ts"

type SecurityConfig = Pick<UiConfig, "PUBLIC_URL" | "SANDBOX_PUBLIC_URL" | "STRIPE_API_BASE">

/** Stripe's hosted page and its page for 3-D Secure: browsers hold a form's redirects against form-action, too. */
const STRIPE_PAGES = ["checkout.stripe.com", "hooks.stripe.com"]

/** Headers of every answer. Pages are built so that nothing inline and nothing foreign is needed. */
export function securityHeaders({ PUBLIC_URL, SANDBOX_PUBLIC_URL, STRIPE_API_BASE }: SecurityConfig) {
  const own = [SANDBOX_PUBLIC_URL, STRIPE_API_BASE].filter((url) => url !== undefined)
  const checkoutOrigins = own.length > 0 ? [...new Set(own.map((url) => new URL(url).origin))] : STRIPE_PAGES
  const headers: Record<string, string> = {
    "content-security-policy": [
      "default-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `form-action 'self' ${checkoutOrigins.join(" ")}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "object-src 'none'",
    ].join("; "),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
  }
  if (PUBLIC_URL.startsWith("https:")) headers["strict-transport-security"] = "max-age=31536000"
  return headers
}

/**
 * Refuses what another site's page makes a browser send. Browsers say where a request comes from (Sec-Fetch-Site, or
 * Origin where the page is not served by https); programs say nothing and bring no cookies of their own accord, and a
 * bearer token is never sent unasked. Throws CROSS_SITE.
 */
export function refuseCrossSite(request: Request, { PUBLIC_URL }: Pick<UiConfig, "PUBLIC_URL">): void {
  if (["GET", "HEAD", "OPTIONS"].includes(request.method) || bearerOf(request)) return
  const site = request.headers.get("sec-fetch-site")
  const origin = request.headers.get("origin")
  const ours = [new URL(PUBLIC_URL).host, request.headers.get("host")]
  const foreign = site ? site !== "same-origin" && site !== "none" : origin && !ours.includes(hostOf(origin))
  if (foreign) throw new HttpProblem(403, "CROSS_SITE", "This was sent by a page of another site.")
}

const hostOf = (origin: string) => URL.parse(origin)?.host ?? ""
