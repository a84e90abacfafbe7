import type { Fare, FareBrand, Offer } from "@airside/protos/airside/flights/v1/flights"
import { formatMoney, localTime } from "../format.ts"
import { html, inOnePiece, type Markup, prepared } from "../html.ts"
import { inQuery } from "../query.ts"
import { brandInShort, perBrand } from "./fare-brands.ts"
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
  const look: Look = {
    buttons: new Map(brands.map((brand) => [brand.name, buttonOf(brand)])),
    address: html`${next}&amp;offer=`,
    cityOf,
  }
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
  buttons: Map<string, Button>
  /** Of an offer; its token follows. */
  address: Markup
}

/** The price and the way to it, of an offer; described such as "Choose QV204 and QV9, 08:00, ". */
type Button = (address: Markup, description: string, price: string) => Markup

const buttonOf = perBrand((brand) => prepareButton(brand.name, brand.title, brandInShort(brand)))

const prepareButton = (brand: string, title: string, terms: Markup[]): Button =>
  prepared(
    (address, description, price) => html`
      <li>
        <p class="fare-words"><b>${title}</b>${terms.map((words) => html`<span>${words}</span>`)}</p>
        <a class="button" href="${address}${inQuery(brand)}">
          <span class="hidden-visually">${description}${title}, for </span>
          <span class="number">${price}</span>
        </a>
      </li>`,
  )

const list = (offers: readonly Offer[], look: Look) =>
  html`<ul class="offers">${offers.map((offer) => card(offer, look))}</ul>`

/** An offer's token without its brand: a list's fares have no tokens of their own. */
const stemOf = (token: string): string => token.slice(0, token.lastIndexOf(".") + 1)

/** What chooses one of the offer's brands. */
export const tokenIn = ({ token }: Offer, brand: string): string => stemOf(token) + brand

/** An itinerary, with a button for each fare. Their addresses carry on what tokensFrom reads. */
function card({ token, segments, durationMinutes, seatsLeft, fares }: Offer, look: Look): Markup {
  const few = seatsLeft > 0 && seatsLeft <= FEW_SEATS
  const numbers = segments.map(({ flightNumber }) => flightNumber).join(" and ")
  const description = `Choose ${numbers}, ${localTime(segments[0]!.departsAt)}, `
  const address = inOnePiece(html`${look.address}${inQuery(stemOf(token))}`)
  const button = ({ brand, total }: Fare) =>
    (look.buttons.get(brand) ?? prepareButton(brand, brand, []))(address, description, formatMoney(total))
  return html`
    <li class="offer card">
      <div>
        ${journey(segments, durationMinutes)}
        ${flightList(segments, look.cityOf)}
        ${few && html`<p class="status warn">${seatsLeft === 1 ? "Last seat" : `${seatsLeft} seats left`}</p>`}
      </div>
      <ul class="fares">${fares.map(button)}</ul>
    </li>`
}
