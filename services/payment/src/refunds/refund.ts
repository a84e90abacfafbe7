import { derivedId } from "@airside/kernel/ids"
import { money } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import { type Refund, RefundStatus } from "@airside/protos/airside/payments/v1/payments"
import type Stripe from "stripe"
import type { Context } from "../context.ts"
import { fetchDisputes } from "../disputes/fetch-disputes.ts"
import { failures } from "../failures.ts"
import { post } from "../payments/ledger.ts"
import type { PaymentRow } from "../payments/payment.ts"
import { StripeRefusal } from "../stripe/ask-stripe.ts"
import { beginAttempt } from "./begin-attempt.ts"
import { refundAtStripe } from "./refund-at-stripe.ts"
import { lockMoney, settleWithheld, withhold } from "./withheld-refunds.ts"

export interface RefundRow {
  id: string
  minorUnits: bigint
  status: "pending" | "succeeded" | "failed" | "withheld" | "charged_back"
  /** Counts from 1; one more each time that staff tries it again, or that it has waited for a dispute. */
  attempt: number
  attemptTime: Date
  createTime: Date
}

export async function findRefund(sql: Queryable, paymentId: string, id: string): Promise<RefundRow | undefined> {
  const [refund] = await sql<RefundRow[]>`
    select id, amount_minor_units as "minorUnits", status, attempt, attempt_time as "attemptTime",
      create_time as "createTime"
    from refunds
    where payment_id = ${paymentId} and id = ${id}`
  return refund
}

export const toRefund = (payment: PaymentRow, refund: RefundRow): Refund => ({
  id: refund.id,
  paymentId: payment.id,
  amount: money(payment.currency, refund.minorUnits),
  createTime: refund.createTime,
  status: RefundStatus[refund.status.toUpperCase() as Uppercase<RefundRow["status"]>],
})

/** Stripe's code for a charge that a bank has taken back. https://docs.stripe.com/error-codes */
const CHARGE_DISPUTED = "charge_disputed"
/** The failure of a refund that a dispute overtook, as when a bank's inquiry is escalated. */
const OVERTAKEN_BY_DISPUTE = "charge_for_pending_refund_disputed"

/**
 * Brings a refund as far as it goes now, and answers it: succeeded, withheld for a dispute, or charged back by one. What
 * failed for good is an alert for staff. Reasons: REFUND_FAILED, STRIPE_UNAVAILABLE.
 */
export async function carryOut(
  context: Context,
  payment: PaymentRow,
  refund: RefundRow,
  { hasWaited = false } = {},
): Promise<RefundRow> {
  if (refund.status === "failed") throw failures.REFUND_FAILED({ refund_id: refund.id })
  if (refund.status !== "pending") return refund
  try {
    await recordRefund(context, payment, refund, await refundAtStripe(context, payment, refund))
  } catch (error) {
    if (!(error instanceof StripeRefusal) || !error.isDefinite) throw error
    if (error.code === CHARGE_DISPUTED && !hasWaited) return waitForDispute(context, payment, refund)
    await recordFailure(context, payment, refund, { stripeId: null, reason: error.code || "refused" })
    context.log.error({ err: error, payment: payment.id, refund: refund.id }, "Stripe refused a refund for good")
  }
  const after = (await findRefund(context.database.sql, payment.id, refund.id))!
  if (after.status === "failed") throw failures.REFUND_FAILED({ refund_id: refund.id })
  return after
}

/** The dispute may be news to us, or decided since: Stripe is asked, and a refund that is free again is tried once more. */
async function waitForDispute(context: Context, payment: PaymentRow, refund: RefundRow): Promise<RefundRow> {
  const { isDisputed } = await fetchDisputes(context, payment)
  await context.database.inTransaction(
    async (tx) => {
      await lockMoney(tx, payment.id)
      await withhold(tx, payment.id, refund)
      if (isDisputed) await settleWithheld(tx, payment.id)
    },
    { repeatable: true },
  )
  const after = (await findRefund(context.database.sql, payment.id, refund.id))!
  return carryOut(context, payment, after, { hasWaited: true })
}

/** Records what Stripe says about a refund's present attempt; a failure may come long after the success. */
export function recordRefund(context: Context, payment: PaymentRow, refund: RefundRow, atStripe: Stripe.Refund) {
  const { id, status, failure_reason: reason = "unknown" } = atStripe
  return status === "failed" || status === "canceled"
    ? recordFailure(context, payment, refund, { stripeId: id, reason: status === "canceled" ? "canceled" : reason })
    : recordSuccess(context, payment, refund, id)
}

/** One guarded move; whoever makes it writes the ledger. */
async function recordSuccess({ database }: Context, payment: PaymentRow, refund: RefundRow, stripeId: string) {
  await database.inTransaction(
    async (tx) => {
      const moved = await tx`
        update refunds
        set status = 'succeeded', stripe_refund_id = ${stripeId}
        where payment_id = ${payment.id} and id = ${refund.id} and attempt = ${refund.attempt} and status = 'pending'
        returning 1`
      if (moved.length === 0) return
      await post(tx, {
        paymentId: payment.id,
        postingId: refund.attempt === 1 ? refund.id : derivedId("refund", refund.id, refund.attempt),
        kind: "refund",
        stripeId,
        currency: payment.currency,
        minorUnits: refund.minorUnits,
      })
    },
    { repeatable: true },
  )
}

/**
 * The money stays with us: no longer taken off the payment, and back in the ledger if it had left. What a dispute
 * overtook is its next attempt at once, which waits for the dispute.
 */
async function recordFailure(
  { database, log }: Context,
  payment: PaymentRow,
  refund: RefundRow,
  { stripeId, reason }: { stripeId: string | null; reason: string },
) {
  const failed = await database.inTransaction(
    async (tx) => {
      await lockMoney(tx, payment.id)
      const [before] = await tx<{ status: RefundRow["status"] }[]>`
        select status
        from refunds
        where payment_id = ${payment.id} and id = ${refund.id} and attempt = ${refund.attempt}
          and status in ('pending', 'succeeded')
        for update`
      if (!before) return false
      await tx`
        update refunds
        set status = 'failed', failure_reason = ${reason}, failure_time = now(),
          stripe_refund_id = coalesce(${stripeId}, stripe_refund_id)
        where payment_id = ${payment.id} and id = ${refund.id}`
      await tx`
        update payment_transactions
        set refunded_minor_units = refunded_minor_units - ${refund.minorUnits}
        where id = ${payment.id}`
      if (before.status === "succeeded") {
        await post(tx, {
          paymentId: payment.id,
          postingId: derivedId("refund_failed", refund.id, refund.attempt),
          kind: "refund_failed",
          stripeId: stripeId!,
          currency: payment.currency,
          minorUnits: refund.minorUnits,
        })
      }
      if (reason === OVERTAKEN_BY_DISPUTE) await beginAttempt(tx, payment.id, refund.id)
      return reason !== OVERTAKEN_BY_DISPUTE
    },
    { repeatable: true },
  )
  if (failed) log.error({ payment: payment.id, refund: refund.id, reason }, "a refund failed: staff must look at it")
}
