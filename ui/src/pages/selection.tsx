import type { Offer, Price } from "@airside/protos/airside/flights/v1/flights"
import type { UiContext } from "../context.ts"
import { formatMoney } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { flightKey, Itinerary } from "./offers.tsx"
import { citiesOf } from "./places.tsx"
import { partyInWords, type Search, searchFields, searchFrom, searchUrl, toRequest } from "./search-query.ts"

/** The offers that were chosen, as address and forms carry them from results to booking. */
export interface Selection {
  search: Search
  tokens: string[]
  /** Keys of the flights, one a token, by which a search finds them again for showing. */
  flights: string[]
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
  return { search: searchFrom(params), tokens: params.getAll("offer"), flights: params.getAll("flight") }
}

export function selectionFields({ search, tokens, flights }: Selection): (readonly [string, string])[] {
  return [
    ...searchFields(search),
    ...tokens.map((token) => ["offer", token] as const),
    ...flights.map((flight) => ["flight", flight] as const),
  ]
}

/** True when the chosen offers themselves cannot be booked. */
export const isAboutOffers = (error: unknown): boolean => hasReason(error, ...OFFER_REASONS)

/** Shows what was chosen and what it costs; beside the forms. */
export async function SelectionSummary(props: { context: UiContext; selection: Selection; price?: Price | undefined }) {
  const { context, selection, price } = props
  const offers = await chosenOffers(context, selection)
  const cityOf = await citiesOf(
    context.clients,
    offers.flatMap(({ segments }) => segments.flatMap(({ origin, destination }) => [origin, destination])),
  )
  return (
    <section class="card summary" aria-labelledby="summary-title">
      <h2 id="summary-title">Your flights</h2>
      {offers.map((offer, index) => (
        <Itinerary
          title={selection.search.return_date ? (["Outbound", "Return"][index] ?? "") : ""}
          segments={offer.segments}
          minutes={offer.durationMinutes}
          cityOf={cityOf}
        />
      ))}
      <p class="muted">{partyInWords(selection.search)}</p>
      {price && <PriceLines price={price} />}
    </section>
  )
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

/** What a fresh search says about the chosen flights; it finds none when they cannot be booked any more. */
async function chosenOffers({ clients }: UiContext, { search, flights }: Selection): Promise<Offer[]> {
  try {
    const { slices } = await clients.flights.searchFlights(toRequest(search))
    return flights.flatMap((key, index) => slices[index]?.offers.find((offer) => flightKey(offer) === key) ?? [])
  } catch (error) {
    if (hasReason(error, "INVALID_REQUEST")) return []
    throw error
  }
}
