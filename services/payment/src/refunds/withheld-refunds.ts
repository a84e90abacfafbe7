import type { Transaction } from "@airside/kernel/sql"

/**
 * Whoever moves refunds by what a dispute does, or disputes by what Stripe says, comes here first and waits: no refund
 * begins to wait for a decision that is being recorded at the same moment.
 */
export async function lockMoney(tx: Transaction, paymentId: string): Promise<void> {
  await tx`select 1 from payment_transactions where id = ${paymentId} for no key update`
}

/** Keeps an attempt from Stripe, which has refused it or would, until settleWithheld ends its waiting. */
export async function withhold(tx: Transaction, paymentId: string, refund: { id: string; attempt: number }) {
  await tx`
    update refunds
    set status = 'withheld', withhold_time = now()
    where payment_id = ${paymentId} and id = ${refund.id} and attempt = ${refund.attempt} and status = 'pending'`
}

/** Withholds an attempt that Stripe was not asked for yet, where a bank has the money or the card's holder got it back. */
export async function withholdIfDisputed(tx: Transaction, paymentId: string, refund: { id: string; attempt: number }) {
  const { taken, lost } = await chargebacksOf(tx, paymentId)
  if (taken <= 0n && lost === 0n) return
  await withhold(tx, paymentId, refund)
  await settleWithheld(tx, paymentId)
}

/**
 * Ends the waiting of a payment's refunds, unless a dispute is undecided. What a lost dispute took, its holder has: that
 * much is charged back. Everything else is pending again, under a new attempt, as Stripe keeps a refusal under its key.
 */
export async function settleWithheld(tx: Transaction, paymentId: string): Promise<void> {
  const { isUndecided, lost } = await chargebacksOf(tx, paymentId)
  if (isUndecided) return
  const refunds = await tx<{ id: string; status: string; minorUnits: bigint }[]>`
    select id, status, amount_minor_units as "minorUnits"
    from refunds
    where payment_id = ${paymentId} and status in ('withheld', 'charged_back')
    order by status, create_time, id`
  let left = lost
  for (const { id, status, minorUnits } of refunds) {
    const isCovered = minorUnits <= left
    if (isCovered || status === "charged_back") left -= minorUnits
    if (status === "charged_back") continue
    await tx`
      update refunds
      set ${
        isCovered
          ? tx`status = 'charged_back', charge_back_time = now()`
          : tx`status = 'pending', attempt = attempt + 1, attempt_time = now()`
      }
      where payment_id = ${paymentId} and id = ${id}`
  }
}

interface Chargebacks {
  /** A bank has still to decide. An inquiry (`warning_…`) takes nothing, and Stripe refunds during it. */
  isUndecided: boolean
  /** What banks have until they decide, in minor units. */
  taken: bigint
  /** What card holders kept. */
  lost: bigint
}

async function chargebacksOf(tx: Transaction, paymentId: string): Promise<Chargebacks> {
  const [chargebacks] = await tx<Chargebacks[]>`
    select
      exists (
        select 1 from disputes where payment_id = ${paymentId} and status in ('needs_response', 'under_review')
      ) as "isUndecided",
      coalesce(sum(case side when 'debit' then amount_minor_units else -amount_minor_units end)
        filter (where account = 'disputed_funds'), 0)::bigint as taken,
      coalesce(sum(amount_minor_units) filter (where kind = 'dispute_lost' and side = 'debit'), 0)::bigint as lost
    from ledger_entries
    where payment_id = ${paymentId}`
  return chargebacks!
}
