import type { FieldProblem } from "@airside/kernel/errors"
import type { Place, SliceRequest } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { filtersOf } from "./filters.ts"
import { resolvePlace } from "./places.tsx"
import { showResults } from "./results.ts"
import { SearchForm } from "./search.tsx"
import { fieldOf, problemsOf, type Search, searchFrom, searchUrl, slicesOf, withSlices } from "./search-query.ts"
import { tokenFields, tokensFrom } from "./selection.tsx"

/** What can be flown. Slices are chosen one after the other, and what was chosen stays in the address. */
export const flightsPage = (context: UiContext) =>
  new Elysia().get("/flights", async ({ request }) => {
    const asked = new URL(request.url)
    const typed = withoutEmptySlices(searchFrom(asked.searchParams))
    const { search: resolved, places, problems, choices } = await resolveSlices(context, typed)
    problems.push(...problemsOf(typed))
    if (problems.length > 0) return showForm(context, request, typed, problems, choices)
    const search = withoutWayBack(resolved)
    const selection = { search, tokens: tokensFrom(asked.searchParams).slice(0, slicesOf(search).length - 1) }
    const address = searchUrl("/flights", search, tokenFields(selection.tokens))
    if (!saysAllOf(address, asked)) return redirect(address)
    try {
      return await showResults(context, request, { selection, places })
    } catch (error) {
      if (!hasReason(error, "INVALID_REQUEST")) throw error
      const { fields } = problemOf(error)
      return showForm(context, request, search, fields.map(namedAsOf(search, selection.tokens.length)))
    }
  })

/** Rows of the form in which nothing was typed do not count; a single flight is a one-way trip. */
function withoutEmptySlices(search: Search): Search {
  if (search.trip !== "multi_city") return search
  const slices = search.slices.filter(({ origin, destination, date }) => origin || destination || date)
  const [only] = slices
  if (!only || slices.length > 1) return { ...search, slices: only ? slices : search.slices.slice(0, 1) }
  const { origin, destination, date } = only
  return { ...search, trip: "one_way", origin, destination, depart_date: date, slices: [] }
}

/** There and back without a day for the way back is one way. */
const withoutWayBack = (search: Search): Search =>
  search.trip === "return" && search.return_date === ""
    ? { ...search, trip: "one_way", filters: filtersOf(search.filters, 0) }
    : search

/** The search with codes for what was typed, the places of each slice, and what nobody understands. */
async function resolveSlices(context: UiContext, typed: Search) {
  const slices = slicesOf(typed)
  const asked = slices.flatMap((slice, index) =>
    (["origin", "destination"] as const).map((part) => ({ field: fieldOf(typed, index, part), typed: slice[part] })),
  )
  const resolved = await Promise.all(asked.map((each) => resolvePlace(context, each.field, each.typed)))
  const problems: FieldProblem[] = []
  const choices = new Map<string, Place[]>()
  for (const [index, each] of resolved.entries()) {
    // The way back has no fields of its own.
    if ("place" in each || choices.has(asked[index]!.field)) continue
    if (problems.some(({ field }) => field === asked[index]!.field)) continue
    problems.push(each.problem)
    choices.set(asked[index]!.field, each.choices)
  }
  const placeAt = (index: number) => {
    const each = resolved[index]!
    return "place" in each ? each.place : undefined
  }
  const places = slices.map((_, index) => [placeAt(2 * index), placeAt(2 * index + 1)] as [Place, Place])
  const coded: SliceRequest[] = slices.map(({ date }, index) => ({
    origin: places[index]![0]?.code ?? "",
    destination: places[index]![1]?.code ?? "",
    date,
  }))
  return { search: withSlices(typed, coded), places, problems, choices }
}

/** True when everything that was asked for stands in the address as it was given. */
function saysAllOf(address: string, asked: URL): boolean {
  if (address === asked.pathname + asked.search) return true
  const { searchParams } = new URL(address, asked)
  return [...asked.searchParams].every(([name, value]) => searchParams.has(name, value))
}

/** What was asked for as one way, or as there and back, may have other fields in the form. */
function namedAsOf(search: Search, index: number): (problem: FieldProblem) => FieldProblem {
  const last = Math.min(index + 1, slicesOf(search).length - 1)
  const names: Record<string, string> = {
    origin: fieldOf(search, index, "origin"),
    destination: fieldOf(search, index, "destination"),
    depart_date: fieldOf(search, index, "date"),
    return_date: fieldOf(search, last, "date"),
  }
  return ({ field, message }) => ({ field: names[field] ?? field, message })
}

async function showForm(
  { sessions, config }: UiContext,
  request: Request,
  search: Search,
  problems: FieldProblem[],
  choices: ReadonlyMap<string, Place[]> = new Map(),
) {
  const { user } = await sessions.identityOf(request)
  return respond(
    <Page title="Search flights" user={user} path="/">
      <div class="page-head">
        <h1>Search flights</h1>
      </div>
      <SearchForm
        search={search}
        horizonDays={config.SALE_HORIZON_DAYS}
        seats={config.SEATS_PER_BOOKING}
        problems={problems}
        choices={choices}
      />
    </Page>,
    422,
  )
}
