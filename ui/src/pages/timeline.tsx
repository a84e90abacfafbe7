import type { RequestOptions } from "@airside/kernel/rpc-client"
import { type MoneyEvent, MoneyEventKind } from "@airside/protos/airside/payments/v1/payments"
import { Elysia } from "elysia"
import { readMoneyEvents } from "../api/money-events.ts"
import type { UiContext } from "../context.ts"
import { formatInstant, formatMoney } from "../format.ts"
import { Page, respond } from "../layout.tsx"
import { text } from "./form.tsx"
import { Pages } from "./list.tsx"
import { asOwner } from "./owner.ts"

/** What happened to a booking's money, for its owner and for staff. */
export const timelinePage = (context: UiContext) =>
  new Elysia().get("/bookings/:reference/payments", ({ request, params: { reference } }) =>
    asOwner(context, request, reference, (options) => showTimeline(context, request, reference, options)),
  )

async function showTimeline(
  context: UiContext,
  request: Request,
  given: string,
  options: RequestOptions,
): Promise<Response> {
  const { user } = await context.sessions.identityOf(request)
  const reference = given.toUpperCase()
  const pageToken = text(new URL(request.url).searchParams, "page_token")
  const { events, nextPageToken } = await readMoneyEvents(context, reference, { pageSize: 50, pageToken }, options)
  const path = `/bookings/${reference}/payments`
  return respond(
    <Page title={`Payment history of ${reference}`} user={user} path="/trips">
      <div class="page-head">
        <div>
          <h1>Payment history</h1>
          <p>
            Booking{" "}
            <a class="reference" href={`/bookings/${reference}`}>
              {reference}
            </a>
          </p>
        </div>
      </div>
      {events.length === 0 ? (
        <div class="empty">
          <h2>Nothing yet</h2>
          <p>Every payment, refund and declined card will be listed here.</p>
        </div>
      ) : (
        <div class="card">
          <table class="table stacks told">
            <thead>
              <tr>
                <th>When</th>
                <th>What</th>
                <th class="amount">Amount</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <Row event={event} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pages path={path} first={pageToken === ""} nextPageToken={nextPageToken} words={["Oldest", "Later"]} />
    </Page>,
  )
}

function Row({ event }: { event: MoneyEvent }) {
  const accounts = event.debitAccount && `${inWords(event.debitAccount)} ← ${inWords(event.creditAccount)}`
  const detail = [event.stripeId, accounts].filter(Boolean).join(" · ")
  return (
    <tr>
      <td class="date">{event.eventTime && formatInstant(event.eventTime)}</td>
      <td>
        {event.description}
        {detail && (
          <>
            <br />
            <small class="muted">{detail}</small>
          </>
        )}
      </td>
      <td class={`amount ${toneOf(event.kind)}`}>{formatMoney(event.amount)}</td>
    </tr>
  )
}

const inWords = (account: string) => account.replaceAll("_", " ")

/** Money that came back to the traveller, and amounts that were only spoken of. */
function toneOf(kind: MoneyEventKind): string {
  if (kind === MoneyEventKind.REFUNDED) return "gain"
  const moved: MoneyEventKind[] = [
    MoneyEventKind.PAID,
    MoneyEventKind.DISPUTE_WITHDRAWN,
    MoneyEventKind.DISPUTE_REINSTATED,
  ]
  return moved.includes(kind) ? "" : "muted"
}
