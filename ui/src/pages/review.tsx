import type { FieldProblem } from "@airside/kernel/errors"
import { Failure } from "@airside/kernel/errors"
import { derivedId } from "@airside/kernel/ids"
import type { Passenger } from "@airside/protos/airside/bookings/v1/bookings"
import type { Price } from "@airside/protos/airside/flights/v1/flights"
import type { Account } from "@airside/protos/airside/loyalty/v1/loyalty"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatDate, formatMoney, formatPoints } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { ErrorSummary, Hidden, Input, RequestId, readForm, text } from "./form.tsx"
import { offersGone } from "./offers-gone.tsx"
import { missingFields, passengersFrom, showPassengers, titleOf } from "./passengers.tsx"
import {
  extrasFields,
  isAboutOffers,
  PriceLines,
  type Quote,
  quoteSelection,
  RenewedNotice,
  type Selection,
  SelectionSummary,
  selectionFields,
  selectionFrom,
  timesFields,
  travellerFields,
} from "./selection.tsx"

/** Everything on one page before seats are held: who, what and how much, with promo code and points. */
export const reviewPage = (context: UiContext) =>
  new Elysia()
    .post("/book/review", async ({ request }) => review(context, request, await readForm(request)), { parse: "none" })
    .post("/book", async ({ request }) => hold(context, request, await readForm(request)), { parse: "none" })

async function review(context: UiContext, request: Request, form: URLSearchParams): Promise<Response> {
  const order = readOrder(form)
  const missing = missingFields(form, order.passengers)
  if (missing.length > 0) return showPassengers(context, request, order.selection, form, missing)
  return showReview(context, request, order, { requestId: text(form, "request_id") })
}

async function hold(context: UiContext, request: Request, form: URLSearchParams): Promise<Response> {
  const order = readOrder(form)
  const requestId = text(form, "request_id")
  try {
    const { token } = await context.sessions.identityOf(request)
    if (order.problems.length > 0) return await showReview(context, request, order, { requestId })
    const { booking, accessToken } = await context.clients.bookings.holdBooking(
      {
        requestId,
        offerTokens: order.selection.tokens,
        passengers: order.passengers,
        contact: { email: text(form, "contact.email"), phone: text(form, "contact.phone") },
        promoCode: order.promoCode,
        points: order.points,
      },
      { token },
    )
    const { reference } = booking!
    if (booking!.pointsToSpend > 0n) await takePoints(context, reference, text(form, "request_id"), token)
    const cookies = accessToken ? [context.sessions.guestCookie(reference, accessToken)] : []
    return redirect(`/bookings/${reference}/pay`, cookies)
  } catch (error) {
    if (isAboutOffers(error)) return offersGone(context, request, attemptOf(order, "/book"), error)
    if (hasReason(error, "REQUEST_ID_REUSED"))
      return showReview(context, request, order, { problems: [{ field: "", message: HELD_BEFORE }], status: 409 })
    const problems = problemsOf(error)
    if (!problems) throw error
    if (problems.some(({ field }) => /^(passengers|contact)/.test(field)))
      return showPassengers(context, request, order.selection, form, problems)
    // That was a definite answer: the next try is a new request.
    return showReview(context, request, order, { problems })
  }
}

/** Points are taken with the hold, so that the next page names what the card pays; if not, it takes them itself. */
async function takePoints({ clients }: UiContext, reference: string, holdId: string, token: string | undefined) {
  const requestId = derivedId("checkout after hold", holdId)
  try {
    await clients.bookings.startCheckout({ requestId, reference, points: undefined }, { token })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

const HELD_BEFORE =
  "You sent this page before, with other details, and that booking stands. Continue only if you want one more."

interface Order {
  form: URLSearchParams
  selection: Selection
  passengers: Passenger[]
  promoCode: string
  points: bigint
  problems: FieldProblem[]
}

function readOrder(form: URLSearchParams): Order {
  const selection = selectionFrom(form)
  const typedPoints = text(form, "points").replaceAll(",", "")
  const valid = /^\d{0,15}$/.test(typedPoints)
  return {
    form,
    selection,
    passengers: passengersFrom(form, selection),
    promoCode: text(form, "promo_code"),
    points: valid ? BigInt(typedPoints || 0) : 0n,
    problems: valid ? [] : [{ field: "points", message: "Give a whole number of points." }],
  }
}

const attemptOf = ({ selection, form, passengers, promoCode, points }: Order, action: "/book/review" | "/book") => ({
  selection,
  form,
  order: { passengers, promoCode, points },
  action,
})

/** The promo code and points of a form as problems of their fields; undefined when the error is about something else. */
function problemsOf(error: unknown): FieldProblem[] | undefined {
  const { fields, detail } = problemOf(error)
  if (hasReason(error, "INVALID_REQUEST")) return fields
  if (hasReason(error, "PROMO_UNKNOWN", "PROMO_NOT_APPLICABLE")) return [{ field: "promo_code", message: detail }]
  if (hasReason(error, "NOT_ENOUGH_POINTS", "POINTS_NEED_ACCOUNT", "POINTS_REMAINDER_TOO_SMALL"))
    return [{ field: "points", message: detail }]
  return undefined
}

interface Shown {
  problems?: readonly FieldProblem[]
  /** With problems. */
  status?: number
  /** Kept until there is a definite answer: what was sent before is the same request when it is sent again. */
  requestId?: string
}

async function showReview(
  context: UiContext,
  request: Request,
  order: Order,
  { problems: found = [], status = 422, requestId }: Shown,
): Promise<Response> {
  const { user, token } = await context.sessions.identityOf(request)
  const { passengers, form } = order
  const problems = [...order.problems, ...found]
  let quote: Quote
  const ask = (promoCode: string, points: bigint) =>
    quoteSelection(context, order.selection, { passengers, promoCode, points }, token)
  try {
    quote = await ask(order.promoCode, order.points)
  } catch (error) {
    if (isAboutOffers(error)) return offersGone(context, request, attemptOf(order, "/book/review"), error)
    const refused = problemsOf(error)
    if (!refused) throw error
    if (refused.some(({ field }) => /^(passengers|contact)/.test(field)))
      return showPassengers(context, request, order.selection, form, refused)
    for (const problem of refused) {
      if (!problems.some(({ field }) => field === problem.field)) problems.push(problem)
    }
    quote = await ask("", 0n)
  }
  const { selection, price, slices } = quote
  const carried = [...selectionFields(selection), ...timesFields(slices), ...travellerFields(form)]
  const account = user ? (await context.clients.loyalty.getAccount({ userId: "me" }, { token })).account : undefined
  return respond(
    <Page title="Review" user={user} step="Review">
      <div class="page-head">
        <div>
          <h1>Review your booking</h1>
          <p>Nothing is held yet. When you continue, the seats are yours while you pay.</p>
        </div>
      </div>
      {quote.renewed && <RenewedNotice />}
      <form id="change-travellers" method="post" action="/book/passengers">
        <Hidden values={[...carried, ...extrasFields(form)]} />
      </form>
      <form method="post" action="/book" class="two-columns">
        <Hidden values={carried} />
        <RequestId value={requestId} />
        <div>
          <SelectionSummary context={context} search={selection.search} slices={slices} />
          <Travellers passengers={passengers} form={form} />
        </div>
        <aside>
          <PricePanel price={price} account={account} form={form} problems={problems} />
        </aside>
      </form>
    </Page>,
    problems.length > 0 ? status : 200,
  )
}

function Travellers({ passengers, form }: { passengers: Passenger[]; form: URLSearchParams }) {
  return (
    <section class="card">
      <h2>Passengers</h2>
      <ul class="card-list">
        {passengers.map((passenger, index) => (
          <li>
            <b>
              {passenger.givenName} {passenger.familyName}
            </b>
            <span class="muted">
              {titleOf(passengers, index)}, born{" "}
              {/^\d{4}-\d\d-\d\d$/.test(passenger.birthDate)
                ? formatDate(passenger.birthDate).slice(4)
                : passenger.birthDate}
            </span>
          </li>
        ))}
        <li>
          <span class="muted">Contact</span>
          <span>{[text(form, "contact.email"), text(form, "contact.phone")].filter(Boolean).join(" · ")}</span>
        </li>
      </ul>
      <button class="link-button" type="submit" form="change-travellers">
        Change passengers or contact
      </button>
    </section>
  )
}

interface PricePanelProps {
  price: Price | undefined
  account: Account | undefined
  form: URLSearchParams
  problems: readonly FieldProblem[]
}

/** What Apply renders anew: with htmx this part of the page alone, without it the whole page. */
function PricePanel({ price, account, form, problems }: PricePanelProps) {
  const worth = account?.balanceValue
  const apply = (
    <button
      class="button secondary"
      type="submit"
      formaction="/book/review"
      hx-post="/book/review"
      hx-target="#price"
      hx-select="#price"
      hx-swap="outerHTML"
    >
      Apply
    </button>
  )
  return (
    <section id="price" class="card price-panel" aria-labelledby="price-title">
      <h2 id="price-title">Price</h2>
      <ErrorSummary problems={problems} />
      <div class="with-button">
        <Input
          name="promo_code"
          label="Promo code"
          optional={true}
          value={text(form, "promo_code")}
          problems={problems}
          autocapitalize="characters"
          autocomplete="off"
          maxlength={40}
        />
        {apply}
      </div>
      {account && account.balance > 0n && (
        <div class="with-button">
          <Input
            name="points"
            label="Points to spend"
            optional={true}
            inputmode="numeric"
            autocomplete="off"
            value={text(form, "points")}
            problems={problems}
            hint={`You have ${formatPoints(account.balance)}, worth ${formatMoney(worth)}.`}
          />
          {apply}
        </div>
      )}
      {price && <Hidden values={[["shown_total", String(price.total?.minorUnits)]]} />}
      <div aria-live="polite">{price && <PriceLines price={price} />}</div>
      <button class="button large wide" type="submit">
        Hold seats and pay
      </button>
    </section>
  )
}
