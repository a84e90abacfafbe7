import { civilDate } from "@airside/kernel/clock"
import type { FieldProblem } from "@airside/kernel/errors"
import type { Place, SliceRequest } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { addDays, formatCount } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { FareCalendarButton } from "./fare-calendar.tsx"
import { ErrorSummary, Hidden, Input, Select, text } from "./form.tsx"
import { PlaceField } from "./places.tsx"
import {
  CABINS,
  fieldOf,
  MOST_SLICES,
  type Search,
  searchFields,
  searchFrom,
  searchUrl,
  slicesOf,
  TRIPS,
  withSlices,
} from "./search-query.ts"

const FEWEST_SLICES = 2
const NOWHERE: SliceRequest = { origin: "", destination: "", date: "" }

/** The first page: where to, and when. Without JavaScript the form's smaller buttons are answered here too. */
export const searchPage = (context: UiContext) =>
  new Elysia()
    .get("/", ({ request }) => {
      const params = new URL(request.url).searchParams
      return showSearch(context, request, changed(searchFrom(params), params))
    })
    .get("/swap", ({ request }) => {
      const search = searchFrom(new URL(request.url).searchParams)
      const swapped = { ...search, origin: search.destination, destination: search.origin }
      return redirect(searchUrl("/", swapped))
    })

/** The search after "Add a flight" or "Remove". */
function changed(search: Search, params: URLSearchParams): Search {
  if (search.trip !== "multi_city") return search
  const removed = Number(text(params, "remove") || "-1")
  const slices = search.slices.filter((_, index) => index !== removed)
  if (params.has("add")) slices.push({ ...NOWHERE, origin: slices.at(-1)?.destination ?? "" })
  while (slices.length < FEWEST_SLICES) slices.push(NOWHERE)
  return { ...search, slices: slices.slice(0, MOST_SLICES) }
}

async function showSearch({ sessions, config }: UiContext, request: Request, search: Search) {
  const { user } = await sessions.identityOf(request)
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
  /** What an ambiguous place may mean, by the name of its field. */
  choices?: ReadonlyMap<string, Place[]>
}

/** The search as a form that anybody's browser can send; problems stand beside their fields and nothing typed is lost. */
export function SearchForm({ search, horizonDays, seats, problems = [], choices = new Map() }: SearchFormProps) {
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
  const carriedOn = searchFields(search).filter(([name]) => name === "sort")
  return (
    <>
      <ErrorSummary problems={problems} />
      <search>
        <form class="search card" action="/flights" method="get" novalidate={problems.length > 0}>
          {/* Enter sends the first button of a form: it must search, not swap. */}
          <button type="submit" hidden={true}>
            Search
          </button>
          <Hidden values={[["trip", search.trip], ...carriedOn]} />
          <Trips search={search} />
          {search.trip === "multi_city" ? (
            <Slices search={search} problems={problems} choices={choices} dates={dates} />
          ) : (
            <>
              <div class="route">
                <RouteField search={search} index={0} part="origin" {...{ problems, choices }} />
                <button class="swap" type="submit" formaction="/swap" formnovalidate={true} data-swap="">
                  <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">
                    <path d="M7 4 3.5 7.5 7 11M3.5 7.5h13M17 13l3.5 3.5L17 20M20.5 16.5h-13" stroke-linecap="round" />
                  </svg>
                  <span class="hidden-visually">Swap from and to</span>
                </button>
                <RouteField search={search} index={0} part="destination" {...{ problems, choices }} />
              </div>
              <Input name="depart_date" label="Depart" value={search.depart_date} {...dates} />
              {search.trip === "return" && (
                <Input name="return_date" label="Return" value={search.return_date} {...dates} optional={true} />
              )}
            </>
          )}
          <Select name="cabin" label="Cabin" value={search.cabin} options={CABINS} problems={problems} />
          {count("adults", "Adults", 1, "adult", "adults")}
          {count("children", "Children, 2–11", 0, "child", "children")}
          {count("infants", "Infants under 2", 0, "infant", "infants")}
          <div class="search-end">
            <label class="check">
              <input type="checkbox" name="nearby_airports" value="true" checked={search.nearby_airports === "true"} />
              Nearby airports too
            </label>
            <button class="button large" type="submit">
              Search flights
            </button>
            {search.trip !== "multi_city" && <FareCalendarButton />}
          </div>
        </form>
      </search>
    </>
  )
}

/** Return, one way or several flights: each button keeps what was typed. */
function Trips({ search }: { search: Search }) {
  return (
    <fieldset class="trip-kinds" aria-label="Kind of trip">
      {TRIPS.map(([trip, words]) => (
        <button
          type="submit"
          formaction="/"
          formnovalidate={true}
          name="trip"
          value={trip}
          aria-pressed={search.trip === trip ? "true" : "false"}
        >
          {words}
        </button>
      ))}
    </fieldset>
  )
}

type PartsProps = Pick<Required<SearchFormProps>, "search" | "problems" | "choices">

/** A row for each flight of a multi-city trip. */
function Slices({ search, problems, choices, dates }: PartsProps & { dates: Record<string, unknown> }) {
  const slices = slicesOf(search)
  return (
    <div class="slices">
      {slices.map(({ date }, index) => (
        <fieldset>
          <legend>Flight {index + 1}</legend>
          <RouteField search={search} index={index} part="origin" {...{ problems, choices }} />
          <RouteField search={search} index={index} part="destination" {...{ problems, choices }} />
          <Input name={fieldOf(search, index, "date")} label="Depart" value={date} {...dates} />
          {slices.length > FEWEST_SLICES && (
            <button class="link-button" type="submit" formaction="/" formnovalidate={true} name="remove" value={index}>
              Remove<span class="hidden-visually"> flight {index + 1}</span>
            </button>
          )}
        </fieldset>
      ))}
      {slices.length < MOST_SLICES && (
        <button class="button secondary" type="submit" formaction="/" formnovalidate={true} name="add" value="1">
          Add a flight
        </button>
      )}
    </div>
  )
}

function RouteField(props: PartsProps & { index: number; part: "origin" | "destination" }) {
  const { search, index, part, problems, choices } = props
  const slices = slicesOf(search)
  const name = fieldOf(search, index, part)
  const withPlace = (place: Place) =>
    slices.map((slice, position) => (position === index ? { ...slice, [part]: place.code } : slice))
  return (
    <PlaceField
      name={name}
      label={part === "origin" ? "From" : "To"}
      value={slices[index]![part]}
      problems={problems}
      choices={choices.get(name) ?? []}
      choose={(place) => searchUrl("/flights", withSlices(search, withPlace(place)))}
    />
  )
}
