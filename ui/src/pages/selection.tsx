import type { OrderedSlice, PriceBookingRequest } from "@airside/protos/airside/bookings/v1/bookings"
import type { Price } from "@airside/protos/airside/flights/v1/flights"
import type { UiContext } from "../context.ts"
import { formatMoney } from "../format.ts"
import { hasReason, problemOf } from "../problems.ts"
import { brandTitle, listBrands } from "./fare-brands.ts"
import { text } from "./form.tsx"
import { minutesOf } from "./itinerary.ts"
import { Itinerary } from "./offers.tsx"
import { citiesOf } from "./places.tsx"
import { cabinInWords, partyInWords, type Search, searchFields, searchFrom, searchUrl } from "./search-query.ts"

/** The offers that were chosen, as address and forms carry them from results to booking; one a slice so far. */
export interface Selection {
  search: Search
  /** One a slice. */
  tokens: string[]
}

const OFFER_REASONS = [
  "OFFER_EXPIRED",
  "OFFER_INVALID",
  "OFFER_CHANGED",
  "OFFERS_DO_NOT_COMBINE",
  "SALES_CLOSED",
  "SOLD_OUT",
]

export const selectionFrom = (params: URLSearchParams): Selection => ({
  search: searchFrom(params),
  tokens: tokensFrom(params),
})

/** A button `instead`, "1 TOKEN", has the offer of that slice exchanged. */
export function tokensFrom(params: URLSearchParams): string[] {
  const tokens = params.getAll("offer")
  const [, slice, token] = /^(\d) (\S+)$/.exec(text(params, "instead")) ?? []
  return token && Number(slice) in tokens ? tokens.with(Number(slice), token) : tokens
}

export const selectionFields = ({ search, tokens }: Selection): (readonly [string, string])[] => [
  ...searchFields(search),
  ...tokenFields(tokens),
]

/** The chosen offers alone. */
export const tokenFields = (tokens: readonly string[]): (readonly [string, string])[] =>
  tokens.map((token) => ["offer", token] as const)

/** The names of the fields in which a form keeps travellers and contact. */
export const travellerFields = (form: URLSearchParams): [string, string][] =>
  [...form].filter(([name]) => name.startsWith("passengers[") || name.startsWith("contact."))

/** Promo code and points, which belong to the review. */
export const extrasFields = (form: URLSearchParams): [string, string][] =>
  [...form].filter(([name]) => name === "promo_code" || name === "points")

/** The times that are shown, a field a slice, so that a later step can say which of them have changed. */
export const timesFields = (slices: readonly OrderedSlice[]): [string, string][] =>
  slices.map(({ segments }) => [
    "times",
    segments.map(({ departsAt, arrivesAt }) => `${departsAt}/${arrivesAt}`).join(" "),
  ])

/** True when the chosen offers themselves cannot be booked. */
export const isAboutOffers = (error: unknown): boolean => hasReason(error, ...OFFER_REASONS)

export interface Quote {
  /** As asked, or with the tokens that took the place of lapsed ones. */
  selection: Selection
  price: Price | undefined
  slices: OrderedSlice[]
  renewed: boolean
}

/**
 * What the selection costs, and for which flights. An offer that has lapsed is renewed without a question when that
 * changes nothing: the flights are as they were, and so is the price. Throws what PriceBooking throws.
 */
export async function quoteSelection(
  { clients }: UiContext,
  selection: Selection,
  order: Omit<PriceBookingRequest, "offerTokens">,
  token: string | undefined,
): Promise<Quote> {
  const ask = async (offerTokens: string[], renewed: boolean) => {
    const answer = await clients.bookings.priceBooking({ offerTokens, ...order }, { token })
    return { ...answer, selection: { ...selection, tokens: offerTokens }, renewed }
  }
  try {
    return await ask(selection.tokens, false)
  } catch (error) {
    const anew = offeredAnew(error)
    if (!anew || !hasReason(error, "OFFER_EXPIRED") || anew.total !== anew.formerTotal) throw error
    return ask(anew.tokens, true)
  }
}

/** What can be had instead of offers that lapsed or changed: the same flights, minor units of the selling currency. */
export function offeredAnew(error: unknown) {
  const { metadata } = problemOf(error)
  if (!hasReason(error, "OFFER_EXPIRED", "OFFER_CHANGED") || !metadata.offer_tokens) return undefined
  return {
    tokens: metadata.offer_tokens.split(" "),
    total: BigInt(metadata.total_minor_units ?? 0),
    formerTotal: BigInt(metadata.former_total_minor_units ?? 0),
    currency: metadata.currency ?? "",
  }
}

interface SummaryProps {
  context: UiContext
  search: Search
  slices: readonly OrderedSlice[]
  price?: Price | undefined
}

/** Shows what was chosen and what it costs; beside the forms. */
export async function SelectionSummary({ context, search, slices, price }: SummaryProps) {
  return (
    <section class="card summary" aria-labelledby="summary-title">
      <h2 id="summary-title">Your flights</h2>
      <ChosenFlights context={context} search={search} slices={slices} />
      <p class="muted">{partyInWords(search)}</p>
      {price && <PriceLines price={price} />}
    </section>
  )
}

interface ChosenProps {
  context: UiContext
  search: Search
  slices: readonly OrderedSlice[]
  /** While the others are being chosen: in brief, and with a way to choose again. */
  tokens?: readonly string[] | undefined
}

/** The chosen flights, each with its fare. */
export async function ChosenFlights({ context, search, slices, tokens }: ChosenProps) {
  const airports = slices.flatMap(({ segments }) =>
    segments.flatMap(({ origin, destination }) => [origin, destination]),
  )
  const [cityOf, brands] = await Promise.all([citiesOf(context.clients, airports), listBrands(context.clients)])
  return (
    <>
      {slices.map(({ segments, cabin, brand }, index) => (
        <Itinerary
          title={sliceInWords(search, index)}
          segments={segments}
          minutes={minutesOf(segments)}
          cityOf={cityOf}
          brief={tokens !== undefined}
        >
          <p class="hint">
            {cabinInWords(cabin)} {brandTitle(brands, brand)}
            {tokens && <a href={searchUrl("/flights", search, tokenFields(tokens.slice(0, index)))}>Change</a>}
          </p>
        </Itinerary>
      ))}
    </>
  )
}

/** "Outbound" or "Return", "Flight 3" of several; nothing on a one-way trip. */
export function sliceInWords(search: Search, index: number): string {
  if (search.trip === "multi_city") return `Flight ${index + 1}`
  return search.return_date ? (["Outbound", "Return"][index] ?? "") : ""
}

export const RenewedNotice = () => (
  <p class="notice" role="status">
    Your offer had lapsed. It is renewed: the same flights at the same price.
  </p>
)

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
