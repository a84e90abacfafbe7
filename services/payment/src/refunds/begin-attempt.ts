import type { Transaction } from "@airside/kernel/sql"
import { failures } from "../failures.ts"
import { lockMoney, withholdIfDisputed } from "./withheld-refunds.ts"

/**
 * The guarded move from failed to the next attempt, with the amount taken off what is left of the payment again; it is
 * withheld where a bank has the money. Reasons: REFUND_TOO_LARGE.
 */
export async function beginAttempt(tx: Transaction, paymentId: string, refundId: string): Promise<void> {
  await lockMoney(tx, paymentId)
  const [refund] = await tx<{ minorUnits: bigint; attempt: number }[]>`
    update refunds
    set status = 'pending', attempt = attempt + 1, attempt_time = now(), stripe_refund_id = null
    where payment_id = ${paymentId} and id = ${refundId} and status = 'failed'
    returning amount_minor_units as "minorUnits", attempt`
  if (!refund) return
  const taken = await tx`
    update payment_transactions
    set refunded_minor_units = refunded_minor_units + ${refund.minorUnits}
    where id = ${paymentId} and refunded_minor_units + ${refund.minorUnits} <= amount_minor_units
    returning 1`
  if (taken.length === 0) throw failures.REFUND_TOO_LARGE()
  await withholdIfDisputed(tx, paymentId, { id: refundId, attempt: refund.attempt })
}
