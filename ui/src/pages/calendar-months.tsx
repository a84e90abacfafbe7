import type { Money } from "@airside/protos/airside/type/v1/money"
import { formatDate, formatDay, formatMoney, formatMonth, formatWholeMoney } from "../format.ts"
import type { Months, Step } from "./calendar-step.ts"
import { FareFilters } from "./fare-filters.tsx"
import { partyInWords, type Search, searchUrl } from "./search-query.ts"

export const CALENDAR_PATH = "/fares/calendar"
/** With htmx a link exchanges the calendar and leaves the rest of the page; ids keep the focus in its place. */
export const TARGET = "#fare-calendar"
export const SWAP = "outerHTML show:none"
export const IN_PLACE = { "hx-target": TARGET, "hx-select": TARGET, "hx-swap": SWAP }

interface CalendarProps {
  search: Search
  step: Step
  months: Months
  days: { date: string; lowestPrice?: Money | undefined }[]
  /** Of the way out, while the way back is chosen. */
  outboundPrice: Money | undefined
  currency: string
}

/** The days of the months with their lowest fares, each a link to the search of that day or to the choice of the next one. */
export function FareCalendar({ search, step, months, days, outboundPrice, currency }: CalendarProps) {
  const { isReturn, wayBack } = step
  const prices = days.flatMap(({ lowestPrice }) => lowestPrice?.minorUnits ?? [])
  const lowest = prices.reduce<bigint | undefined>(
    (least, price) => (least !== undefined && least <= price ? least : price),
    undefined,
  )
  const here = (more: [string, string][], changes: Partial<Search> = {}) =>
    searchUrl(CALENDAR_PATH, { ...search, ...changes }, more)
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
    ? searchUrl(CALENDAR_PATH, { ...search, depart_date: date, return_date: "" }, [["way", "back"]])
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
