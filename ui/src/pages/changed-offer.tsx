import type { OrderedSlice } from "@airside/protos/airside/bookings/v1/bookings"
import type { FlightSegment, Price } from "@airside/protos/airside/flights/v1/flights"
import type { UiContext } from "../context.ts"
import { formatDay, formatMoney, isCivilDate, localDate, localTime } from "../format.ts"
import { Hidden, RequestId, text } from "./form.tsx"
import type { Attempt } from "./offers-gone.tsx"
import { searchUrl } from "./search-query.ts"
import {
  extrasFields,
  type offeredAnew,
  SelectionSummary,
  selectionFields,
  timesFields,
  travellerFields,
} from "./selection.tsx"

interface ChangedOfferProps {
  context: UiContext
  attempt: Attempt
  anew: NonNullable<ReturnType<typeof offeredAnew>>
  /** Of the same flights as they are now. */
  price: Price | undefined
  slices: OrderedSlice[]
}

/** The same flights as they were shown and as they are now, with one button that goes on with what they are now. */
export function ChangedOffer({ context, attempt, anew, price, slices }: ChangedOfferProps) {
  const { form, action, selection } = attempt
  const [before, now] = totalsOf(form, anew, price)
  const times = changedTimes(form, slices)
  const [title, words] = wordsFor(now - before, times.length > 0)
  const amount = (minorUnits: bigint) => formatMoney({ currency: anew.currency, minorUnits })
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{title}</h1>
          <p>{words} Nothing is booked yet, and everything you typed is kept.</p>
        </div>
      </div>
      <div class="two-columns">
        <section class="card changed-offer" aria-label="What has changed">
          <p class="old-and-new">
            <span>
              <small>Price before</small>
              <s>{amount(before)}</s>
            </span>
            <span aria-hidden="true">→</span>
            <span>
              <small>Price now</small>
              <b>{amount(now)}</b>
            </span>
          </p>
          {now !== before && (
            <p class="muted">
              {now > before ? `${amount(now - before)} more than before.` : `${amount(before - now)} less than before.`}
            </p>
          )}
          {times.length > 0 && <ChangedTimes times={times} />}
          <form method="post" action={action}>
            <Hidden
              values={[
                ...selectionFields({ ...selection, tokens: anew.tokens }),
                ...travellerFields(form),
                ...extrasFields(form),
                ...timesFields(slices),
              ]}
            />
            {/* The hold was refused for good: at another price it is another request. */}
            <RequestId value={action === "/book" ? undefined : text(form, "request_id")} />
            <div class="actions">
              <button class="button large" type="submit">
                {action === "/book" ? `Hold seats at ${amount(now)} and pay` : `Continue at ${amount(now)}`}
              </button>
              <a href={searchUrl("/flights", selection.search)}>See other flights</a>
            </div>
          </form>
        </section>
        <aside>
          <SelectionSummary context={context} search={selection.search} slices={slices} price={price} />
        </aside>
      </div>
    </>
  )
}

/** Before and now: what the review showed, promo code and points included; of the flights alone where nothing did. */
function totalsOf(form: URLSearchParams, anew: ChangedOfferProps["anew"], price: Price | undefined): [bigint, bigint] {
  const shown = text(form, "shown_total")
  if (!/^\d{1,15}$/.test(shown) || !price?.total) return [anew.formerTotal, anew.total]
  return [BigInt(shown), price.total.minorUnits]
}

function wordsFor(difference: bigint, times: boolean): [title: string, words: string] {
  if (times && difference !== 0n)
    return ["Times and price have changed", "Since you chose, the airline has moved your flight, and its price is new."]
  if (times) return ["The times have changed", "The airline has moved your flight since you chose it."]
  if (difference > 0n) return ["The price has gone up", "Your offer could not be kept any longer."]
  if (difference < 0n) return ["The price has gone down", "Your offer could not be kept any longer."]
  return ["Your offer has lapsed", "The same flights can still be had, at the same price."]
}

interface ChangedTime {
  segment: FlightSegment
  departed: string
  arrived: string
}

function ChangedTimes({ times }: { times: ChangedTime[] }) {
  return (
    <table class="table">
      <caption class="hidden-visually">Changed times</caption>
      <thead>
        <tr>
          <th scope="col">Flight</th>
          <th scope="col">Before</th>
          <th scope="col">Now</th>
        </tr>
      </thead>
      <tbody>
        {times.map(({ segment, departed, arrived }) => (
          <tr>
            <th scope="row">
              {segment.flightNumber}{" "}
              <span class="unbroken">
                {segment.origin}–{segment.destination}
              </span>
            </th>
            <td>
              <s>{timesInWords(departed, arrived)}</s>
            </td>
            <td>{timesInWords(segment.departsAt, segment.arrivesAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const timesInWords = (departsAt: string, arrivesAt: string) =>
  `${formatDay(localDate(departsAt))}, ${localTime(departsAt)}–${localTime(arrivesAt)}`

const TIME = /^.{10}T([01]\d|2[0-3]):[0-5]\d/

/** The segments that left or arrived at other times on the page before; those that no page has shown do not count. */
function changedTimes(form: URLSearchParams, slices: readonly OrderedSlice[]): ChangedTime[] {
  const before = form.getAll("times").map((slice) => slice.split(" "))
  return slices.flatMap(({ segments }, slice) =>
    segments.flatMap((segment, index) => {
      const [departed = "", arrived = ""] = before[slice]?.[index]?.split("/") ?? []
      const shown = [departed, arrived].every((time) => TIME.test(time) && isCivilDate(localDate(time)))
      const same = departed === segment.departsAt && arrived === segment.arrivesAt
      return shown && !same ? [{ segment, departed, arrived }] : []
    }),
  )
}
