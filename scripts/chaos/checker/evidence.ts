/**
 * What the checker judges by: the schemas as an administrator sees them, the sandbox's own file, and what customers were
 * told. Nothing here or beside it is shared with the services: a mistake of theirs is not repeated.
 */

import { Database } from "bun:sqlite"
import type { SQL } from "bun"
import type { Exchange, Json } from "../history.ts"

export interface Evidence {
  admin: SQL
  stripe: StripeRecord
  exchanges: readonly Exchange[]
}

/** Money at Stripe by payment id, in minor units. */
export interface StripeRecord {
  charges: { paymentId: string; chargeId: string; amount: number; refunded: number }[]
  refunds: { paymentId: string; amount: number }[]
  /** `moves`: what it took, below zero, and gave back. */
  disputes: { paymentId: string; disputeId: string; chargeId: string; status: string; moves: number[] }[]
}

/** A bank has the money, or has given it to the card's holder: Stripe refunds nothing of it. An inquiry takes nothing. */
export const KEEPS_REFUNDS = ["needs_response", "under_review", "lost"]

export interface Finding {
  /** The booking's reference, or what else is wrong. */
  subject: string
  detail: string
}

export interface Invariant {
  name: string
  sentence: string
  /** Follows from what the services still have to do, so it need not hold before all of that is due. */
  isDueLater?: true
  find(evidence: Evidence): Promise<Finding[]> | Finding[]
}

export function readStripe(file: string): StripeRecord {
  const sqlite = new Database(file, { readonly: true })
  try {
    const bodies = (kind: string) =>
      sqlite
        .query<{ body: string }, [string]>("select body from objects where kind = ? order by sequence")
        .all(kind)
        .map(({ body }) => JSON.parse(body) as Json)
    const paymentOf = new Map<string, string>(
      bodies("payment_intent").map((intent) => [intent.id, intent.metadata?.payment_id ?? ""]),
    )
    return {
      charges: bodies("charge")
        .filter((charge) => charge.status === "succeeded" && charge.paid)
        .map((charge) => ({
          paymentId: paymentOf.get(charge.payment_intent) ?? "",
          chargeId: charge.id,
          amount: charge.amount_captured ?? charge.amount,
          refunded: charge.amount_refunded,
        })),
      refunds: bodies("refund")
        .filter((refund) => refund.status === "succeeded")
        .map((refund) => ({ paymentId: paymentOf.get(refund.payment_intent) ?? "", amount: refund.amount })),
      disputes: bodies("dispute").map((dispute) => ({
        paymentId: paymentOf.get(dispute.payment_intent) ?? "",
        disputeId: dispute.id,
        chargeId: dispute.charge,
        status: dispute.status,
        moves: dispute.balance_transactions.map(({ amount }: Json) => amount),
      })),
    }
  } finally {
    sqlite.close()
  }
}

interface BookingMoney {
  unrefundedCharges: number
  /** What was charged less what was refunded. */
  kept: number
  refunded: number
  /** Charges that a bank has taken back, which count as neither kept nor unrefunded. */
  disputed: number
}

/** What each booking's customers have paid and got back at Stripe, by reference. */
export async function moneyByBooking({ admin, stripe }: Evidence) {
  const rows: { id: string; reference: string }[] = await admin`
    select id, booking_reference as reference from payment.payment_transactions where booking_reference is not null`
  const referenceOf = new Map(rows.map(({ id, reference }) => [id, reference]))
  const isDisputed = new Set(
    stripe.disputes.filter(({ status }) => KEEPS_REFUNDS.includes(status)).map(({ chargeId }) => chargeId),
  )
  const money = new Map<string, BookingMoney>()
  const entryOf = (paymentId: string) => {
    const reference = referenceOf.get(paymentId) ?? `payment ${paymentId || "unknown"}`
    const entry = money.get(reference) ?? { unrefundedCharges: 0, kept: 0, refunded: 0, disputed: 0 }
    money.set(reference, entry)
    return entry
  }
  for (const { paymentId, chargeId, amount, refunded } of stripe.charges) {
    const entry = entryOf(paymentId)
    if (isDisputed.has(chargeId)) entry.disputed += amount
    else entry.kept += amount
    if (!isDisputed.has(chargeId) && amount > refunded) entry.unrefundedCharges++
  }
  for (const { paymentId, amount } of stripe.refunds) {
    const entry = entryOf(paymentId)
    entry.kept -= amount
    entry.refunded += amount
  }
  return money
}
