import { civilDate } from "@airside/kernel/clock"
import type { FieldProblem } from "@airside/kernel/errors"
import type { Place } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { addDays, formatCount } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { ErrorSummary, Input, Select } from "./form.tsx"
import { PlaceField } from "./places.tsx"
import { CABINS, type Search, searchFrom, searchUrl } from "./search-query.ts"

/** The first page: where to, and when. */
export const searchPage = (context: UiContext) =>
  new Elysia()
    .get("/", ({ request }) => showSearch(context, request))
    // Without JavaScript the button between the two places sends the form here.
    .get("/swap", ({ request }) => {
      const search = searchFrom(new URL(request.url).searchParams)
      return redirect(searchUrl("/", { ...search, origin: search.destination, destination: search.origin }))
    })

async function showSearch({ sessions, config }: UiContext, request: Request) {
  const { user } = await sessions.identityOf(request)
  const search = searchFrom(new URL(request.url).searchParams)
  return respond(
    <Page title="Book a flight" user={user} path="/">
      <div class="hero">
        <h1>Where to next?</h1>
        <p>One price with all taxes, seats held while you pay, and a quote before you cancel.</p>
      </div>
      <SearchForm search={search} horizonDays={config.SALE_HORIZON_DAYS} seats={config.SEATS_PER_BOOKING} />
      <ul class="promises">
        <li>
          <h2>The price you see</h2>
          <p>Every offer shows the sum for all travellers. Nothing is added on the way.</p>
        </li>
        <li>
          <h2>Time to decide</h2>
          <p>Your seats are yours while you pay. If you change your mind, they are simply free again.</p>
        </li>
        <li>
          <h2>Points that count</h2>
          <p>
            Earn on every fare and spend from the first point. <a href="/account/loyalty/tiers">See the tiers</a>
          </p>
        </li>
      </ul>
    </Page>,
  )
}

export interface SearchFormProps {
  search: Search
  horizonDays: number
  /** Most passengers with a seat. */
  seats: number
  problems?: readonly FieldProblem[]
  choices?: { origin?: Place[]; destination?: Place[] }
}

/** The search as a form that anybody's browser can send; problems stand beside their fields and nothing typed is lost. */
export function SearchForm({ search, horizonDays, seats, problems = [], choices = {} }: SearchFormProps) {
  // A traveller west of the server may still have yesterday; backend judges the date at the origin.
  const earliest = civilDate(new Date(), "Pacific/Pago_Pago")
  const dates = { type: "date", min: earliest, max: addDays(earliest, horizonDays + 1), problems }
  const counts = (from: number, one: string, many: string) =>
    Array.from({ length: seats + 1 - from }, (_, index) => [String(from + index), formatCount(from + index, one, many)])
  const count = (name: "adults" | "children" | "infants", label: string, from: number, one: string, many: string) => (
    <Select
      name={name}
      label={label}
      value={search[name]}
      options={counts(from, one, many) as [string, string][]}
      problems={problems}
    />
  )
  return (
    <>
      <ErrorSummary problems={problems} />
      <search>
        <form class="search card" action="/flights" method="get" novalidate={problems.length > 0}>
          {/* Enter sends the first button of a form: it must search, not swap. */}
          <button type="submit" hidden={true}>
            Search
          </button>
          <div class="route">
            <PlaceField
              name="origin"
              label="From"
              value={search.origin}
              problems={problems}
              choices={choices.origin ?? []}
              choose={(place) => searchUrl("/flights", { ...search, origin: place.code })}
            />
            <button class="swap" type="submit" formaction="/swap" formnovalidate={true} data-swap="">
              <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">
                <path d="M7 4 3.5 7.5 7 11M3.5 7.5h13M17 13l3.5 3.5L17 20M20.5 16.5h-13" stroke-linecap="round" />
              </svg>
              <span class="hidden-visually">Swap from and to</span>
            </button>
            <PlaceField
              name="destination"
              label="To"
              value={search.destination}
              problems={problems}
              choices={choices.destination ?? []}
              choose={(place) => searchUrl("/flights", { ...search, destination: place.code })}
            />
          </div>
          <Input name="depart_date" label="Depart" value={search.depart_date} {...dates} />
          <Input name="return_date" label="Return" value={search.return_date} {...dates} optional={true} />
          <Select name="cabin" label="Cabin" value={search.cabin} options={CABINS} problems={problems} />
          {count("adults", "Adults", 1, "adult", "adults")}
          {count("children", "Children, 2–11", 0, "child", "children")}
          {count("infants", "Infants under 2", 0, "infant", "infants")}
          <button class="button large" type="submit">
            Search flights
          </button>
        </form>
      </search>
    </>
  )
}
