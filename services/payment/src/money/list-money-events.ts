import { type Caller, isStaff } from "@airside/kernel/identity"
import { money } from "@airside/kernel/money"
import { cutPage, parsePage } from "@airside/kernel/pages"
import {
  type ListMoneyEventsRequest,
  type ListMoneyEventsResponse,
  type MoneyEvent,
  MoneyEventKind,
} from "@airside/protos/airside/payments/v1/payments"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { isOwner } from "../payments/access.ts"
import { describeEvent, type MoneyEventRow } from "./describe-event.ts"

/** Of events at the same instant: one transaction opens a dispute and posts what it took. */
const ORDER: MoneyEventRow["kind"][] = [
  "requested",
  "declined",
  "paid",
  "refund_requested",
  "refunded",
  "refund_failed",
  "dispute_opened",
  "dispute_withdrawn",
  "dispute_reinstated",
  "dispute_lost",
  "refund_withheld",
  "refund_charged_back",
  "closed",
  "webhook",
]

/**
 * What happened to a booking's money, oldest first: money that moved from the ledger, the rest from the rows. For staff
 * with Stripe's ids, accounts and events. Reasons: PAYMENT_NOT_FOUND, INVALID_REQUEST.
 */
export async function listMoneyEvents(
  context: CallContext,
  request: ListMoneyEventsRequest,
): Promise<ListMoneyEventsResponse> {
  const page = parsePage(request, ["instant", "number", "text"])
  const { caller } = context.call
  const forStaff = isStaff(caller)
  const paymentIds = await visiblePayments(context, caller, request.bookingReference)
  if (paymentIds.length === 0) throw failures.PAYMENT_NOT_FOUND()
  const { sql } = context.database
  const after =
    page.after &&
    sql`(time, rank, id) > (${page.after[0]}::text::timestamptz, ${page.after[1]}::text::int8, ${page.after[2]})`
  const rows = await sql<(MoneyEventRow & { position: string; rank: number })[]>`
    select id, kind, time, time::text as position, rank, payment_id as "paymentId", currency,
      amount_minor_units as "minorUnits", card_brand as "cardBrand", card_last4 as "cardLast4", code,
      decline_code as "declineCode", stripe_id as "stripeId", debit, credit
    from (
      select *, array_position(${ORDER}::text[], kind) as rank
      from (${allEvents(context, paymentIds)}) as unranked
    ) as events
    where ${forStaff ? sql`true` : sql`kind <> 'webhook'`} and ${after ?? sql`true`}
    order by time, rank, id
    limit ${page.size + 1}`
  const { items, nextPageToken } = cutPage(rows, page, (row) => [row.position, String(row.rank), row.id])
  return { events: items.map((row) => toEvent(row, forStaff)), nextPageToken }
}

async function visiblePayments({ database: { sql } }: Context, caller: Caller, reference: string): Promise<string[]> {
  if (!/^[\w-]{1,32}$/.test(reference)) return []
  const payments = await sql<{ id: string; userId: string | null; bookingId: string }[]>`
    select id, user_id as "userId", booking_id as "bookingId"
    from payment_transactions
    where booking_reference = ${reference.toUpperCase()}`
  return payments.filter((payment) => isStaff(caller) || isOwner(caller, payment)).map(({ id }) => id)
}

/** One row an event. A refund's first success and failure are postings; only a failure that moved nothing is a row's. */
const allEvents = ({ database: { sql } }: Context, paymentIds: string[]) => sql`
  with p as (select * from payment_transactions where id = any(${paymentIds}::uuid[]))
  select p.id || ':requested' as id, 'requested' as kind, p.create_time as time, p.id as payment_id, p.currency,
    p.amount_minor_units, '' as card_brand, '' as card_last4, '' as code, '' as decline_code, '' as stripe_id,
    '' as debit, '' as credit
  from p
  union all
  select p.id || ':closed', 'closed', p.cancel_time, p.id, p.currency, p.amount_minor_units, '', '', '', '',
    coalesce(p.object_id, ''), '', ''
  from p
  where p.cancel_time is not null
  union all
  select d.id, 'declined', d.create_time, p.id, p.currency, d.amount_minor_units, d.card_brand, d.card_last4, d.code,
    d.decline_code, d.id, '', ''
  from p
  join declined_attempts d on d.payment_id = p.id
  union all
  select e.posting_id::text, case e.kind when 'payment' then 'paid' when 'refund' then 'refunded' else e.kind end,
    e.create_time, p.id, e.currency, e.amount_minor_units, p.card_brand, p.card_last4, '', '', e.stripe_id, e.account,
    c.account
  from p
  join ledger_entries e on e.payment_id = p.id and e.side = 'debit'
  join ledger_entries c on c.payment_id = e.payment_id and c.posting_id = e.posting_id and c.side = 'credit'
  union all
  select r.id || ':requested', 'refund_requested', r.create_time, p.id, p.currency, r.amount_minor_units, '', '', '', '',
    '', '', ''
  from p
  join refunds r on r.payment_id = p.id
  union all
  select r.id || ':refused', 'refund_failed', r.failure_time, p.id, p.currency, r.amount_minor_units, p.card_brand,
    p.card_last4, r.failure_reason, '', '', '', ''
  from p
  join refunds r on r.payment_id = p.id
  where r.status = 'failed' and not exists (
    select 1
    from ledger_entries e
    where e.payment_id = p.id and e.kind = 'refund_failed' and e.stripe_id = r.stripe_refund_id)
  union all
  select r.id || ':withheld', 'refund_withheld', r.withhold_time, p.id, p.currency, r.amount_minor_units, '', '', '', '',
    '', '', ''
  from p
  join refunds r on r.payment_id = p.id
  where r.withhold_time is distinct from r.charge_back_time
  union all
  select r.id || ':charged_back', 'refund_charged_back', r.charge_back_time, p.id, p.currency, r.amount_minor_units, '',
    '', '', '', '', '', ''
  from p
  join refunds r on r.payment_id = p.id
  where r.status = 'charged_back'
  union all
  select d.id, 'dispute_opened', d.create_time, p.id, d.currency, d.amount_minor_units, p.card_brand, p.card_last4,
    d.reason, '', d.id, '', ''
  from p
  join disputes d on d.payment_id = p.id
  union all
  select w.id, 'webhook', w.create_time, p.id, p.currency, 0, '', '', w.type, '', w.id, '', ''
  from p
  join webhook_events w on w.payment_id = p.id`

function toEvent(row: MoneyEventRow, forStaff: boolean): MoneyEvent {
  const kind = MoneyEventKind[row.kind.toUpperCase() as Uppercase<MoneyEventRow["kind"]>]
  return {
    id: row.id,
    kind,
    eventTime: row.time,
    description: describeEvent(row, forStaff),
    amount: row.kind === "webhook" ? undefined : money(row.currency, row.minorUnits),
    stripeId: forStaff ? row.stripeId : "",
    paymentId: forStaff ? row.paymentId : "",
    debitAccount: forStaff ? row.debit : "",
    creditAccount: forStaff ? row.credit : "",
  }
}
