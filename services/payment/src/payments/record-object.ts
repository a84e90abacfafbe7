import type { Transaction, WithCommit } from "@airside/kernel/sql"
import type Stripe from "stripe"
import { saveCard } from "../cards/save-card.ts"
import type { Context } from "../context.ts"
import { failures } from "../failures.ts"
import { stripeAmount } from "../stripe/amount.ts"
import { type Decline, saveDecline, saveDeclineOf } from "./declined-attempts.ts"
import { insertEntries } from "./ledger.ts"
import { type PaymentRow, paymentColumns, readPayment, type Status } from "./payment.ts"

/** What Stripe says about a payment's object, and the payment once that is recorded. */
export interface Finding {
  payment: PaymentRow
  /** The object can still take money. */
  isOpen: boolean
  /** Where the payer must go now: the hosted page or 3-D Secure. */
  redirectUrl: string
  /** This call recorded the success, together with what `withSuccess` wrote. */
  isFirst?: boolean
}

/** What else is written when this finding is the one that records a success. */
export type WithSuccess = (tx: Transaction, withCommit: WithCommit, found: Finding) => void

/** Records what has become of the payment's intent, `latest_charge` expanded. Reasons: PAYMENT_MISMATCH. */
export async function recordIntent(
  context: Context,
  payment: PaymentRow,
  intent: Stripe.PaymentIntent,
  withSuccess?: WithSuccess,
): Promise<Finding> {
  const redirectUrl = intent.next_action?.redirect_to_url?.url ?? ""
  switch (intent.status) {
    case "succeeded":
      return recordSuccess(context, payment, intent, withSuccess)
    case "requires_action":
      return recordStatus(context, payment, "requires_action", { isOpen: true, redirectUrl })
    case "processing":
      return recordStatus(context, payment, "processing", { isOpen: true })
    default:
      await saveDeclineOf(context.database.sql, payment, intent.latest_charge as Stripe.Charge | null)
      return recordStatus(context, payment, "open", { isOpen: intent.status !== "canceled" })
  }
}

/** Records that the intent was declined: whatever it waited for before, it waits for another card now. */
export async function recordDecline(context: Context, payment: PaymentRow, declined?: Decline) {
  if (declined) await saveDecline(context.database.sql, payment, declined)
  return recordStatus(context, payment, "open", { isOpen: true })
}

/** Records what has become of the payment's session, `payment_intent.latest_charge` expanded. Reasons: PAYMENT_MISMATCH. */
export async function recordSession(context: Context, payment: PaymentRow, session: Stripe.Checkout.Session) {
  const intent = session.payment_intent as Stripe.PaymentIntent | null
  if (session.status === "open") {
    await saveDeclineOf(context.database.sql, payment, intent?.latest_charge as Stripe.Charge | null | undefined)
    return recordStatus(context, payment, "open", { isOpen: true, redirectUrl: session.url ?? "" })
  }
  if (session.status === "expired") return recordStatus(context, payment, "open", { isOpen: false })
  if (intent?.status === "succeeded") return recordSuccess(context, payment, intent)
  return recordStatus(context, payment, "processing", { isOpen: true })
}

/** A payment that has ended, or whose object is no longer this one, stays as it is. */
async function recordStatus(
  { database: { sql } }: Context,
  payment: PaymentRow,
  status: Status,
  { isOpen, redirectUrl = "" }: { isOpen: boolean; redirectUrl?: string },
): Promise<Finding> {
  const [moved] = await sql<PaymentRow[]>`
    update payment_transactions
    set status = ${status}
    where id = ${payment.id} and attempt = ${payment.attempt}
      and status in ('open', 'requires_action', 'processing') and status <> ${status}
    returning ${paymentColumns(sql)}`
  return { payment: moved ?? (await readPayment(sql, payment.id)), isOpen, redirectUrl }
}

/** One guarded move; whoever makes it writes the ledger. */
async function recordSuccess(
  context: Context,
  payment: PaymentRow,
  intent: Stripe.PaymentIntent,
  withSuccess?: WithSuccess,
): Promise<Finding> {
  requireMatch(context, payment, intent)
  const charge = intent.latest_charge as Stripe.Charge | null | undefined
  const card = charge?.payment_method_details?.card
  const customer = typeof intent.customer === "string" ? intent.customer : intent.customer?.id
  const { id, currency, amountMinorUnits: minorUnits } = payment
  const posting = { paymentId: id, postingId: id, kind: "payment", stripeId: intent.id, currency, minorUnits } as const
  const recorded = await context.database.inTransaction(
    async (tx, withCommit) => {
      const [moved] = await tx<PaymentRow[]>`
        with moved as (
          update payment_transactions
          set status = 'succeeded', success_time = now(), paid_intent_id = ${intent.id}, object_state = 'none',
            card_brand = ${card?.brand ?? ""}, card_last4 = ${card?.last4 ?? ""}
          where id = ${id} and attempt = ${payment.attempt} and status in ('open', 'requires_action', 'processing')
          returning *
        ), posted as (
          ${insertEntries(tx, posting, tx`exists (select from moved)`)}
        )
        select ${paymentColumns(tx)} from moved`
      if (!moved) return undefined
      if (card && customer && payment.userId && intent.setup_future_usage && charge.payment_method) {
        await saveCard(tx, payment.userId, charge.payment_method, card)
      }
      const found: Finding = { payment: moved, isOpen: false, redirectUrl: "", isFirst: true }
      withSuccess?.(tx, withCommit, found)
      return found
    },
    { repeatable: true, standsAlone: true },
  )
  return recorded ?? { payment: await readPayment(context.database.sql, id), isOpen: false, redirectUrl: "" }
}

/** Money that is not what we asked for never counts as paid. */
function requireMatch({ log }: Context, payment: PaymentRow, intent: Stripe.PaymentIntent) {
  const asked = stripeAmount(payment.currency, payment.amountMinorUnits)
  // What succeeded was captured as a whole; not every server says so in a field of its own.
  const amount = intent.amount_received ?? intent.amount
  const named = intent.metadata?.payment_id
  if (amount === asked && intent.currency === payment.currency.toLowerCase() && named === payment.id) return
  const received = `${amount} ${intent.currency} for ${named}`
  log.error({ payment: payment.id, intent: intent.id, asked, received }, "Stripe took something else than we asked for")
  throw failures.PAYMENT_MISMATCH()
}
