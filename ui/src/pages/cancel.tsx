import type { RequestOptions } from "@airside/kernel/rpc-client"
import {
  type Booking,
  type CancellationQuote,
  type Ticket,
  TicketStatus,
} from "@airside/protos/airside/bookings/v1/bookings"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatInstant, formatMoney, formatPoints } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { RequestId, readForm, text } from "./form.tsx"
import { asOwner } from "./owner.ts"
import { canBeCancelled, canBePaid } from "./status.tsx"

/** Cancelling: first exactly what it gives back, then that and nothing else. */
export const cancelPage = (context: UiContext) =>
  new Elysia()
    .get("/bookings/:reference/cancel", ({ request, params: { reference } }) =>
      asOwner(context, request, reference, (options) => showQuote(context, request, reference, options)),
    )
    .post(
      "/bookings/:reference/cancel",
      async ({ request, params: { reference } }) => {
        const form = await readForm(request)
        return asOwner(context, request, reference, (options) => cancel(context, request, reference, form, options))
      },
      { parse: "none" },
    )

async function cancel(
  context: UiContext,
  request: Request,
  reference: string,
  form: URLSearchParams,
  options: RequestOptions,
): Promise<Response> {
  const requestId = text(form, "request_id")
  try {
    await context.clients.bookings.cancelBooking(
      { requestId, reference, quoteToken: text(form, "quote_token") },
      options,
    )
    return redirect(`/bookings/${reference}`)
  } catch (error) {
    if (hasReason(error, "BOOKING_STATE")) return redirect(`/bookings/${reference}`)
    const { status, detail } = problemOf(error)
    if (hasReason(error, "QUOTE_CHANGED", "QUOTE_EXPIRED", "QUOTE_INVALID"))
      return showQuote(context, request, reference, options, {
        status,
        message: "The quote is no longer valid. This is the new one; nothing was cancelled yet.",
      })
    if (status !== 503) throw error
    return showQuote(context, request, reference, options, { status, message: detail, requestId })
  }
}

interface Trouble {
  status: number
  message: string
  requestId?: string
}

async function showQuote(
  { clients, sessions }: UiContext,
  request: Request,
  reference: string,
  options: RequestOptions,
  trouble?: Trouble,
): Promise<Response> {
  const { user } = await sessions.identityOf(request)
  const booking = (await clients.bookings.getBooking({ reference }, options)).booking!
  if (!canBeCancelled(booking.status)) return redirect(`/bookings/${reference}`)
  const unpaid = canBePaid(booking.status)
  const part = partOf(booking, new URL(request.url).searchParams)
  const { quote, refusal } = unpaid ? {} : await askForQuote(clients, reference, part, options)
  const problem = trouble ?? refusal
  return respond(
    <Page title={`Cancel booking ${reference}`} user={user} path="/trips">
      <div class="reading">
        <div class="page-head">
          <div>
            <h1>{unpaid ? "Release the seats?" : "Cancel this booking?"}</h1>
            <p>
              Booking <b class="reference">{booking.reference}</b>
            </p>
          </div>
        </div>
        {problem && (
          <p class="notice warn" role="alert" tabindex={-1} data-focus="">
            {problem.message}
          </p>
        )}
        {!unpaid && <PartForm booking={booking} part={part} />}
        {(unpaid || quote) && (
          <form class="card" method="post" action={`/bookings/${reference}/cancel${partQuery(part)}`}>
            <RequestId value={trouble?.requestId} />
            {quote ? <Quote quote={quote} /> : <p>Nothing was paid, so there is nothing to give back.</p>}
            <input type="hidden" name="quote_token" value={quote?.token ?? ""} />
            <div class="actions">
              <button class="button danger" type="submit">
                {unpaid ? "Release the seats" : `Cancel and get ${formatMoney(quote?.refund)} back`}
              </button>
              <a href={`/bookings/${reference}`}>Keep the booking</a>
            </div>
          </form>
        )}
      </div>
    </Page>,
    problem?.status ?? 200,
  )
}

/** What is to be cancelled: empty lists mean everything. */
interface Part {
  passengerIds: string[]
  slices: number[]
}

/** The part that the address names, as far as the booking has it. */
function partOf(booking: Booking, query: URLSearchParams): Part {
  return {
    passengerIds: query.getAll("passenger").filter((id) => booking.passengers.some((passenger) => passenger.id === id)),
    slices: query
      .getAll("slice")
      .map(Number)
      .filter((slice) => slicesOf(booking).includes(slice)),
  }
}

const partQuery = ({ passengerIds, slices }: Part): string => {
  const query = new URLSearchParams([
    ...passengerIds.map((id) => ["passenger", id] as [string, string]),
    ...slices.map((slice) => ["slice", String(slice)] as [string, string]),
  ])
  return query.size > 0 ? `?${query}` : ""
}

/** A part that cannot be cancelled is said so, and another one can be chosen. */
async function askForQuote(clients: UiContext["clients"], reference: string, part: Part, options: RequestOptions) {
  try {
    const { quote } = await clients.bookings.quoteCancellation({ reference, ...part }, options)
    return { quote, refusal: undefined }
  } catch (error) {
    if (!hasReason(error, "PARTY_NEEDS_ADULT", "NOTHING_TO_CANCEL", "ALREADY_DEPARTED", "INVALID_REQUEST")) throw error
    const { status, detail } = problemOf(error)
    return { quote: undefined, refusal: { status, message: detail } satisfies Trouble }
  }
}

const slicesOf = (booking: Booking) => [...new Set(booking.segments.map(({ slice }) => slice))]

/** Who, and which way: only where there is a choice. Nothing ticked means everything. */
function PartForm({ booking, part }: { booking: Booking; part: Part }) {
  const isOpen = (has: (ticket: Ticket) => boolean) =>
    booking.tickets.some((ticket) => ticket.status === TicketStatus.OPEN && has(ticket))
  const passengers = booking.passengers.filter(({ id }) => isOpen((ticket) => ticket.passengerId === id))
  const slices = slicesOf(booking).filter((slice) =>
    booking.segments.some((each) => each.slice === slice && isOpen((ticket) => ticket.segmentId === each.id)),
  )
  if (passengers.length < 2 && slices.length < 2) return null
  return (
    <form class="card" method="get" action={`/bookings/${booking.reference}/cancel`}>
      <h2>What would you like to cancel?</h2>
      <p class="hint">Tick nothing to cancel the whole booking.</p>
      {passengers.length > 1 && (
        <fieldset class="choices">
          <legend>Passengers</legend>
          {passengers.map(({ id, givenName, familyName }) => (
            <label class="check">
              <input type="checkbox" name="passenger" value={id} checked={part.passengerIds.includes(id)} />
              {givenName} {familyName}
            </label>
          ))}
        </fieldset>
      )}
      {slices.length > 1 && (
        <fieldset class="choices">
          <legend>Flights</legend>
          {slices.map((slice) => {
            const flights = booking.segments.filter((segment) => segment.slice === slice)
            const [from, to] = [flights[0]?.flight?.origin, flights.at(-1)?.flight?.destination]
            return (
              <label class="check">
                <input type="checkbox" name="slice" value={String(slice)} checked={part.slices.includes(slice)} />
                {from} to {to}
              </label>
            )
          })}
        </fieldset>
      )}
      <button class="button secondary" type="submit">
        Show what I would get back
      </button>
    </form>
  )
}

function Quote({ quote }: { quote: CancellationQuote }) {
  return (
    <>
      <h2>What you get back</h2>
      <dl class="lines">
        {quote.lines.map(({ label, amount }) => (
          <div>
            <dt>{label}</dt>
            <dd>{formatMoney(amount)}</dd>
          </div>
        ))}
        <div class="total">
          <dt>Refund to your card</dt>
          <dd>{formatMoney(quote.refund)}</dd>
        </div>
        {quote.pointsReturned > 0n && (
          <div>
            <dt>Points you spent come back</dt>
            <dd>+{formatPoints(quote.pointsReturned)}</dd>
          </div>
        )}
        {quote.pointsReversed > 0n && (
          <div>
            <dt>Points you earned are taken off</dt>
            <dd>{formatPoints(-quote.pointsReversed)}</dd>
          </div>
        )}
        {quote.tierAfter !== quote.tierBefore && (
          <div>
            <dt>Your tier becomes</dt>
            <dd class="tier">{quote.tierAfter}</dd>
          </div>
        )}
      </dl>
      {quote.expireTime && (
        <p class="hint quote-until">
          This quote is good until{" "}
          <time datetime={quote.expireTime.toISOString()} data-local="">
            {formatInstant(quote.expireTime)}
          </time>
          .
        </p>
      )}
    </>
  )
}
