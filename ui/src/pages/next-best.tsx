import type { FareBrand, Offer } from "@airside/protos/airside/flights/v1/flights"
import { raw } from "hono/html"
import type { UiContext } from "../context.ts"
import { formatDay, formatMoney, localTime } from "../format.ts"
import { hasReason, problemOf } from "../problems.ts"
import { brandInShort } from "./fare-brands.ts"
import { Hidden, RequestId, text } from "./form.tsx"
import { journey } from "./itinerary.ts"
import { tokenIn } from "./offer-list.ts"
import type { Attempt } from "./offers-gone.tsx"
import { partyInWords, type Search, searchUrl } from "./search-query.ts"
import { toRequest } from "./search-request.ts"
import { extrasFields, selectionFields, travellerFields } from "./selection.tsx"

const MOST_CHOICES = 5
/** A few more than are shown: the flight that is gone may be among them for another second. */
const MOST_SEARCHED = 20

/** Other flights for one slice of a selection. */
export interface Choices {
  slice: number
  date: string
  offers: Offer[]
}

/** The best offers of the same search for every slice that the error is about, without the flight that it names. */
export async function nextBest({ clients, config }: UiContext, search: Search, error: unknown): Promise<Choices[]> {
  const { fields, metadata } = problemOf(error)
  const named = fields.flatMap(({ field }) => /^offer_tokens\[(\d)\]$/.exec(field)?.[1] ?? []).map(Number)
  const isGone = ({ segments }: Offer) =>
    segments.some(
      ({ flightNumber, departsAt }) => flightNumber === metadata.flight_number && departsAt.startsWith(metadata.date!),
    )
  try {
    const request = { ...toRequest({ ...search, sort: "best" }, config.SELLING_CURRENCY), limit: MOST_SEARCHED }
    const { slices } = await clients.flights.searchFlights(request)
    return slices
      .map(({ date, offers }, slice) => ({ slice, date, offers: offers.filter((offer) => !isGone(offer)) }))
      .filter(({ slice }) => named.length === 0 || named.includes(slice))
      .map(({ offers, ...choices }) => ({ ...choices, offers: offers.slice(0, MOST_CHOICES) }))
  } catch (failure) {
    if (hasReason(failure, "INVALID_REQUEST")) return []
    throw failure
  }
}

interface NextBestProps {
  attempt: Attempt
  title: string
  advice: string
  choices: Choices[]
  brands: readonly FareBrand[]
}

/** Says what is gone and offers the rest; one button takes another flight and goes on with everything that was typed. */
export function NextBest({ attempt, title, advice, choices, brands }: NextBestProps) {
  const { selection, form } = attempt
  const found = choices.some(({ offers }) => offers.length > 0)
  // Another flight is another price: who was about to hold sees the review once more.
  const action = attempt.action === "/book" ? "/book/review" : attempt.action
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{title}</h1>
          <p>
            {advice} You have not paid anything
            {found ? ", and what you typed is kept: take one of these flights instead." : "."}
          </p>
        </div>
      </div>
      {!found && <NothingElse search={selection.search} />}
      {found && (
        <form method="post" action={action} class="next-best">
          <Hidden values={[...selectionFields(selection), ...travellerFields(form), ...extrasFields(form)]} />
          <RequestId value={attempt.action === "/book" ? undefined : text(form, "request_id")} />
          {choices.map(({ slice, date, offers }) => (
            <section aria-labelledby={`instead-${slice}`}>
              <h2 id={`instead-${slice}`}>
                {titleOf(selection.tokens.length, slice)} on {formatDay(date)}
              </h2>
              <p class="muted">{partyInWords(selection.search)}</p>
              {offers.length === 0 && <p class="muted">There is no other flight with enough seats on this day.</p>}
              <ul class="offers">
                {offers.map((offer) => (
                  <Instead {...{ slice, offer, brands }} />
                ))}
              </ul>
            </section>
          ))}
        </form>
      )}
      <p class="aside-link">
        <a href={searchUrl("/flights", selection.search)}>See flights for the same day</a>
      </p>
    </>
  )
}

/** As in the results, with a button for each fare. */
function Instead({ slice, offer, brands }: { slice: number; offer: Offer; brands: readonly FareBrand[] }) {
  const flights = offer.segments.map(({ flightNumber }) => flightNumber).join(" and ")
  return (
    <li class="offer card">
      <div>
        {raw(journey(offer.segments, offer.durationMinutes).text)}
        <p class="operated">
          {offer.segments.map((segment) => (
            <span>
              <b>{segment.flightNumber}</b> {segment.carrierName} · {segment.aircraft}
            </span>
          ))}
        </p>
      </div>
      <ul class="fares">
        {offer.fares.map(({ brand: name, total }) => {
          const brand = brands.find((each) => each.name === name)
          const title = brand?.title ?? name
          return (
            <li>
              <p class="fare-words">
                <b>{title}</b>
                {brand && brandInShort(brand).map((words) => <span>{raw(words.text)}</span>)}
              </p>
              <button class="button" type="submit" name="instead" value={`${slice} ${tokenIn(offer, name)}`}>
                <span class="hidden-visually">
                  {`Take ${flights}, ${localTime(offer.segments[0]!.departsAt)}, ${title}, for `}
                </span>
                <span class="number">{formatMoney(total)}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </li>
  )
}

const titleOf = (slices: number, slice: number): string =>
  slices === 1 ? "Flights" : slices === 2 ? ["Outbound flights", "Return flights"][slice]! : `Flight ${slice + 1}`

function NothingElse({ search }: { search: Search }) {
  return (
    <div class="empty">
      <h2>No other flight has enough seats on this day</h2>
      <p>Other days may have some.</p>
      {search.trip !== "multi_city" && (
        <a class="button" href={searchUrl("/fares/calendar", search)}>
          Look at other days
        </a>
      )}
    </div>
  )
}
