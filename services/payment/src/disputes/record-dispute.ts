import { derivedId } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type Stripe from "stripe"
import type { Context } from "../context.ts"
import { type PostingKind, post } from "../payments/ledger.ts"
import { lockMoney, settleWithheld } from "../refunds/withheld-refunds.ts"
import { ourAmount } from "../stripe/amount.ts"

/**
 * Keeps a dispute as Stripe describes it now, and posts what it moved: each of it once, however often it is told. A
 * decision ends the waiting of the payment's refunds; those that are pending then are the caller's to carry out.
 */
export async function recordDispute({ database }: Context, paymentId: string, dispute: Stripe.Dispute) {
  const currency = dispute.currency.toUpperCase()
  const minorUnits = ourAmount(currency, dispute.amount)
  const dueTime = dispute.evidence_details?.due_by
  const chargeId = typeof dispute.charge === "string" ? dispute.charge : (dispute.charge?.id ?? "")
  await database.inTransaction(
    async (tx) => {
      // Whoever tells the same at once waits here; what was fetched before the decision changes nothing.
      await lockMoney(tx, paymentId)
      await tx`
        insert into disputes
          (payment_id, id, charge_id, status, reason, currency, amount_minor_units, evidence_due_time)
        values
          (${paymentId}, ${dispute.id}, ${chargeId}, ${dispute.status}, ${dispute.reason ?? ""}, ${currency},
           ${minorUnits}, to_timestamp(${dueTime ?? null}::float8))
        on conflict (payment_id, id) do update
        set status = excluded.status, reason = excluded.reason, evidence_due_time = excluded.evidence_due_time
        where disputes.status not in ('won', 'lost')`
      for (const kind of postingsOf(dispute)) {
        const postingId = derivedId(kind, dispute.id)
        if (await isPosted(tx, paymentId, postingId)) continue
        await post(tx, { paymentId, postingId, kind, stripeId: dispute.id, currency, minorUnits })
      }
      await settleWithheld(tx, paymentId)
    },
    { repeatable: true },
  )
}

/**
 * What a dispute has moved so far. An inquiry (`warning_…`) moves nothing; a chargeback takes the amount at once, and
 * gives it back when it is won.
 */
function postingsOf({ status, balance_transactions: moved }: Stripe.Dispute): PostingKind[] {
  const isTaken = moved ? moved.some(({ amount }) => amount < 0) : !/^(warning_|prevented)/.test(status)
  if (!isTaken) return []
  const isBack = status === "won" || moved?.some(({ amount }) => amount > 0)
  if (isBack) return ["dispute_withdrawn", "dispute_reinstated"]
  return status === "lost" ? ["dispute_withdrawn", "dispute_lost"] : ["dispute_withdrawn"]
}

async function isPosted(tx: Transaction, paymentId: string, postingId: string): Promise<boolean> {
  const found = await tx`
    select 1
    from ledger_entries
    where payment_id = ${paymentId} and posting_id = ${postingId} and side = 'debit'`
  return found.length > 0
}
