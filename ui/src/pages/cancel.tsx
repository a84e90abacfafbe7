import type { RequestOptions } from "@airside/kernel/rpc-client"
import type { CancellationQuote } from "@airside/protos/airside/bookings/v1/bookings"
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
  const quote = unpaid ? undefined : (await clients.bookings.quoteCancellation({ reference }, options)).quote
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
        {trouble && (
          <p class="notice warn" role="alert" tabindex={-1} data-focus="">
            {trouble.message}
          </p>
        )}
        <form class="card" method="post" action={`/bookings/${reference}/cancel`}>
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
      </div>
    </Page>,
    trouble?.status ?? 200,
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
