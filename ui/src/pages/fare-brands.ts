import type { FareBrand } from "@airside/protos/airside/flights/v1/flights"
import type { Clients } from "../clients.ts"
import { formatCount } from "../format.ts"
import { html, inOnePiece, type Markup } from "../html.ts"

const REMEMBERED_MILLISECONDS = 60_000
let remembered: { brands: Promise<FareBrand[]>; untilTime: number } | undefined

/** The brands, lowest first; they change with a release at most, so they are asked for once a minute. */
export function listBrands({ flights }: Pick<Clients, "flights">): Promise<FareBrand[]> {
  if (remembered && remembered.untilTime > Date.now()) return remembered.brands
  const brands = flights.listFareBrands({}).then((answer) => answer.brands)
  remembered = { brands, untilTime: Date.now() + REMEMBERED_MILLISECONDS }
  brands.catch(() => {
    remembered = undefined
  })
  return brands
}

/** "Light", of "light": as travellers know the brand, or the word itself for one that is not sold any more. */
export const brandTitle = (brands: readonly FareBrand[], name: string): string =>
  brands.find((brand) => brand.name === name)?.title ?? name

/** True where travellers choose their seats themselves. A brand that is not sold any more has them assigned. */
export const choosesSeats = (brands: readonly FareBrand[], name: string): boolean =>
  brands.find((brand) => brand.name === name)?.choosesSeats ?? false

/** "No checked bag · Refundable less 25 %": what makes the difference, as short as it stands beside a price. */
export function brandInShort({ checkedBags, cancellationFeePercent: fee }: FareBrand): [bags: Markup, refund: Markup] {
  const bags = checkedBags === 0 ? "No checked bag" : formatCount(checkedBags, "checked bag")
  const refund = fee >= 100 ? html`Not refundable` : html`Refundable${fee > 0 && html` less ${fee}&nbsp;%`}`
  return [html`${bags}`, refund]
}

/** Makes something of each brand once: it is the same on every page until the brands are asked for anew. */
export function perBrand<Made extends object>(make: (brand: FareBrand) => Made): (brand: FareBrand) => Made {
  const known = new WeakMap<FareBrand, Made>()
  return (brand) => {
    const made = known.get(brand) ?? make(brand)
    known.set(brand, made)
    return made
  }
}

/** What each of the brands on the page includes, in sentences. */
export const brandTerms = (brands: readonly FareBrand[]): Markup => html`
  <details id="fare-terms" class="fare-terms opens card">
    <summary>
      What ${WORDS.format(brands.map(({ title }) => title))} include${brands.length === 1 && "s"}
    </summary>
    <div>
      ${brands.map(sentencesOf)}
    </div>
  </details>`

const sentencesOf = perBrand(({ title, cabinBag, checkedBag, seatChoice, changes, refunds }) => {
  const sentences = [cabinBag, checkedBag, seatChoice, changes, refunds]
  return inOnePiece(html`
    <section><h3>${title}</h3><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`)
})

const WORDS = new Intl.ListFormat("en-GB")
