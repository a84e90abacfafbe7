import { Failure } from "@airside/kernel/errors"
import type { Context } from "../context.ts"
import { fetchDisputes } from "../disputes/fetch-disputes.ts"
import { readPayment } from "../payments/payment.ts"
import { carryOut, findRefund } from "./refund.ts"
import { lockMoney, settleWithheld } from "./withheld-refunds.ts"

const MOST = 100
/** What is younger is being carried out by whoever began it. */
const UNDER_WAY_SECONDS = 60

/** Brings to their end the refunds that were begun, or freed by a dispute's end, and then left alone. */
export async function carryOnPendingRefunds(context: Context): Promise<void> {
  const left = await context.database.sql<{ paymentId: string }[]>`
    select payment_id as "paymentId"
    from refunds
    where status = 'pending' and attempt_time < now() - ${UNDER_WAY_SECONDS} * interval '1 second'
    order by attempt_time
    limit ${MOST}`
  await forEachPayment(context, left, (paymentId) => carryOutPending(context, paymentId))
}

/** Asks Stripe what became of the disputes that refunds wait for: the event that tells it may have been lost. */
export async function carryOnWithheldRefunds(context: Context): Promise<void> {
  const waiting = await context.database.sql<{ paymentId: string }[]>`
    select payment_id as "paymentId" from refunds where status = 'withheld' order by withhold_time`
  await forEachPayment(context, waiting, async (paymentId) => {
    await fetchDisputes(context, await readPayment(context.database.sql, paymentId))
    await context.database.inTransaction(
      async (tx) => {
        await lockMoney(tx, paymentId)
        await settleWithheld(tx, paymentId)
      },
      { repeatable: true },
    )
    await carryOutPending(context, paymentId)
  })
}

/** Brings a payment's pending refunds to their end; one that fails is for staff. Reasons: STRIPE_UNAVAILABLE. */
export async function carryOutPending(context: Context, paymentId: string): Promise<void> {
  const { sql } = context.database
  const pending = await sql<{ id: string }[]>`
    select id from refunds where payment_id = ${paymentId} and status = 'pending' order by create_time, id`
  if (pending.length === 0) return
  const payment = await readPayment(sql, paymentId)
  for (const { id } of pending) {
    await carryOut(context, payment, (await findRefund(sql, paymentId, id))!).catch((error) => {
      if (!(error instanceof Failure && error.reason === "REFUND_FAILED")) throw error
    })
  }
}

/** Trouble with one payment does not keep the others from their money. */
async function forEachPayment(
  { log }: Context,
  refunds: { paymentId: string }[],
  work: (paymentId: string) => Promise<void>,
) {
  for (const payment of new Set(refunds.map(({ paymentId }) => paymentId))) {
    await work(payment).catch((err) =>
      log.warn({ err, payment }, "refunds are not carried on; they will be tried again"),
    )
  }
}
