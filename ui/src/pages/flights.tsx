import type { FieldProblem } from "@airside/kernel/errors"
import type { Offer, Place, Slice } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatDate, formatDay, formatMoney } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { text } from "./form.tsx"
import { flightKey, groupByFlights, inEveryBrand, Journey, OfferCard } from "./offers.tsx"
import { resolvePlace } from "./places.tsx"
import { DayLinks, NoFlights, SortLinks } from "./result-links.tsx"
import { SearchForm } from "./search.tsx"
import {
  partyInWords,
  problemsOf,
  type Search,
  searchFrom,
  searchUrl,
  toRequest,
  unnamedPassengers,
} from "./search-query.ts"

/** What can be flown. For a return trip the way out is chosen first and stays in the address. */
export const flightsPage = (context: UiContext) =>
  new Elysia().get("/flights", async ({ request }) => {
    const params = new URL(request.url).searchParams
    const typed = searchFrom(params)
    const [origin, destination] = await Promise.all([
      resolvePlace(context, "origin", typed.origin),
      resolvePlace(context, "destination", typed.destination),
    ])
    const problems = [origin, destination].flatMap((each) => ("problem" in each ? [each.problem] : []))
    problems.push(...problemsOf(typed))
    if (problems.length > 0 || !("place" in origin) || !("place" in destination)) {
      const choices = {
        origin: "choices" in origin ? origin.choices : [],
        destination: "choices" in destination ? destination.choices : [],
      }
      return showForm(context, request, typed, problems, choices)
    }
    const search = { ...typed, origin: origin.place.code, destination: destination.place.code }
    if (search.origin !== typed.origin || search.destination !== typed.destination || params.get("return_date") === "")
      return redirect(searchUrl("/flights", search))
    try {
      const found = await context.clients.flights.searchFlights(toRequest(search))
      const { slices } = found
      context.pages.dependsOn(request, found)
      return await showOffers(context, request, { search, params, slices, from: origin.place, to: destination.place })
    } catch (error) {
      if (!hasReason(error, "INVALID_REQUEST")) throw error
      return showForm(context, request, search, problemOf(error).fields)
    }
  })

async function showForm(
  { sessions, config }: UiContext,
  request: Request,
  search: Search,
  problems: FieldProblem[],
  choices: { origin?: Place[]; destination?: Place[] } = {},
) {
  const { user } = await sessions.identityOf(request)
  return respond(
    <Page title="Search flights" user={user} path="/">
      <div class="page-head">
        <h1>Search flights</h1>
      </div>
      <SearchForm
        search={search}
        horizonDays={config.SALE_HORIZON_DAYS}
        seats={config.SEATS_PER_BOOKING}
        problems={problems}
        choices={choices}
      />
    </Page>,
    422,
  )
}

interface Found {
  search: Search
  params: URLSearchParams
  slices: Slice[]
  from: Place
  to: Place
}

async function showOffers(context: UiContext, request: Request, { search, params, slices, from, to }: Found) {
  const { user } = await context.sessions.identityOf(request)
  const outbound = await chosenOutbound(context, search, params, slices)
  const wayBack = search.return_date !== "" && outbound !== undefined && outbound !== "gone"
  const slice = slices[wayBack ? 1 : 0]
  const [start, end] = wayBack ? [to, from] : [from, to]
  const date = wayBack ? search.return_date : search.depart_date
  const choose = (offer: Offer) => {
    if (search.return_date && !wayBack)
      return searchUrl("/flights", search, [
        ["outbound", offer.token],
        ["outbound_flight", flightKey(offer)],
      ])
    const offers = wayBack
      ? [outbound, { token: offer.token, flight: flightKey(offer) }]
      : [{ token: offer.token, flight: flightKey(offer) }]
    return searchUrl(
      "/book",
      search,
      offers.flatMap(
        ({ token, flight }) =>
          [
            ["offer", token],
            ["flight", flight],
          ] as const,
      ),
    )
  }
  const flights = groupByFlights((slice?.offers ?? []).flatMap(inEveryBrand))
  const title = `${start.city} to ${end.city}`
  return respond(
    <Page title={title} user={user} path="/" step="Flights">
      <div id="results" class="results">
        <div class="page-head">
          <div>
            <h1>{title}</h1>
            <p>
              {search.return_date && <b>{wayBack ? "Choose your return · " : "Choose your outbound flight · "}</b>}
              {formatDate(date)} · {partyInWords(search)}
            </p>
          </div>
          <a class="button secondary" href={searchUrl("/", search)}>
            Change search
          </a>
        </div>
        {outbound === "gone" && (
          <p class="notice warn" role="status">
            The flight you had chosen cannot be booked any more at that price. Please choose again.
          </p>
        )}
        {wayBack && <ChosenOutbound outbound={outbound} search={search} from={from} to={to} />}
        <DayLinks search={search} wayBack={wayBack} params={params} />
        {flights.length === 0 && <NoFlights search={search} wayBack={wayBack} start={start} end={end} />}
        {flights.length > 0 && <SortLinks search={search} params={params} count={flights.length} />}
        <ul class="offers">
          {flights.map((offers) => (
            <OfferCard offers={offers} choose={choose} />
          ))}
        </ul>
        {flights.length > 0 && (
          <p class="hint">
            Times are local. {search.return_date ? "Prices are for one direction" : "Prices are"} for all travellers
            together, with taxes and fees.
          </p>
        )}
      </div>
    </Page>,
  )
}

interface Outbound {
  token: string
  flight: string
  /** The flights as they can be booked now. */
  offer: Offer
  price: string
}

/** The way out that the address names, or "gone" when it cannot be booked any more. */
async function chosenOutbound(
  { clients }: UiContext,
  search: Search,
  params: URLSearchParams,
  slices: Slice[],
): Promise<Outbound | "gone" | undefined> {
  const token = text(params, "outbound")
  const flight = text(params, "outbound_flight")
  if (!token || !search.return_date) return undefined
  const offer = slices[0]?.offers.find((each) => flightKey(each) === flight)
  if (!offer) return "gone"
  try {
    const { price } = await clients.bookings.priceBooking({
      offerTokens: [token],
      passengers: unnamedPassengers(search),
      promoCode: "",
      points: 0n,
    })
    return { token, flight, offer, price: formatMoney(price?.total) }
  } catch (error) {
    if (hasReason(error, "OFFER_EXPIRED", "OFFER_INVALID", "OFFER_CHANGED", "SALES_CLOSED", "SOLD_OUT")) return "gone"
    throw error
  }
}

function ChosenOutbound({
  outbound,
  search,
  from,
  to,
}: {
  outbound: Outbound
  search: Search
  from: Place
  to: Place
}) {
  return (
    <section class="chosen card" aria-label="Your outbound flight">
      <div>
        <h2>
          {from.city} to {to.city} <span class="muted">{formatDay(search.depart_date)}</span>
        </h2>
        <Journey segments={outbound.offer.segments} minutes={outbound.offer.durationMinutes} />
      </div>
      <p class="chosen-price">
        <span class="number">{outbound.price}</span>
        <a href={searchUrl("/flights", search)}>Change</a>
      </p>
    </section>
  )
}
