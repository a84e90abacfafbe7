import type { RequestOptions } from "@airside/kernel/rpc-client"
import { type MoneyAlert, MoneyAlertKind } from "@airside/protos/airside/payments/v1/payments"
import type { Difference, Repair, StuckBooking, UnmatchedEvent } from "@airside/protos/airside/repairs/v1/repairs"
import { Elysia } from "elysia"
import type { Child } from "hono/jsx"
import type { UiContext } from "../../context.ts"
import { formatInstant, formatMoney } from "../../format.ts"
import { Page, redirect, respond } from "../../layout.tsx"
import { HttpProblem, hasReason } from "../../problems.ts"
import { Hidden, RequestId, readForm, text } from "../form.tsx"

const PATH = "/staff/repairs"
const PAGE = { pageSize: 50, pageToken: "" }

/** What did not go by itself, for staff, each with the one thing that may be done about it; nobody else finds this page. */
export function repairsPage(context: UiContext) {
  const app = new Elysia()
  for (const [name, repair] of Object.entries(REPAIRS)) {
    const carryOut = async ({ request }: { request: Request }) => {
      const { options } = await staffOf(context, request)
      await repair(context, await readForm(request), options)
      return redirect(PATH)
    }
    app.post(`${PATH}/${name}`, carryOut, { parse: "none" })
  }
  return app.get(PATH, ({ request }) => showRepairs(context, request))
}

async function staffOf({ sessions }: UiContext, request: Request) {
  const { user, token } = await sessions.identityOf(request)
  if (!user?.staff || !token) throw new HttpProblem(404, "NOT_FOUND", "There is nothing at this address.")
  return { user, options: { token } satisfies RequestOptions }
}

/** Each is one request, which may be sent again; what came of it, a refusal too, stands in the list of repairs. */
const REPAIRS = {
  async booking({ clients }: UiContext, form: URLSearchParams, options: RequestOptions) {
    const subject = { $case: "reference", value: text(form, "reference") } as const
    await refusalIsKept(clients.bookingRepairs.retryBooking({ requestId: text(form, "request_id"), subject }, options))
  },
  async payment({ clients }: UiContext, form: URLSearchParams, options: RequestOptions) {
    const subject = { $case: "paymentId", value: text(form, "payment_id") } as const
    await refusalIsKept(clients.bookingRepairs.retryBooking({ requestId: text(form, "request_id"), subject }, options))
  },
  async refund({ clients }: UiContext, form: URLSearchParams, options: RequestOptions) {
    const refund = { paymentId: text(form, "payment_id"), refundId: text(form, "refund_id") }
    await refusalIsKept(clients.payments.retryRefund({ requestId: text(form, "request_id"), ...refund }, options))
  },
  async event({ clients }: UiContext, form: URLSearchParams, options: RequestOptions) {
    const requestId = text(form, "request_id")
    const event = { requestId, eventId: text(form, "event_id") }
    const matched = await refusalIsKept(clients.paymentRepairs.matchEvent(event, options))
    if (!matched?.paymentId) return
    const subject = { $case: "paymentId", value: matched.paymentId } as const
    await refusalIsKept(clients.bookingRepairs.retryBooking({ requestId, subject }, options))
  },
}

const KEPT = [
  "BOOKING_NOT_FOUND",
  "PAYMENT_NOT_FOUND",
  "REFUND_NOT_FOUND",
  "REFUND_TOO_LARGE",
  "REFUND_FAILED_AGAIN",
  "EVENT_NOT_FOUND",
]

async function refusalIsKept<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (!hasReason(error, ...KEPT)) throw error
    return undefined
  }
}

async function showRepairs(context: UiContext, request: Request): Promise<Response> {
  const { user, options } = await staffOf(context, request)
  const { bookingRepairs, paymentRepairs, payments } = context.clients
  const [stuck, alerts, events, differences, ofBookings, ofMoney] = await Promise.all([
    bookingRepairs.listStuckBookings(PAGE, options),
    payments.listMoneyAlerts(PAGE, options),
    paymentRepairs.listUnmatchedEvents(PAGE, options),
    paymentRepairs.listDifferences({ startTime: undefined }, options).catch((error) => {
      if (!hasReason(error, "STRIPE_UNAVAILABLE")) throw error
      return undefined
    }),
    bookingRepairs.listBookingRepairs(PAGE, options),
    paymentRepairs.listPaymentRepairs(PAGE, options),
  ])
  const repairs = [...ofBookings.repairs, ...ofMoney.repairs].toSorted(
    (a, b) => b.createTime!.getTime() - a.createTime!.getTime(),
  )
  const names = new Map([[user.id, user.username], ...ofBookings.repairs.map(nameOf)])
  return respond(
    <Page title="Repairs" user={user} path={PATH}>
      <div class="page-head">
        <div>
          <h1>Repairs</h1>
          <p>What did not go by itself. Every button may be pressed twice: it is done once.</p>
        </div>
      </div>
      <Section
        title="Stuck bookings"
        none="Every booking goes its way."
        head={["Booking", "State", "What went wrong", ""]}
      >
        {stuck.bookings.map((booking) => (
          <StuckRow booking={booking} />
        ))}
      </Section>
      <Section
        title="Refunds and disputes"
        none="Every refund reached its card, and nobody disputes a payment."
        head={["Booking", "Amount", "What went wrong", ""]}
        amounts={[1]}
      >
        {alerts.alerts.map((alert) => (
          <AlertRow alert={alert} />
        ))}
      </Section>
      <Section
        title="Stripe’s events without a payment"
        none="Every event found its payment."
        head={["Event", "About", "Since", ""]}
      >
        {events.events.map((event) => (
          <EventRow event={event} />
        ))}
      </Section>
      <Section
        title="Differences from Stripe’s record"
        none={
          differences
            ? `None in 30 days: ${differences.charges} charges and ${differences.refunds} refunds compared.`
            : "Stripe cannot be reached just now, so nothing was compared."
        }
        head={["What", "Ours", "Stripe’s or the ledger’s", ""]}
        amounts={[1, 2]}
      >
        {(differences?.differences ?? []).map((difference) => (
          <DifferenceRow difference={difference} />
        ))}
      </Section>
      <Section title="Repairs so far" none="None yet." head={["What", "Result", "Who", "When"]}>
        {repairs.map((repair) => (
          <RepairRow repair={repair} who={names.get(repair.userId) ?? repair.userId} />
        ))}
      </Section>
    </Page>,
  )
}

const nameOf = ({ userId, username }: Repair) => [userId, username || userId] as const

interface SectionProps {
  title: string
  none: string
  head: string[]
  /** Which columns are of money. */
  amounts?: number[]
  children: Child[]
}

function Section({ title, none, head, amounts = [], children }: SectionProps) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <table class="table stacks">
          <thead>
            <tr>
              {head.map((words, column) => (
                <th class={amounts.includes(column) ? "amount" : undefined}>
                  {words || <span class="hidden-visually">Repair</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      )}
    </section>
  )
}

/** The one safe thing to do about a row. */
function Repairing({
  name,
  values,
  words,
  about,
}: {
  name: keyof typeof REPAIRS
  values: [string, string][]
  words: string
  about: string
}) {
  return (
    <form method="post" action={`${PATH}/${name}`}>
      <RequestId />
      <Hidden values={values} />
      <button class="button secondary" type="submit">
        {words}
        <span class="hidden-visually"> {about}</span>
      </button>
    </form>
  )
}

const Booking = ({ reference }: { reference: string }) => (
  <a class="reference" href={`/bookings/${reference}`}>
    {reference}
  </a>
)

function StuckRow({ booking }: { booking: StuckBooking }) {
  const { reference, status, attempts, flagged, lastError } = booking
  return (
    <tr>
      <td>
        <Booking reference={reference} />
      </td>
      <td>
        <span class={`status ${flagged ? "bad" : "warn"}`}>{status.replaceAll("_", " ")}</span>
      </td>
      <td class="whole">
        {lastError || "No error was kept."} <small class="muted">{attempts} tries</small>
      </td>
      <td class="whole">
        <Repairing name="booking" values={[["reference", reference]]} words="Try now" about={reference} />
      </td>
    </tr>
  )
}

function AlertRow({ alert }: { alert: MoneyAlert }) {
  const { id, paymentId, bookingReference, amount, description, kind } = alert
  return (
    <tr>
      <td>
        <Booking reference={bookingReference} />
      </td>
      <td class="amount">{formatMoney(amount)}</td>
      <td class="whole">{description}</td>
      <td class="whole">
        {kind === MoneyAlertKind.REFUND_FAILED && (
          <Repairing
            name="refund"
            values={[
              ["payment_id", paymentId],
              ["refund_id", id],
            ]}
            words="Refund again"
            about={bookingReference}
          />
        )}
      </td>
    </tr>
  )
}

function EventRow({ event }: { event: UnmatchedEvent }) {
  return (
    <tr>
      <td class="whole">
        {event.type} <small class="muted">{event.id}</small>
      </td>
      <td class="whole">{event.objectId}</td>
      <td>{event.createTime && formatInstant(event.createTime)}</td>
      <td>
        <Repairing name="event" values={[["event_id", event.id]]} words="Look again" about={event.id} />
      </td>
    </tr>
  )
}

function DifferenceRow({ difference }: { difference: Difference }) {
  const { kind, paymentId, bookingReference, stripeId, ours, theirs } = difference
  return (
    <tr>
      <td>
        {kind} {bookingReference && <Booking reference={bookingReference} />} <small class="muted">{stripeId}</small>
      </td>
      <td class="amount" data-label="Ours">
        {ours ? formatMoney(ours) : "nothing"}
      </td>
      <td class="amount whole" data-label="Stripe’s or the ledger’s">
        {theirs ? formatMoney(theirs) : "nothing"}
      </td>
      <td class="whole">
        {kind === "charge" && !ours && (
          <Repairing name="payment" values={[["payment_id", paymentId]]} words="Settle" about={bookingReference} />
        )}
      </td>
    </tr>
  )
}

function RepairRow({ repair, who }: { repair: Repair; who: string }) {
  return (
    <tr>
      <td class="whole">
        {repair.action} <small class="muted">{repair.target}</small>
      </td>
      <td class="whole">{repair.result}</td>
      <td>{who}</td>
      <td>{repair.createTime && formatInstant(repair.createTime)}</td>
    </tr>
  )
}
