import type { OrderedSlice } from "@airside/protos/airside/bookings/v1/bookings"
import type { FareBrand, Offer, Place, Price, Slice } from "@airside/protos/airside/flights/v1/flights"
import type { UiContext } from "../context.ts"
import { formatDate, formatMoney } from "../format.ts"
import { html, type Markup } from "../html.ts"
import { page, rendered, respond } from "../layout.tsx"
import { brandTerms, listBrands } from "./fare-brands.ts"
import { otherDays } from "./fare-grid.tsx"
import { type Chip, chipsOf, filterChips, filterForm, unfiltered } from "./filter-form.ts"
import { offerList } from "./offer-list.ts"
import { citiesOf } from "./places.tsx"
import { dayLinks, noFlights, nothingFits, showMore, sortLinks } from "./result-links.ts"
import { cabinOf, peopleInWords, type Search, searchUrl, slicesOf, unnamedPassengers } from "./search-query.ts"
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
    return showResults(context, request, { selection: { search, tokens: [] }, places, gone: true })
  }
  const slice = found.slices[0]!
  // Other pages depend on more than this one search: on what was chosen, or on what is there without the filters.
  if (index === 0 && !gone && slice.offers.length > 0) context.pages.dependsOn(request, found)
  // Here, for what waits while it is rendered makes the whole page slower.
  const cityOf = await citiesOf(context.clients, connectingAirports(slice.offers))
  const chosen = tokenFields(tokens)
  const view: View = { selection, index, slice, currency, brands, before, chosen, cityOf }
  const offers = leavingAfter(before, slice.offers)
  const [start, end] = places[index]!
  const title = `${start.city} to ${end.city}`
  return respond(
    page(
      { title, user, path: "/", step: "Flights" },
      html`
        <div id="results" class="results">
          <div class="page-head">
            <div>
              <h1>${title}</h1>
              <p>${taskInWords(search, index)}${formatDate(slice.date)} · ${peopleInWords(search)} · ${cabinOf(search)}</p>
            </div>
            <a class="button secondary" href="${searchUrl("/", { ...search, filters: [] })}">Change search</a>
          </div>
          ${gone && html`<p class="notice warn" role="status">${GONE}</p>`}
          ${before && (await chosenFlights(context, selection, before))}
          ${dayLinks({ search, index, chosen })}
          ${index === 0 && search.trip !== "multi_city" && otherDays(search)}
          ${
            slice.offers.length > 0
              ? columns(
                  view,
                  offers.length > 0
                    ? offersOf(view, offers)
                    : noFlights({ search, index, chosen, start, end, early: true }),
                )
              : await nothing(context, view, start, end)
          }
        </div>`,
    ),
  )
}

function connectingAirports(offers: readonly Offer[]): Set<string> {
  const codes = new Set<string>()
  for (const { segments } of offers) for (const { origin } of segments.slice(1)) codes.add(origin)
  return codes
}

const GONE = "The flight you had chosen cannot be booked any more at that price. Please choose again."

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
function taskInWords(search: Search, index: number): Markup | undefined {
  const slices = slicesOf(search)
  if (slices.length === 1) return undefined
  if (search.trip === "multi_city") return html`<b>Choose flight ${index + 1} of ${slices.length} · </b>`
  return html`<b>${index === 0 ? "Choose your outbound flight" : "Choose your return"} · </b>`
}

async function chosenFlights(context: UiContext, { search, tokens }: Selection, { slices, price }: Before) {
  return html`
    <section class="chosen card" aria-label="What you have chosen">
      <div>${await rendered(ChosenFlights({ context, search, slices, tokens }))}</div>
      <p class="chosen-price"><span class="number">${formatMoney(price?.total)}</span></p>
    </section>`
}

function columns({ selection, index, slice, chosen, currency }: View, content: Markup): Markup {
  const { search } = selection
  const form = { search, index, slice, chosen, currency }
  return html`
    <div class="results-columns">
      ${filterForm(form)}
      <div>
        ${filterChips(chipsOf(form), searchUrl("/flights", unfiltered(search, index), chosen))}
        ${content}
      </div>
    </div>`
}

/** The list itself: with its order, what the fares include, and more of it. */
function offersOf({ selection, index, slice, chosen, brands, cityOf }: View, offers: readonly Offer[]): Markup {
  const { search } = selection
  const slices = slicesOf(search).length
  const next = searchUrl(index === slices - 1 ? "/book" : "/flights", { ...search, limit: "20" }, chosen)
  const sold = new Set<string>()
  for (const { fares } of offers) for (const { brand } of fares) sold.add(brand)
  const links = { search, index, chosen }
  const early = slice.offers.length - offers.length
  return html`
    ${sortLinks({ ...links, found: slice.found - early })}
    ${brandTerms(brands.filter(({ name }) => sold.has(name)))}
    ${offerList({ offers, brands, next, cityOf })}
    ${early > 0 && html`<p class="hint">Flights that leave before you have landed are not shown: ${early}.</p>`}
    ${showMore({ ...links, shown: slice.offers.length, found: slice.found })}
    <p class="hint">
      Times are local. ${slices > 1 ? "Prices are for this flight and" : "Prices are"} for all travellers together, with taxes and fees.
    </p>`
}

/** No offers: because of the filters, and then which of them to leave out, or none that day. */
async function nothing(context: UiContext, view: View, start: Place, end: Place): Promise<Markup> {
  const { selection, index, slice, chosen, currency } = view
  const { search } = selection
  const all = unfiltered(search, index)
  const chips = chipsOf({ search, index, slice, chosen, currency })
  if (chips.length === 0 || (await countFound(context, all, index)) === 0)
    return noFlights({ search: all, index, chosen, start, end })
  const relaxed = await Promise.all(
    chips.slice(0, MOST_RELAXED).map(async (chip: Chip) => ({
      ...chip,
      found: await countFound(context, chip.without, index),
    })),
  )
  return columns(view, nothingFits({ relaxed, clear: searchUrl("/flights", all, chosen) }))
}

/** Each is a search. */
const MOST_RELAXED = 6

async function countFound({ clients, config }: UiContext, search: Search, index: number): Promise<number> {
  const { slices } = await clients.flights.searchFlights(toRequest(search, config.SELLING_CURRENCY, index))
  return slices[0]!.found
}
