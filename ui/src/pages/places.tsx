import type { FieldProblem } from "@airside/kernel/errors"
import type { Place } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { Clients } from "../clients.ts"
import type { UiContext } from "../context.ts"
import { respond } from "../layout.tsx"
import { hasReason } from "../problems.ts"
import { described, fieldId, Labelled, text } from "./form.tsx"

const SUGGESTIONS = 7
/** Of the search form; a multi-city trip has a pair for each slice. */
const FIELDS = /^(slices\[\d\]\.)?(origin|destination)$/

/** The places that a text may mean, as options of a combo box. */
export const placesPage = ({ clients }: UiContext) =>
  new Elysia().get("/places", async ({ request }) => {
    const params = new URL(request.url).searchParams
    const field = FIELDS.test(text(params, "field")) ? text(params, "field") : "origin"
    const query = text(params, "q") || text(params, field)
    const { places } = query
      ? await clients.flights.searchPlaces({ query: query.slice(0, 100), pageSize: SUGGESTIONS })
      : { places: [] }
    return respond(
      places.map((place, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the input, which points here by aria-activedescendant
        <div
          id={`${fieldId(field)}-option-${index}`}
          role="option"
          aria-selected="false"
          data-value={placeInWords(place)}
        >
          <span>
            {titleOf(place)} {titleOf(place) !== place.name && <small>{place.name}</small>}
          </span>
          <b>{place.code}</b>
        </div>
      )),
    )
  })

/** "London (LHR)", "London, all airports (LON)": what a field shows and what resolvePlace understands. */
export const placeInWords = (place: Place): string => `${titleOf(place)} (${place.code})`

/** A city with several airports is named "London, all airports". */
const titleOf = (place: Place): string => (place.airports.length > 1 ? place.name : place.city)

export type Resolved = { place: Place } | { problem: FieldProblem; choices: Place[] }

/** The place that somebody means by a code, by "London (LHR)" or by a name that only one place or city has. */
export async function resolvePlace(
  { clients }: Pick<UiContext, "clients">,
  field: string,
  typed: string,
): Promise<Resolved> {
  if (!typed) {
    const message = field.endsWith("origin") ? "Say where you start." : "Say where you want to go."
    return { problem: { field, message }, choices: [] }
  }
  const code = /^([A-Za-z]{3})$|\(([A-Za-z]{3})\)$/.exec(typed)
  const known = code ? await findPlace(clients, (code[1] ?? code[2]!).toUpperCase()) : undefined
  if (known) return { place: known }
  const query = typed.replace(/\s*\([^)]*\)$/, "").slice(0, 100) || typed.slice(0, 100)
  const { places } = await clients.flights.searchPlaces({ query, pageSize: SUGGESTIONS })
  const [best, ...others] = places
  if (best && others.every(({ code }) => best.airports.includes(code))) return { place: best }
  const message =
    places.length === 0
      ? `We know no place called “${typed}”. Try the city’s name or the airport’s code.`
      : `“${typed}” can mean several airports. Choose one:`
  return { problem: { field, message }, choices: places }
}

const REMEMBERED_PLACES = 2000
const remembered = new Map<string, Place>()

/** A place by its code; places hardly ever change, so they are remembered. */
export async function findPlace(clients: Pick<Clients, "flights">, code: string): Promise<Place | undefined> {
  const known = remembered.get(code)
  if (known) return known
  try {
    const { place } = await clients.flights.getPlace({ code })
    if (place && remembered.size < REMEMBERED_PLACES) remembered.set(code, place)
    return place
  } catch (error) {
    if (hasReason(error, "PLACE_NOT_FOUND", "INVALID_REQUEST")) return undefined
    throw error
  }
}

/** Finds the cities of some airports, so that a page can say "Delhi" where a segment says "DEL". */
export async function citiesOf(clients: Pick<Clients, "flights">, codes: Iterable<string>) {
  const distinct = [...new Set(codes)]
  const places = await Promise.all(distinct.map((code) => findPlace(clients, code)))
  const cities = new Map(distinct.map((code, index) => [code, places[index]?.city || code]))
  return (code: string) => cities.get(code) ?? code
}

interface PlaceFieldProps {
  /** "origin", or "slices[1].origin". */
  name: string
  label: string
  value: string
  problems: readonly FieldProblem[]
  choices: Place[]
  /** The address of the same search with this place. */
  choose: (place: Place) => string
}

/** A text field; htmx and airside.js make it a combo box. What is ambiguous is offered as links beside it. */
export function PlaceField({ name, label, value, problems, choices, choose }: PlaceFieldProps) {
  const list = `${fieldId(name)}-options`
  const offered = choices.length > 0 && (
    <ul class="choices">
      {choices.map((place) => (
        <li>
          <a href={choose(place)}>
            {titleOf(place)} <b>{place.code}</b> {titleOf(place) !== place.name && <small>{place.name}</small>}
          </a>
        </li>
      ))}
    </ul>
  )
  return (
    <Labelled {...{ name, label, problems }} class="place" after={offered}>
      <input
        id={fieldId(name)}
        name={name}
        type="text"
        value={value}
        required={true}
        placeholder="City or airport"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxlength={100}
        data-combobox={list}
        hx-get={`/places?field=${encodeURIComponent(name)}`}
        hx-trigger="input changed delay:120ms"
        hx-target={`#${list}`}
        hx-sync="this:replace"
        {...described(name, problems)}
      />
      <div id={list} class="options" role="listbox" aria-label="Suggestions" hidden={true}></div>
    </Labelled>
  )
}
