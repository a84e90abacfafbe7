import type { Fare, FareBrand, Offer } from "@airside/protos/airside/flights/v1/flights"
import { formatMoney, localTime } from "../format.ts"
import { html, type Markup } from "../html.ts"
import { inQuery } from "../query.ts"
import { brandInShort } from "./fare-brands.ts"
import { flightList, journey } from "./itinerary.ts"

const FEW_SEATS = 5

export interface OfferListProps {
  offers: readonly Offer[]
  brands: readonly FareBrand[]
  /** Address that the fields of the chosen offer are added to; it has a query already. */
  next: string
  cityOf: (code: string) => string
}

/**
 * The list of results, which is rendered more often than everything else: a template, not jsx. First what nobody can
 * better in everything, under a sentence that says so, then the rest; each part in the order of the search.
 */
export function offerList({ offers, brands, next, cityOf }: OfferListProps): Markup {
  const terms = new Map(brands.map((brand) => [brand.name, termsOf(brand)]))
  const look: Look = { terms, address: html`${next}&amp;offer=`, cityOf }
  const choices = offers.filter(({ choice }) => choice)
  const others = offers.filter(({ choice }) => !choice)
  return html`
    ${
      choices.length > 0 &&
      html`
        <section aria-labelledby="choices-title">
          <div class="offers-head">
            <h2 id="choices-title">Best choices</h2>
            <p>${RULE}</p>
          </div>
          ${list(choices, look)}
        </section>`
    }
    ${
      others.length > 0 &&
      html`
        <section aria-labelledby="others-title">
          <div class="offers-head">
            <h2 id="others-title" class="${choices.length === 0 && "hidden-visually"}">
              ${choices.length > 0 ? "Other flights" : "Flights"}
            </h2>
          </div>
          ${list(others, look)}
        </section>`
    }`
}

const RULE = "Nothing beats these: what is better than one of them in price, time or connections is worse in another."

interface Look extends Pick<OfferListProps, "cityOf"> {
  /** By brand. */
  terms: Map<string, { title: string; terms: Markup }>
  /** Of an offer; its token follows. */
  address: Markup
}

const termsOf = (brand: FareBrand) => ({
  title: brand.title,
  terms: html`${brandInShort(brand).map((words) => html`<span>${words}</span>`)}`,
})

const list = (offers: readonly Offer[], look: Look) =>
  html`<ul class="offers">${offers.map((offer) => card(offer, look))}</ul>`

/** What chooses one of the offer's brands: a list's fares have no tokens of their own. */
export const tokenIn = ({ token }: Offer, brand: string): string => token.slice(0, token.lastIndexOf(".") + 1) + brand

/** An itinerary, with a button for each fare. */
function card(offer: Offer, look: Look): Markup {
  const { segments, durationMinutes, seatsLeft, fares } = offer
  const flight = `${segments.map(({ flightNumber }) => flightNumber).join(" and ")}, ${localTime(segments[0]!.departsAt)}`
  const few = seatsLeft > 0 && seatsLeft <= FEW_SEATS
  return html`
    <li class="offer card">
      <div>
        ${journey(segments, durationMinutes)}
        ${flightList(segments, look.cityOf)}
        ${few && html`<p class="status warn">${seatsLeft === 1 ? "Last seat" : `${seatsLeft} seats left`}</p>`}
      </div>
      <ul class="fares">${fares.map((fare) => button(flight, offer, fare, look))}</ul>
    </li>`
}

/** The address carries on what tokensFrom reads; `flight` is such as "QV204 and QV9, 08:00". */
function button(flight: string, offer: Offer, { brand, total }: Fare, { address, terms }: Look): Markup {
  const known = terms.get(brand)
  const title = known?.title ?? brand
  return html`
    <li>
      <p class="fare-words"><b>${title}</b>${known?.terms}</p>
      <a class="button" href="${address}${inQuery(tokenIn(offer, brand))}">
        <span class="hidden-visually">Choose ${flight}, ${title}, for </span>
        <span class="number">${formatMoney(total)}</span>
      </a>
    </li>`
}
