import type { OrderedSlice } from "@airside/protos/airside/bookings/v1/bookings"
import type { FareBrand, Offer, Place, Price, Slice } from "@airside/protos/airside/flights/v1/flights"
import { raw } from "hono/html"
import type { Child } from "hono/jsx"
import type { UiContext } from "../context.ts"
import { formatDate, formatMoney } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { BrandTerms, listBrands } from "./fare-brands.tsx"
import { OtherDays } from "./fare-grid.tsx"
import { type Chip, chipsOf, FilterChips, FilterForm, unfiltered } from "./filter-form.tsx"
import { offerList } from "./offer-list.ts"
import { citiesOf } from "./places.tsx"
import { DayLinks, NoFlights, NothingFits, ShowMore, SortLinks } from "./result-links.tsx"
import { partyInWords, type Search, searchUrl, slicesOf, unnamedPassengers } from "./search-query.ts"
import { toRequest } from "./search-request.ts"
import { ChosenFlights, isAboutOffers, type Selection, tokenFields } from "./selection.tsx"

interface ResultsProps {
  /** As many offers as were chosen so far; the slice after them is the one to choose now. */
  selection: Selection
  /** From and to, one pair a slice. */
  places: readonly (readonly [Place, Place])[]
  /** What had been chosen before cannot be booked any more. */
  gone?: boolean
}

/** The offers of the slice that is to be chosen now. Rejects with INVALID_REQUEST. */
export async function showResults(
  context: UiContext,
  request: Request,
  { selection, places, gone }: ResultsProps,
): Promise<Response> {
  const { search, tokens } = selection
  const index = tokens.length
  const { SELLING_CURRENCY: currency } = context.config
  const [{ user }, found, brands, before] = await Promise.all([
    context.sessions.identityOf(request),
    // At first for every slice, so that what is wrong with a later one is said before anything is chosen.
    context.clients.flights.searchFlights(toRequest(search, currency, index === 0 ? undefined : index)),
    listBrands(context.clients),
    chosenBefore(context, selection),
  ])
  if (before === "gone") {
    const nothing = { search, tokens: [] }
    return showResults(context, request, { selection: nothing, places, gone: true })
  }
  const slice = found.slices[0]!
  // Other pages depend on more than this one search: on what was chosen, or on what is there without the filters.
  if (index === 0 && !gone && slice.offers.length > 0) context.pages.dependsOn(request, found)
  // Here, for what waits while it is rendered makes the whole page slower.
  const cityOf = await citiesOf(
    context.clients,
    slice.offers.flatMap(({ segments }) => segments.slice(1).map(({ origin }) => origin)),
  )
  const chosen = tokenFields(tokens)
  const view: View = { selection, index, slice, currency, brands, before, chosen, cityOf }
  const offers = leavingAfter(before, slice.offers)
  const [start, end] = places[index]!
  const title = `${start.city} to ${end.city}`
  return respond(
    <Page title={title} user={user} path="/" step="Flights">
      <div id="results" class="results">
        <div class="page-head">
          <div>
            <h1>{title}</h1>
            <p>
              {taskInWords(search, index)}
              {formatDate(slice.date)} · {partyInWords(search)}
            </p>
          </div>
          <a class="button secondary" href={searchUrl("/", { ...search, filters: [] })}>
            Change search
          </a>
        </div>
        {gone && (
          <p class="notice warn" role="status">
            The flight you had chosen cannot be booked any more at that price. Please choose again.
          </p>
        )}
        {before && <ChosenBefore context={context} selection={selection} before={before} />}
        <DayLinks search={search} index={index} chosen={chosen} />
        {index === 0 && search.trip !== "multi_city" && <OtherDays search={search} />}
        {slice.offers.length > 0 ? (
          <Columns view={view}>
            {offers.length > 0 ? (
              <Offers view={view} offers={offers} />
            ) : (
              <NoFlights search={search} index={index} chosen={chosen} start={start} end={end} early={true} />
            )}
          </Columns>
        ) : (
          <Nothing context={context} view={view} start={start} end={end} />
        )}
      </div>
    </Page>,
  )
}

interface View {
  selection: Selection
  index: number
  slice: Slice
  currency: string
  brands: readonly FareBrand[]
  before: Before | undefined
  /** Fields of the offers chosen before. */
  chosen: readonly (readonly [string, string])[]
  cityOf: (code: string) => string
}

/** What was chosen for the slices before, as it can be booked now. */
interface Before {
  price: Price | undefined
  slices: readonly OrderedSlice[]
}

/** "gone" when what was chosen cannot be booked any more. */
async function chosenBefore(context: UiContext, { search, tokens }: Selection): Promise<Before | "gone" | undefined> {
  if (tokens.length === 0) return undefined
  const order = { offerTokens: tokens, passengers: unnamedPassengers(search), promoCode: "", points: 0n }
  try {
    return await context.clients.bookings.priceBooking(order)
  } catch (error) {
    if (isAboutOffers(error)) return "gone"
    throw error
  }
}

/** The offers that can still be reached after what was chosen before. */
function leavingAfter(before: Before | undefined, offers: readonly Offer[]): readonly Offer[] {
  const landed = before?.slices.at(-1)?.segments.at(-1)?.arrivesAt
  if (!landed) return offers
  return offers.filter(({ segments }) => Date.parse(segments[0]!.departsAt) >= Date.parse(landed))
}

/** "Choose your return · ", or which flight of several. */
function taskInWords(search: Search, index: number) {
  const slices = slicesOf(search)
  if (slices.length === 1) return null
  if (search.trip === "multi_city") return <b>{`Choose flight ${index + 1} of ${slices.length} · `}</b>
  return <b>{index === 0 ? "Choose your outbound flight · " : "Choose your return · "}</b>
}

function ChosenBefore(props: { context: UiContext; selection: Selection; before: Before }) {
  const { context, before } = props
  const { search, tokens } = props.selection
  return (
    <section class="chosen card" aria-label="What you have chosen">
      <div>
        <ChosenFlights context={context} search={search} slices={before.slices} tokens={tokens} />
      </div>
      <p class="chosen-price">
        <span class="number">{formatMoney(before.price?.total)}</span>
      </p>
    </section>
  )
}

function Columns({ view, children }: { view: View; children?: Child }) {
  const { selection, index, slice, chosen, currency } = view
  const { search } = selection
  const chips = chipsOf({ search, index, slice, chosen, currency })
  return (
    <div class="results-columns">
      <FilterForm {...{ search, index, slice, chosen, currency }} />
      <div>
        <FilterChips chips={chips} clear={searchUrl("/flights", unfiltered(search, index), chosen)} />
        {children}
      </div>
    </div>
  )
}

/** The list itself: with its order, what the fares include, and more of it. */
function Offers({ view, offers }: { view: View; offers: readonly Offer[] }) {
  const { selection, index, slice, chosen, brands, cityOf } = view
  const { search } = selection
  const last = index === slicesOf(search).length - 1
  const next = searchUrl(last ? "/book" : "/flights", { ...search, limit: "20" }, chosen)
  const sold = new Set(offers.flatMap(({ fares }) => fares.map(({ brand }) => brand)))
  const links = { search, index, chosen }
  const early = slice.offers.length - offers.length
  return (
    <>
      <SortLinks {...links} found={slice.found - early} />
      <BrandTerms brands={brands.filter(({ name }) => sold.has(name))} />
      {raw(offerList({ offers, brands, next, cityOf }).text)}
      {early > 0 && <p class="hint">Flights that leave before you have landed are not shown: {early}.</p>}
      <ShowMore {...links} shown={slice.offers.length} found={slice.found} />
      <p class="hint">
        Times are local. {slicesOf(search).length > 1 ? "Prices are for this flight and" : "Prices are"} for all
        travellers together, with taxes and fees.
      </p>
    </>
  )
}

/** No offers: because of the filters, and then which of them to leave out, or none that day. */
async function Nothing(props: { context: UiContext; view: View; start: Place; end: Place }) {
  const { context, view, start, end } = props
  const { selection, index, slice, chosen, currency } = view
  const { search } = selection
  const all = unfiltered(search, index)
  const links = { search: all, index, chosen }
  const chips = chipsOf({ search, index, slice, chosen, currency })
  if (chips.length === 0 || (await countFound(context, all, index)) === 0)
    return <NoFlights {...links} start={start} end={end} />
  const relaxed = await Promise.all(
    chips.slice(0, MOST_RELAXED).map(async (chip: Chip) => ({
      ...chip,
      found: await countFound(context, chip.without, index),
    })),
  )
  return (
    <Columns view={view}>
      <NothingFits relaxed={relaxed} clear={searchUrl("/flights", all, chosen)} />
    </Columns>
  )
}

/** Each is a search. */
const MOST_RELAXED = 6

async function countFound({ clients, config }: UiContext, search: Search, index: number): Promise<number> {
  const { slices } = await clients.flights.searchFlights(toRequest(search, config.SELLING_CURRENCY, index))
  return slices[0]!.found
}
