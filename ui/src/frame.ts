import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import { html, inOnePiece, type Markup } from "./html.ts"

const PUBLIC_FOLDER = join(import.meta.dir, "../public")
const STYLES = [
  ...["tokens", "base", "frame", "forms", "components", "itinerary"],
  ...["search", "flights", "filters", "fares", "booking", "seats", "trips", "account", "print"],
]
const STEPS = ["Flights", "Passengers", "Review", "Payment"] as const

export interface FrameProps {
  title: string
  /** Who is logged in. */
  user: User | undefined
  /** Path of the entry in the navigation that this page belongs to. */
  path?: string
  /** Where in the journey this page is. */
  step?: (typeof STEPS)[number]
  /** Asks a browser without JavaScript to look again, here. */
  refresh?: { seconds: number; location: string } | undefined
}

/**
 * The frame of every page: what stands before its own part, and behind it. Its parts come from this origin alone, and
 * nothing in it is an inline script or style.
 */
export function frame({ title, user, path, step, refresh }: FrameProps): { before: Markup; after: Markup } {
  parts ??= { meta: inOnePiece(meta()), files: inOnePiece(files()), footer: inOnePiece(footer()) }
  const before = html`
    <!doctype html>
    <html lang="en">
      <head>
        ${parts.meta}
        <title>${title} · Airside</title>
        ${parts.files}
        ${refresh && html`<noscript><meta http-equiv="refresh" content="${refresh.seconds};url=${refresh.location}"/></noscript>`}
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        ${header(user, path)}
        <main id="content" tabindex="-1">
          ${step && steps(step)}`
  return { before, after: parts.footer }
}

/** Of every page alike. */
let parts: { meta: Markup; files: Markup; footer: Markup } | undefined

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

const meta = () => html`
  <meta charset="utf-8"/>
  <meta name="viewport" content="width=device-width, initial-scale=1"/>
  <meta name="color-scheme" content="light dark"/>
  <meta name="theme-color" content="#f7f5f0" media="(prefers-color-scheme: light)"/>
  <meta name="theme-color" content="#0e141b" media="(prefers-color-scheme: dark)"/>
  <meta name="htmx-config" content="includeIndicatorCSS:false"/>`

const files = () => html`
  <link rel="icon" href="${asset("favicon.svg")}" type="image/svg+xml"/>
  <link rel="preload" href="/public/fonts/inter-latin.woff2" as="font" type="font/woff2" crossorigin=""/>
  ${STYLES.map((name) => html`<link rel="stylesheet" href="${asset(`css/${name}.css`)}"/>`)}
  <script src="${asset("vendor/htmx-4.0.1.min.js")}" defer=""></script>
  <script src="${asset("airside.js")}" defer=""></script>`

function header(user: User | undefined, path: string | undefined): Markup {
  const entry = (to: string, words: string) => html`<li><a href="${to}"${path === to && CURRENT}>${words}</a></li>`
  return html`
    <header class="site-header">
      <div>
        <a class="brand" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" fill="#ffcd2e"></rect>
            <path d="M10 9h13v13h-4v-6.2L11.9 23 9 20.1 16.2 13H10z" fill="#17212c"></path>
          </svg>
          Airside
        </a>
        <nav aria-label="Main">
          <ul>
            ${
              user
                ? html`
                    ${entry("/trips", "My trips")}
                    ${entry("/account/loyalty", "Points")}
                    ${entry("/account", "Account")}
                    ${user.staff && [entry("/staff/repairs", "Repairs"), entry("/staff/points", "Customers’ points")]}
                    <li><form method="post" action="/logout"><button type="submit">Log out</button></form></li>`
                : [entry("/find", "Find booking"), entry("/login", "Log in"), entry("/register", "Register")]
            }
          </ul>
        </nav>
      </div>
    </header>`
}

const CURRENT = html` aria-current="page"`

function steps(current: (typeof STEPS)[number]): Markup {
  const index = STEPS.indexOf(current)
  const state = (position: number) =>
    position < index ? html` class="done"` : position === index && html` aria-current="step"`
  return html`
    <ol class="steps" aria-label="Steps of your booking">
      ${STEPS.map((name, position) => html`<li${state(position)}><span>${name}</span></li>`)}
    </ol>`
}

const footer = () => html`
        </main>
        <footer class="site-footer">
          <div>
            <p>Every price includes all taxes and fees.</p>
            <a href="/find">Find a booking</a>
            <a href="/account/loyalty/tiers">Tiers</a>
            <a href="/openapi">API</a>
          </div>
        </footer>
      </body>
    </html>`
