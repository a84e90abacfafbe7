import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import type { Child } from "hono/jsx"

const PUBLIC_FOLDER = join(import.meta.dir, "../public")
const STYLES = [
  ...["tokens", "base", "frame", "forms", "components", "itinerary"],
  ...["search", "flights", "filters", "fares", "booking", "seats", "trips", "account", "print"],
]
const STEPS = ["Flights", "Passengers", "Review", "Payment"] as const

export interface PageProps {
  title: string
  /** Who is logged in. */
  user: User | undefined
  /** Path of the entry in the navigation that this page belongs to. */
  path?: string
  /** Where in the journey this page is. */
  step?: (typeof STEPS)[number]
  /** Asks a browser without JavaScript to look again, here. */
  refresh?: { seconds: number; location: string } | undefined
  children?: Child
}

/** The frame of every page. Its parts come from this origin alone, and nothing in it is an inline script or style. */
export function Page({ title, user, path, step, refresh, children }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#f7f5f0" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#0e141b" media="(prefers-color-scheme: dark)" />
        <meta name="htmx-config" content="includeIndicatorCSS:false" />
        <title>{`${title} · Airside`}</title>
        <link rel="icon" href={asset("favicon.svg")} type="image/svg+xml" />
        <link rel="preload" href="/public/fonts/inter-latin.woff2" as="font" type="font/woff2" crossorigin="" />
        {STYLES.map((name) => (
          <link rel="stylesheet" href={asset(`css/${name}.css`)} />
        ))}
        <script src={asset("vendor/htmx-4.0.1.min.js")} defer></script>
        <script src={asset("airside.js")} defer></script>
        {refresh && (
          <noscript>
            <meta http-equiv="refresh" content={`${refresh.seconds};url=${refresh.location}`} />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <Header user={user} path={path} />
        <main id="content" tabindex={-1}>
          {step && <Steps current={step} />}
          {children}
        </main>
        <Footer />
      </body>
    </html>
  )
}

/** A page or a fragment as an answer. Pages show what belongs to one person, so nobody in between may keep them. */
export async function respond(
  node: Child | Child[],
  status = 200,
  { cookies = [], headers = {} }: { cookies?: string[]; headers?: Record<string, string> } = {},
): Promise<Response> {
  // A component may be asynchronous: then so is the text of everything around it.
  const markup = Array.isArray(node) ? node.join("") : String(await (await node)?.toString())
  const response = new Response(markup.startsWith("<html") ? `<!doctype html>${markup}` : markup, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", ...headers },
  })
  for (const cookie of cookies) response.headers.append("set-cookie", cookie)
  return response
}

/** 303: after a form was carried out, the browser fetches the page that shows it. */
export function redirect(location: string, cookies: string[] = []): Response {
  const response = new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } })
  for (const cookie of cookies) response.headers.append("set-cookie", cookie)
  return response
}

/** The address of a file in `public/`; it changes with the content, so that browsers may keep what they have. */
export function asset(path: string): string {
  let address = addresses.get(path)
  if (!address) {
    const content = readFileSync(join(PUBLIC_FOLDER, path))
    address = `/public/${path}?v=${createHash("sha256").update(content).digest("hex").slice(0, 10)}`
    addresses.set(path, address)
  }
  return address
}

const addresses = new Map<string, string>()

function Header({ user, path }: { user: User | undefined; path: string | undefined }) {
  const Entry = ({ to, children }: { to: string; children?: Child }) => (
    <li>
      <a href={to} aria-current={path === to ? "page" : undefined}>
        {children}
      </a>
    </li>
  )
  return (
    <header class="site-header">
      <div>
        <a class="brand" href="/">
          <Mark />
          Airside
        </a>
        <nav aria-label="Main">
          <ul>
            {user ? (
              <>
                <Entry to="/trips">My trips</Entry>
                <Entry to="/account/loyalty">Points</Entry>
                <Entry to="/account">Account</Entry>
                {user.staff && (
                  <>
                    <Entry to="/staff/repairs">Repairs</Entry>
                    <Entry to="/staff/points">Customers’ points</Entry>
                  </>
                )}
                <li>
                  <form method="post" action="/logout">
                    <button type="submit">Log out</button>
                  </form>
                </li>
              </>
            ) : (
              <>
                <Entry to="/find">Find booking</Entry>
                <Entry to="/login">Log in</Entry>
                <Entry to="/register">Register</Entry>
              </>
            )}
          </ul>
        </nav>
      </div>
    </header>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#ffcd2e" />
      <path d="M10 9h13v13h-4v-6.2L11.9 23 9 20.1 16.2 13H10z" fill="#17212c" />
    </svg>
  )
}

function Steps({ current }: { current: (typeof STEPS)[number] }) {
  const index = STEPS.indexOf(current)
  return (
    <ol class="steps" aria-label="Steps of your booking">
      {STEPS.map((name, position) => (
        <li class={position < index ? "done" : undefined} aria-current={position === index ? "step" : undefined}>
          <span>{name}</span>
        </li>
      ))}
    </ol>
  )
}

function Footer() {
  return (
    <footer class="site-footer">
      <div>
        <p>Every price includes all taxes and fees.</p>
        <a href="/find">Find a booking</a>
        <a href="/account/loyalty/tiers">Tiers</a>
        <a href="/openapi">API</a>
      </div>
    </footer>
  )
}
