import { money } from "@airside/kernel/money"
import { cutPage, parsePage } from "@airside/kernel/pages"
import {
  type ListMoneyAlertsRequest,
  type ListMoneyAlertsResponse,
  MoneyAlertKind,
} from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"

interface AlertRow {
  id: string
  kind: Lowercase<Exclude<keyof typeof MoneyAlertKind, "UNSPECIFIED">>
  time: Date
  position: string
  paymentId: string
  bookingReference: string
  currency: string
  minorUnits: bigint
  stripeId: string
  reason: string
  status: string
  dueTime: Date | null
}

/**
 * What staff must look at, newest first: refunds that failed, until RetryRefund succeeds, and disputes until they are
 * decided, with the refunds that wait for them. Reasons: INVALID_REQUEST.
 */
export async function listMoneyAlerts(
  { database: { sql } }: CallContext,
  request: ListMoneyAlertsRequest,
): Promise<ListMoneyAlertsResponse> {
  const page = parsePage(request, ["instant", "text"])
  const rows = await sql<AlertRow[]>`
    select *, time::text as position
    from (
      select r.id::text, 'refund_failed' as kind, r.failure_time as time, p.id as "paymentId",
        p.booking_reference as "bookingReference", p.currency, r.amount_minor_units as "minorUnits",
        coalesce(r.stripe_refund_id, '') as "stripeId", r.failure_reason as reason, r.status,
        null::timestamptz as "dueTime"
      from refunds r
      join payment_transactions p on p.id = r.payment_id
      where r.status = 'failed'
      union all
      select r.id::text, 'refund_withheld', r.withhold_time, p.id, p.booking_reference, p.currency, r.amount_minor_units,
        '', '', r.status, null
      from refunds r
      join payment_transactions p on p.id = r.payment_id
      where r.status = 'withheld'
      union all
      select d.id, 'dispute', d.create_time, p.id, p.booking_reference, d.currency, d.amount_minor_units, d.id, d.reason,
        d.status, d.evidence_due_time
      from disputes d
      join payment_transactions p on p.id = d.payment_id
      where d.status not in ('won', 'lost', 'warning_closed', 'prevented')
    ) as alerts
    ${page.after ? sql`where (time, id) < (${page.after[0]}::text::timestamptz, ${page.after[1]})` : sql``}
    order by time desc, id desc
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [row.position, row.id])
  const alerts = items.map((row) => ({
    id: row.id,
    kind: MoneyAlertKind[row.kind.toUpperCase() as Uppercase<AlertRow["kind"]>],
    paymentId: row.paymentId,
    bookingReference: row.bookingReference,
    amount: money(row.currency, row.minorUnits),
    description: describe(row),
    stripeId: row.stripeId,
    eventTime: row.time,
  }))
  return { alerts, nextPageToken }
}

function describe({ kind, reason, status, dueTime }: AlertRow): string {
  const words = (code: string) => code.replaceAll("_", " ")
  if (kind === "refund_failed") return `The refund did not reach the card (${words(reason)}). Try it again.`
  if (kind === "refund_withheld") {
    return "The refund waits for the bank's decision about the dispute. Won, it goes to the card by itself; lost, it is settled."
  }
  const due = dueTime ? `; evidence is due by ${dueTime.toISOString().slice(0, 10)}` : ""
  return `The payment is disputed as ${words(reason)} (${words(status)})${due}.`
}
