import { money } from "@airside/kernel/money"
import type {
  Difference,
  ListDifferencesRequest,
  ListDifferencesResponse,
} from "@airside/protos/airside/repairs/v1/repairs"
import type Stripe from "stripe"
import type { CallContext, Context } from "../context.ts"
import { ourAmount } from "../stripe/amount.ts"
import { askStripe } from "../stripe/ask-stripe.ts"

const MOST = 100
const MOST_OBJECTS = 10_000
const DAY_SECONDS = 24 * 3600
/** What is younger is under way: recorded here and not there, or the other way round. */
const UNDER_WAY_SECONDS = 60

/** What is compared: from `start` up to what is `underWaySeconds` old. */
type Span = { start: Date; underWaySeconds: number }

/**
 * Where our payments, refunds, disputes and ledger say something else than one another, or than Stripe's charges and
 * refunds, since `start_time` (30 days ago when it is not set). Changes nothing. Reasons: STRIPE_UNAVAILABLE.
 */
export async function listDifferences(
  context: CallContext,
  request: ListDifferencesRequest,
): Promise<ListDifferencesResponse> {
  const span = {
    start: request.startTime ?? new Date(Date.now() - 30 * DAY_SECONDS * 1000),
    underWaySeconds: request.underWaySeconds ?? UNDER_WAY_SECONDS,
  }
  // Stripe first: whatever it knew a minute ago, our records know by now.
  const { charges, refunds } = await fetchRecord(context, span)
  const differences = [
    ...(await chargeDifferences(context, span, charges)),
    ...(await refundDifferences(context, span, refunds)),
    ...(await ledgerDifferences(context, span)),
    ...(await disputeDifferences(context, span)),
  ]
  return { differences: differences.slice(0, MOST), charges: charges.length, refunds: refunds.length }
}

/** From a day before: what Stripe took just before `start`, we may have recorded after it. */
async function fetchRecord({ stripe }: Context, { start }: Span) {
  const gte = Math.floor(start.getTime() / 1000) - DAY_SECONDS
  const page = { created: { gte }, limit: 100 }
  const limit = { limit: MOST_OBJECTS }
  return {
    charges: await askStripe(() => stripe.charges.list(page).autoPagingToArray(limit)),
    refunds: await askStripe(() => stripe.refunds.list(page).autoPagingToArray(limit)),
  }
}

interface PaidRow {
  id: string
  reference: string
  intentId: string
  currency: string
  minorUnits: bigint
}

/** Every payment of ours is one charge of that amount; every charge that is marked as ours is a payment. */
async function chargeDifferences({ database: { sql } }: Context, span: Span, charges: Stripe.Charge[]) {
  const taken = new Map(charges.filter(({ status }) => status === "succeeded").map((each) => [intentOf(each), each]))
  const ours = await sql<PaidRow[]>`
    select id, booking_reference as reference, paid_intent_id as "intentId", currency, amount_minor_units as "minorUnits"
    from payment_transactions
    where status = 'succeeded' and (paid_intent_id = any (${[...taken.keys()]}::text[])
      or success_time between ${span.start} and now() - ${span.underWaySeconds} * interval '1 second')`
  const known = new Set(ours.map(({ intentId }) => intentId))
  const differing = ours.flatMap((payment) => {
    const charge = taken.get(payment.intentId)
    const theirs = charge && amountOf(charge.currency, charge.amount_captured)
    return isSame(theirs, payment) ? [] : [differenceOf("charge", payment, charge?.id, theirs)]
  })
  const unknown = [...taken.values()].filter(
    (charge) => charge.metadata.payment_id && !known.has(intentOf(charge)) && isSettled(span, charge.created),
  )
  return [...differing, ...unknown.map((charge) => unknownDifference("charge", charge, charge.amount_captured))]
}

/** Every refund that we count is one at Stripe, and every one of a charge of ours that Stripe made is counted. */
async function refundDifferences({ database: { sql } }: Context, span: Span, refunds: Stripe.Refund[]) {
  const alive = refunds.filter(({ status }) => status !== "failed" && status !== "canceled")
  const theirs = new Map(alive.map((each) => [each.id, each]))
  const ours = await sql<(PaidRow & { stripeRefundId: string })[]>`
    select p.id, p.booking_reference as reference, p.paid_intent_id as "intentId", p.currency,
      r.amount_minor_units as "minorUnits", r.stripe_refund_id as "stripeRefundId"
    from refunds r
    join payment_transactions p on p.id = r.payment_id
    where r.status = 'succeeded' and (r.stripe_refund_id = any (${[...theirs.keys()]}::text[])
      or r.attempt_time between ${span.start} and now() - ${span.underWaySeconds} * interval '1 second')`
  const known = new Set(ours.map(({ stripeRefundId }) => stripeRefundId))
  const differing = ours.flatMap((refund) => {
    const atStripe = theirs.get(refund.stripeRefundId)
    const amount = atStripe && amountOf(atStripe.currency, atStripe.amount)
    return isSame(amount, refund) ? [] : [differenceOf("refund", refund, refund.stripeRefundId, amount)]
  })
  const others = alive.filter((refund) => !known.has(refund.id) && isSettled(span, refund.created))
  const intents = others.map(intentOf)
  const paid = await sql<{ id: string; reference: string; intentId: string }[]>`
    select id, booking_reference as reference, paid_intent_id as "intentId"
    from payment_transactions
    where paid_intent_id = any (${intents}::text[])`
  const made = others.flatMap((refund) => {
    const payment = paid.find(({ intentId }) => intentId === intentOf(refund))
    if (!payment) return []
    const amount = amountOf(refund.currency, refund.amount)
    return [
      {
        ...unknownDifference("refund", refund, refund.amount),
        paymentId: payment.id,
        bookingReference: payment.reference,
        theirs: amount,
      },
    ]
  })
  return [...differing, ...made]
}

/** What we owe for a payment by the ledger is its amount less its refunds. */
async function ledgerDifferences({ database: { sql } }: Context, { start }: Span): Promise<Difference[]> {
  const rows = await sql<(PaidRow & { posted: bigint })[]>`
    select p.id, p.booking_reference as reference, p.paid_intent_id as "intentId", p.currency,
      p.amount_minor_units - coalesce(r.refunded, 0) as "minorUnits", coalesce(l.posted, 0)::bigint as posted
    from payment_transactions p
    left join lateral (
      select sum(amount_minor_units)::bigint as refunded from refunds where payment_id = p.id and status = 'succeeded'
    ) r on true
    left join lateral (
      select sum(case side when 'credit' then amount_minor_units else -amount_minor_units end)::bigint as posted
      from ledger_entries
      where payment_id = p.id and account = 'customer_funds' and kind in ('payment', 'refund', 'refund_failed')
    ) l on true
    where p.status = 'succeeded' and p.success_time >= ${start}
      and coalesce(l.posted, 0) <> p.amount_minor_units - coalesce(r.refunded, 0)`
  return rows.map((row) => differenceOf("ledger", row, "", money(row.currency, row.posted)))
}

/** A refund waits for a dispute only while a bank has to decide; disputes make up for no more than they have lost us. */
async function disputeDifferences({ database: { sql } }: Context, span: Span): Promise<Difference[]> {
  const rows = await sql<(PaidRow & { posted: bigint })[]>`
    select p.id, p.booking_reference as reference, p.paid_intent_id as "intentId", p.currency,
      r.amount_minor_units as "minorUnits", l.posted
    from payment_transactions p
    cross join lateral (
      select status, sum(amount_minor_units)::bigint as amount_minor_units
      from refunds
      where payment_id = p.id and status in ('withheld', 'charged_back')
        and greatest(withhold_time, charge_back_time) < now() - ${span.underWaySeconds} * interval '1 second'
      group by status
    ) r
    cross join lateral (
      select coalesce(sum(amount_minor_units) filter (where kind = 'dispute_lost'), 0)::bigint as posted
      from ledger_entries
      where payment_id = p.id and side = 'debit'
    ) l
    where (r.status = 'charged_back' and r.amount_minor_units > l.posted)
      or (r.status = 'withheld' and not exists (
        select 1 from disputes where payment_id = p.id and status in ('needs_response', 'under_review')))`
  return rows.map((row) => differenceOf("dispute", row, "", money(row.currency, row.posted)))
}

const isSettled = ({ underWaySeconds }: Span, created: number) => Date.now() / 1000 - created > underWaySeconds

const intentOf = ({ payment_intent }: { payment_intent: string | { id: string } | null }) =>
  (typeof payment_intent === "string" ? payment_intent : payment_intent?.id) ?? ""

const amountOf = (currency: string, amount: number) => money(currency.toUpperCase(), ourAmount(currency, amount))

const isSame = (theirs: Difference["theirs"], { currency, minorUnits }: PaidRow) =>
  theirs?.currency === currency && theirs.minorUnits === minorUnits

function differenceOf(
  kind: string,
  row: PaidRow,
  stripeId: string | undefined,
  theirs: Difference["theirs"],
): Difference {
  const { id, reference, currency, minorUnits } = row
  const ours = money(currency, minorUnits)
  return { kind, paymentId: id, bookingReference: reference, stripeId: stripeId ?? "", ours, theirs }
}

/** Something of ours at Stripe that our records have not. */
function unknownDifference(kind: string, object: Stripe.Charge | Stripe.Refund, amount: number): Difference {
  return {
    kind,
    paymentId: object.metadata?.payment_id ?? "",
    bookingReference: object.metadata?.booking_reference ?? "",
    stripeId: object.id,
    ours: undefined,
    theirs: amountOf(object.currency, amount),
  }
}
