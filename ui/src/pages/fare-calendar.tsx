import { civilDate } from "@airside/kernel/clock"
import type { FieldProblem } from "@airside/kernel/errors"
import { GetFareCalendarRequest, GetFareGridRequest, type Place } from "@airside/protos/airside/flights/v1/flights"
import type { Money } from "@airside/protos/airside/type/v1/money"
import { Elysia } from "elysia"
import type { Child } from "hono/jsx"
import type { UiContext } from "../context.ts"
import { addDays, formatDate, formatDay, formatMoney, formatMonth, formatWholeMoney, isCivilDate } from "../format.ts"
import { html, type Markup } from "../html.ts"
import { Page, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { FareFilters } from "./fare-filters.tsx"
import { problemInWords, text } from "./form.tsx"
import { resolvePlace } from "./places.tsx"
import { partyInWords, type Search, searchFrom, searchUrl } from "./search-query.ts"
import { toConditions } from "./search-request.ts"

const PATH = "/fares/calendar"
const MONTHS = 2
/** With htmx a link exchanges the calendar and leaves the rest of the page; ids keep the focus in its place. */
const TARGET = "#fare-calendar"
const SWAP = "outerHTML show:none"
const IN_PLACE = { "hx-target": TARGET, "hx-select": TARGET, "hx-swap": SWAP }

/** The lowest fare of each day of two months. For a return trip one day is chosen after the other. */
export const fareCalendarPage = (context: UiContext) =>
  new Elysia().get(PATH, async ({ request }) => {
    const params = new URL(request.url).searchParams
    const typed = searchFrom(params)
    const [origin, destination] = await Promise.all([
      resolvePlace(context, "origin", typed.origin),
      resolvePlace(context, "destination", typed.destination),
    ])
    const { user } = await context.sessions.identityOf(request)
    const answer = (title: string, search: Search, calendar: Child, status = 200) =>
      respond(
        <Page title={title} user={user} path="/" step="Flights">
          <div class="page-head">
            <h1>{title}</h1>
            <a class="button secondary" href={searchUrl("/", { ...search, filters: [] })}>
              Change search
            </a>
          </div>
          {calendar}
        </Page>,
        status,
      )
    const refuse = (problems: FieldProblem[], choices: { field: "origin" | "destination"; place: Place }[] = []) =>
      answer("Fare calendar", typed, <Refused {...{ search: typed, problems, choices }} />, 422)
    if (!("place" in origin) || !("place" in destination)) {
      const problems = [origin, destination].flatMap((each) => ("problem" in each ? [each.problem] : []))
      const choicesOf = (field: "origin" | "destination", resolved: typeof origin) =>
        "choices" in resolved ? resolved.choices.map((place) => ({ field, place })) : []
      return refuse(problems, [...choicesOf("origin", origin), ...choicesOf("destination", destination)])
    }
    const search = { ...typed, origin: origin.place.code, destination: destination.place.code }
    const step = stepOf(search, params)
    const [from, to] = step.wayBack ? [destination.place, origin.place] : [origin.place, destination.place]
    const months = monthsFrom(params, search, step, context.config.SALE_HORIZON_DAYS)
    const { SELLING_CURRENCY: currency } = context.config
    try {
      const [{ days }, outboundPrice] = await Promise.all([
        context.clients.flights.getFareCalendar(
          GetFareCalendarRequest.fromPartial({
            ...toConditions(search, currency, [step.wayBack ? 1 : 0]),
            origin: from.code,
            destination: to.code,
            month: months.first,
            months: MONTHS,
          }),
        ),
        step.wayBack ? outboundPriceOf(context, search) : undefined,
      ])
      const title = `${from.city} to ${to.city}: fares by day`
      return answer(title, search, <FareCalendar {...{ search, step, months, days, outboundPrice, currency }} />)
    } catch (error) {
      if (!hasReason(error, "INVALID_REQUEST")) throw error
      return refuse(problemOf(error).fields)
    }
  })

/** What the way out costs on the day that was chosen for it; nothing for a day on which nothing is sold. */
async function outboundPriceOf({ clients, config }: UiContext, search: Search): Promise<Money | undefined> {
  const { origin, destination, depart_date: departDate } = search
  const day = { origin, destination, departDate, daysAround: 1 }
  const conditions = toConditions(search, config.SELLING_CURRENCY, [0])
  try {
    const { cells } = await clients.flights.getFareGrid(GetFareGridRequest.fromPartial({ ...day, ...conditions }))
    return cells.find((cell) => cell.departDate === departDate)?.lowestPrice
  } catch (error) {
    if (!hasReason(error, "INVALID_REQUEST")) throw error
    return undefined
  }
}

/** Brings the calendar into a page when it is opened; without JavaScript it leads to the calendar's own page. */
export function fareCalendarOnDemand(search: Search): Markup {
  const address = searchUrl(PATH, search)
  return html`
    <details hx-get="${address}" hx-trigger="toggle once" hx-target="${TARGET}" hx-select="${TARGET}" hx-swap="${SWAP}">
      <summary>Fare calendar</summary>
      <p id="fare-calendar"><a href="${address}">Lowest fares of two months</a></p>
    </details>`
}

/** The same below the search form, for what is typed there. */
export const FareCalendarButton = () => (
  <>
    <button
      class="button secondary"
      type="submit"
      formaction={PATH}
      formnovalidate={true}
      hx-get={PATH}
      hx-include="closest form"
      {...IN_PLACE}
    >
      Cheapest days
    </button>
    <div id="fare-calendar"></div>
  </>
)

/** Which day is being chosen. */
interface Step {
  isReturn: boolean
  wayBack: boolean
}

function stepOf(search: Search, params: URLSearchParams): Step {
  const isReturn = search.trip === "return"
  return { isReturn, wayBack: isReturn && text(params, "way") === "back" && isCivilDate(search.depart_date) }
}

interface Months {
  /** YYYY-MM. */
  first: string
  earlier: string | undefined
  later: string | undefined
  /** Days that are sold, a day of tolerance included: backend judges them at the origin. */
  earliest: string
  latest: string
}

/** The months that are asked for, or those of the day that is chosen; never such that nothing is sold in them. */
function monthsFrom(params: URLSearchParams, search: Search, { wayBack }: Step, horizonDays: number): Months {
  const earliest = civilDate(new Date(), "Pacific/Pago_Pago")
  const latest = addDays(earliest, horizonDays + 2)
  const [thisMonth, lastMonth] = [earliest.slice(0, 7), addDays(earliest, horizonDays).slice(0, 7)]
  const chosen = wayBack ? search.return_date || search.depart_date : search.depart_date
  const asked = [`${text(params, "month")}-01`, chosen].find(isCivilDate)?.slice(0, 7) ?? thisMonth
  const first = asked < thisMonth ? thisMonth : asked > lastMonth ? lastMonth : asked
  const shifted = (months: number) => Temporal.PlainYearMonth.from(first).add({ months }).toString()
  const earlier = shifted(-MONTHS) < thisMonth ? thisMonth : shifted(-MONTHS)
  return {
    first,
    earlier: first > thisMonth ? earlier : undefined,
    later: shifted(MONTHS) <= lastMonth ? shifted(MONTHS) : undefined,
    earliest,
    latest,
  }
}

interface CalendarProps {
  search: Search
  step: Step
  months: Months
  days: { date: string; lowestPrice?: Money | undefined }[]
  /** Of the way out, while the way back is chosen. */
  outboundPrice: Money | undefined
  currency: string
}

function FareCalendar({ search, step, months, days, outboundPrice, currency }: CalendarProps) {
  const { isReturn, wayBack } = step
  const prices = days.flatMap(({ lowestPrice }) => lowestPrice?.minorUnits ?? [])
  const lowest = prices.reduce<bigint | undefined>(
    (least, price) => (least !== undefined && least <= price ? least : price),
    undefined,
  )
  const here = (more: [string, string][], changes: Partial<Search> = {}) =>
    searchUrl(PATH, { ...search, ...changes }, more)
  const unfiltered = here(moreOf(step, months.first), { filters: [] })
  const turn = (month: string | undefined, words: string, id: string) =>
    month && (
      <a id={id} href={here(moreOf(step, month))} hx-get={here(moreOf(step, month))} {...IN_PLACE}>
        {words}
      </a>
    )
  return (
    <section id="fare-calendar" class="fare-calendar card" aria-labelledby="fare-calendar-title">
      <h2 id="fare-calendar-title" tabindex={-1} data-focus={wayBack ? "" : undefined}>
        {isReturn
          ? wayBack
            ? "Choose the day of your return"
            : "Choose the day of your outbound flight"
          : "Choose a day"}
      </h2>
      {wayBack && (
        <p>
          Outbound {formatDate(search.depart_date)}
          {outboundPrice ? `, from ${formatMoney(outboundPrice)}. ` : ". "}
          <a href={here([])} hx-get={here([])} {...IN_PLACE}>
            Change
          </a>
        </p>
      )}
      <nav class="turn" aria-label="Months">
        {turn(months.earlier, "‹ Earlier months", "calendar-earlier")}
        {turn(months.later, "Later months ›", "calendar-later")}
      </nav>
      <div class="months">
        {[...Map.groupBy(days, ({ date }) => date.slice(0, 7))].map(([month, its]) => (
          <Month {...{ month, days: its, lowest, search, step, months }} />
        ))}
      </div>
      <p class="hint">
        {lowest === undefined
          ? "Nothing can be bought on these days. Try other months, another cabin or another airport."
          : `Lowest fare in these months: ${formatMoney({ currency: days.find((day) => day.lowestPrice)!.lowestPrice!.currency, minorUnits: lowest })}, ${partyInWords(search)}. `}
        {lowest !== undefined &&
          (isReturn ? "Prices are for one direction, with taxes and fees." : "Prices include all taxes and fees.")}
      </p>
      <FareFilters
        search={search}
        directions={[wayBack ? 1 : 0]}
        currency={currency}
        address={unfiltered}
        attributes={{ "hx-get": unfiltered, ...IN_PLACE }}
      />
    </section>
  )
}

const moreOf = ({ wayBack }: Step, month: string): [string, string][] => [
  ...(wayBack ? ([["way", "back"]] as [string, string][]) : []),
  ["month", month],
]

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

interface MonthProps extends Pick<CalendarProps, "search" | "step" | "months" | "days"> {
  month: string
  lowest: bigint | undefined
}

function Month({ month, days, ...rest }: MonthProps) {
  const before = Temporal.PlainDate.from(`${month}-01`).dayOfWeek - 1
  const cells = [...Array<undefined>(before).fill(undefined), ...days]
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => cells[week * 7 + day]),
  )
  return (
    <table>
      <caption>{formatMonth(month)}</caption>
      <thead>
        <tr>
          {WEEKDAYS.map((name) => (
            <th scope="col">
              <abbr title={name}>{name.slice(0, 2)}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr>
            {week.map((day) => (
              <td>{day && <Day day={day} {...rest} />}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type DayProps = Omit<MonthProps, "month" | "days"> & { day: CalendarProps["days"][number] }

function Day({ day: { date, lowestPrice }, lowest, search, step, months }: DayProps) {
  const number = Number(date.slice(8))
  const tooEarly = step.wayBack && date < search.depart_date
  if (!lowestPrice || tooEarly) {
    return (
      <span class="day">
        {number}
        <small>
          {tooEarly ? "Before" : date < months.earliest ? "Past" : date > months.latest ? "Not yet" : "No fare"}
        </small>
      </span>
    )
  }
  const isLowest = lowestPrice.minorUnits === lowest
  const current = step.wayBack ? search.return_date : search.depart_date
  const choosesOutbound = step.isReturn && !step.wayBack
  const href = choosesOutbound
    ? searchUrl(PATH, { ...search, depart_date: date, return_date: "" }, [["way", "back"]])
    : step.wayBack
      ? searchUrl("/flights", { ...search, return_date: date })
      : searchUrl("/flights", { ...search, depart_date: date, return_date: "" })
  return (
    <a
      class={isLowest ? "day lowest" : "day"}
      href={href}
      aria-current={date === current ? "date" : undefined}
      {...(choosesOutbound && { "hx-get": href, ...IN_PLACE })}
    >
      <span class="hidden-visually">{formatDay(date)}, from </span>
      <span aria-hidden="true">{number}</span>
      <b>{formatWholeMoney(lowestPrice)}</b>
      {isLowest && <small>lowest</small>}
    </a>
  )
}

interface RefusedProps {
  search: Search
  problems: FieldProblem[]
  choices: { field: "origin" | "destination"; place: Place }[]
}

function Refused({ search, problems, choices }: RefusedProps) {
  return (
    <section id="fare-calendar" class="notice bad" role="alert" tabindex={-1} data-focus="">
      <h2>The calendar needs to know a little more</h2>
      <ul>
        {problems.map((problem) => (
          <li>{problemInWords(problem)}</li>
        ))}
        {choices.map(({ field, place }) => (
          <li>
            <a
              href={searchUrl(PATH, { ...search, [field]: place.code })}
              hx-get={searchUrl(PATH, { ...search, [field]: place.code })}
              {...IN_PLACE}
            >
              {place.city}, {place.name} ({place.code})
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
