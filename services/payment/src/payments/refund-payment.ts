import { Problems } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import { money } from "@airside/kernel/money"
import type { Transaction } from "@airside/kernel/sql"
import type { RefundPaymentRequest, RefundPaymentResponse } from "@airside/protos/airside/payments/v1/payments"
import type Stripe from "stripe"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { stripeAmount } from "../stripe/amount.ts"
import { ANSWER_LOST, askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import { postRefund } from "./ledger.ts"
import { type PaymentRow, readPayment, toPayment } from "./payment.ts"
import { KEY_SECONDS, secondsSince } from "./stripe-object.ts"

/**
 * Gives money back to the card, once per refund_id however often it is asked. Reasons: PAYMENT_NOT_FOUND,
 * PAYMENT_STATE, REFUND_TOO_LARGE, REFUND_DIFFERS, STRIPE_UNAVAILABLE.
 */
export async function refundPayment(
  context: CallContext,
  request: RefundPaymentRequest,
): Promise<RefundPaymentResponse> {
  const order = parseOrder(request)
  return onceAcrossSteps(context, request, async () => {
    const refund = await context.database.inTransaction((tx) => reserve(tx, order), { repeatable: true })
    const payment = await readPayment(context.database.sql, order.paymentId)
    if (refund.status === "pending") {
      const atStripe = await refundAtStripe(context, payment, refund)
      await recordRefund(context, payment, refund, atStripe)
    }
    return {
      refund: {
        id: refund.id,
        paymentId: payment.id,
        amount: money(payment.currency, refund.minorUnits),
        createTime: refund.createTime,
      },
      payment: toPayment(payment),
    }
  })
}

type Order = { refundId: string; paymentId: string; currency: string; minorUnits: bigint }
type RefundRow = { id: string; minorUnits: bigint; status: "pending" | "succeeded"; createTime: Date }

function parseOrder({ refundId, paymentId, amount }: RefundPaymentRequest): Order {
  const problems = new Problems()
  if (!isUuid(refundId)) problems.add("refund_id", "must be a UUID")
  if (!isUuid(paymentId)) problems.add("payment_id", "must be a UUID")
  if (!amount || amount.minorUnits <= 0n) problems.add("amount.minor_units", "must be more than zero")
  problems.throwIfAny()
  return {
    refundId: refundId.toLowerCase(),
    paymentId: paymentId.toLowerCase(),
    currency: amount!.currency,
    minorUnits: amount!.minorUnits,
  }
}

/** The refund's row, taken off what is left of the payment; or the one that an earlier call made. */
async function reserve(tx: Transaction, order: Order): Promise<RefundRow> {
  const payment = await readPayment(tx, order.paymentId)
  if (payment.status !== "succeeded") throw failures.PAYMENT_STATE({ status: payment.status })
  if (payment.currency !== order.currency) throw failures.REFUND_DIFFERS()
  const inserted = await tx`
    insert into refunds (payment_id, id, amount_minor_units)
    values (${order.paymentId}, ${order.refundId}, ${order.minorUnits})
    on conflict do nothing
    returning 1`
  if (inserted.length > 0) {
    const taken = await tx`
      update payment_transactions
      set refunded_minor_units = refunded_minor_units + ${order.minorUnits}
      where id = ${order.paymentId} and refunded_minor_units + ${order.minorUnits} <= amount_minor_units
      returning 1`
    if (taken.length === 0) throw failures.REFUND_TOO_LARGE()
  }
  const [refund] = await tx<RefundRow[]>`
    select id, amount_minor_units as "minorUnits", status, create_time as "createTime"
    from refunds
    where payment_id = ${order.paymentId} and id = ${order.refundId}`
  if (refund!.minorUnits !== order.minorUnits) throw failures.REFUND_DIFFERS()
  return refund!
}

/** Under the refund's id as key; where the key no longer tells, Stripe's list of the payment's refunds does. */
async function refundAtStripe(context: Context, payment: PaymentRow, refund: RefundRow): Promise<Stripe.Refund> {
  if (secondsSince(refund.createTime) > KEY_SECONDS)
    return (await findRefund(context, payment, refund)) ?? createRefund(context, payment, refund)
  try {
    return await createRefund(context, payment, refund)
  } catch (error) {
    if (!(error instanceof StripeRefusal) || error.code !== ANSWER_LOST) throw error
    const found = await findRefund(context, payment, refund)
    if (!found) throw error
    return found
  }
}

async function findRefund({ stripe }: Context, payment: PaymentRow, refund: RefundRow) {
  const page = { payment_intent: payment.paidIntentId!, limit: 100 }
  const refunds = await askStripe(() => stripe.refunds.list(page).autoPagingToArray({ limit: 1000 }))
  return refunds.find(({ metadata }) => metadata?.refund_id === refund.id)
}

function createRefund({ stripe }: Context, payment: PaymentRow, refund: RefundRow) {
  return askStripe(() =>
    stripe.refunds.create(
      {
        payment_intent: payment.paidIntentId!,
        amount: stripeAmount(payment.currency, refund.minorUnits),
        metadata: { payment_id: payment.id, refund_id: refund.id, booking_reference: payment.bookingReference },
      },
      { idempotencyKey: refund.id },
    ),
  )
}

/** One guarded move; whoever makes it writes the ledger. */
async function recordRefund(context: Context, payment: PaymentRow, refund: RefundRow, atStripe: Stripe.Refund) {
  if (atStripe.status === "failed" || atStripe.status === "canceled") {
    throw new Error(`refund ${refund.id} is ${atStripe.status} at Stripe (${atStripe.failure_reason ?? "no reason"})`)
  }
  await context.database.inTransaction(
    async (tx) => {
      const moved = await tx`
        update refunds
        set status = 'succeeded', stripe_refund_id = ${atStripe.id}
        where payment_id = ${payment.id} and id = ${refund.id} and status = 'pending'
        returning 1`
      if (moved.length === 0) return
      const { currency } = payment
      await postRefund(tx, { paymentId: payment.id, postingId: refund.id, currency, minorUnits: refund.minorUnits })
    },
    { repeatable: true },
  )
}
