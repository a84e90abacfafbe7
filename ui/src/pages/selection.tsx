import { type Offer, type Price, SearchFilters, SearchFlightsRequest } from "@airside/protos/airside/flights/v1/flights"
import type { UiContext } from "../context.ts"
import { formatMoney, localTime } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { toWindow } from "../time-window.ts"
import { brandTitle, listBrands } from "./fare-brands.tsx"
import { Itinerary } from "./offers.tsx"
import { citiesOf } from "./places.tsx"
import {
  cabinInWords,
  partyInWords,
  type Search,
  searchFields,
  searchFrom,
  searchUrl,
  slicesOf,
} from "./search-query.ts"
import { toParty, toRoute } from "./search-request.ts"

/** The offers that were chosen, as address and forms carry them from results to booking; one a slice so far. */
export interface Selection {
  search: Search
  tokens: string[]
  /** Keys of the flights, one a token, by which a search finds them again for showing. */
  flights: string[]
  /** Brands of the chosen fares, one a token. */
  brands: string[]
}

const OFFER_REASONS = [
  "OFFER_EXPIRED",
  "OFFER_INVALID",
  "OFFER_CHANGED",
  "OFFERS_DO_NOT_COMBINE",
  "SALES_CLOSED",
  "SOLD_OUT",
]

export function selectionFrom(params: URLSearchParams): Selection {
  const [tokens, flights, brands] = ["offer", "flight", "brand"].map((name) => params.getAll(name))
  return { search: searchFrom(params), tokens: tokens!, flights: flights!, brands: brands! }
}

export const selectionFields = (selection: Selection): (readonly [string, string])[] => [
  ...searchFields(selection.search),
  ...tokenFields(selection),
]

/** The chosen offers alone. */
export const tokenFields = ({ tokens, flights, brands }: Omit<Selection, "search">): (readonly [string, string])[] =>
  Object.entries({ offer: tokens, flight: flights, brand: brands }).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  )

/** The first so many of the chosen offers. */
export function firstOf({ search, tokens, flights, brands }: Selection, most: number): Selection {
  const count = Math.min(most, tokens.length)
  return {
    search,
    tokens: tokens.slice(0, count),
    flights: flights.slice(0, count),
    brands: brands.slice(0, count),
  }
}

/** Names the flights of an offer on its day, "0805-1130.<id>.<id>": a later search of that day finds them again by it. */
export function flightKey({ segments }: Pick<Offer, "segments">): string {
  const [departs, arrives] = [segments[0]!.departsAt, segments.at(-1)!.arrivesAt].map(localTime)
  return [`${departs}-${arrives}`.replaceAll(":", ""), ...segments.map(({ flightId }) => flightId)].join(".")
}

/** True when the chosen offers themselves cannot be booked. */
export const isAboutOffers = (error: unknown): boolean => hasReason(error, ...OFFER_REASONS)

/** Shows what was chosen and what it costs; beside the forms. */
export async function SelectionSummary(props: { context: UiContext; selection: Selection; price?: Price | undefined }) {
  const { context, selection, price } = props
  return (
    <section class="card summary" aria-labelledby="summary-title">
      <h2 id="summary-title">Your flights</h2>
      <ChosenFlights context={context} selection={selection} offers={await chosenOffers(context, selection)} />
      <p class="muted">{partyInWords(selection.search)}</p>
      {price && <PriceLines price={price} />}
    </section>
  )
}

/** The chosen flights, each with its fare; while the others are being chosen in brief, and with a way to choose again. */
export async function ChosenFlights(props: {
  context: UiContext
  selection: Selection
  offers: readonly (Offer | undefined)[]
  brief?: boolean
}) {
  const { context, selection, offers, brief } = props
  const airports = offers.flatMap(
    (offer) => offer?.segments.flatMap(({ origin, destination }) => [origin, destination]) ?? [],
  )
  const [cityOf, brands] = await Promise.all([citiesOf(context.clients, airports), listBrands(context.clients)])
  return (
    <>
      {offers.map(
        (offer, index) =>
          offer && (
            <Itinerary
              title={sliceInWords(selection.search, index)}
              segments={offer.segments}
              minutes={offer.durationMinutes}
              cityOf={cityOf}
              brief={brief}
            >
              <p class="hint">
                {cabinInWords(offer.cabin)} {brandTitle(brands, selection.brands[index] ?? offer.brand)}
                {brief && (
                  <a href={searchUrl("/flights", selection.search, tokenFields(firstOf(selection, index)))}>Change</a>
                )}
              </p>
            </Itinerary>
          ),
      )}
    </>
  )
}

/** "Outbound" or "Return", "Flight 3" of several; nothing on a one-way trip. */
export function sliceInWords(search: Search, index: number): string {
  if (search.trip === "multi_city") return `Flight ${index + 1}`
  return search.return_date ? (["Outbound", "Return"][index] ?? "") : ""
}

export function PriceLines({ price }: { price: Price }) {
  return (
    <dl class="lines">
      {price.lines.map(({ label, amount }) => (
        <div>
          <dt>{label.replace(" %", "\u00a0%")}</dt>
          <dd>{formatMoney(amount)}</dd>
        </div>
      ))}
      <div class="total">
        <dt>Total</dt>
        <dd>{formatMoney(price.total)}</dd>
      </div>
    </dl>
  )
}

/** Says why the offers cannot be booked and leads back to the same search. */
export async function offersGone(context: UiContext, request: Request, selection: Selection, error: unknown) {
  const { user } = await context.sessions.identityOf(request)
  const { reason, detail } = problemOf(error)
  const words: Record<string, [title: string, advice: string]> = {
    OFFER_EXPIRED: ["This offer has lapsed", "Prices are kept for half an hour. Look again to see what is free now."],
    OFFER_CHANGED: [
      "The price has changed",
      "Something about this flight is new. Look again to see the current offer.",
    ],
    OFFERS_DO_NOT_COMBINE: ["These flights do not fit together", "The return leaves before you have arrived."],
    SALES_CLOSED: [
      "Too late for this flight",
      "Sales end some time before departure. A later flight may still be free.",
    ],
    SOLD_OUT: ["The last seats have just gone", "Somebody else was quicker. Other flights may still have seats."],
  }
  const [title, advice] = words[reason] ?? ["This offer cannot be booked", detail]
  return respond(
    <Page title={title} user={user} step="Flights">
      <section id="price" class="empty">
        <h1>{title}</h1>
        <p>{advice} You have not paid anything.</p>
        <a class="button" href={searchUrl("/flights", selection.search)}>
          See flights for the same day
        </a>
      </section>
    </Page>,
    409,
  )
}

/**
 * What a fresh search says about the chosen flights, one a token. It asks for their times alone, so that the limit of a
 * search never hides them; undefined where they cannot be booked any more.
 */
export async function chosenOffers({ clients }: UiContext, { search, flights }: Omit<Selection, "tokens" | "brands">) {
  const slices = slicesOf(search).slice(0, flights.length)
  if (slices.length === 0) return []
  const request = SearchFlightsRequest.fromPartial({
    ...toRoute(slices),
    ...toParty(search),
    limit: MOST_OFFERS,
    filters: slices.map((_, index) => atTimesOf(flights[index]!)),
  })
  try {
    const found = await clients.flights.searchFlights(request)
    return slices.map((_, index) => found.slices[index]?.offers.find((offer) => flightKey(offer) === flights[index]))
  } catch (error) {
    if (hasReason(error, "INVALID_REQUEST")) return slices.map(() => undefined)
    throw error
  }
}

const MOST_OFFERS = 100

function atTimesOf(flight: string): SearchFilters {
  const [, departs, arrives] = /^(\d{4})-(\d{4})\./.exec(flight) ?? []
  const at = (clock: string | undefined) => {
    const time = clock && `${clock.slice(0, 2)}:${clock.slice(2)}`
    return time ? toWindow(time, time) : undefined
  }
  return SearchFilters.fromPartial({ departure: at(departs), arrival: at(arrives) })
}
