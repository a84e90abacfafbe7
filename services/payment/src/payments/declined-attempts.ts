import type { Queryable } from "@airside/kernel/sql"
import type Stripe from "stripe"
import type { PaymentRow } from "./payment.ts"

export interface Decline {
  /** Stripe's id of the charge that was declined. */
  chargeId: string
  code: string
  declineCode: string
  card: { brand?: string | null; last4?: string | null } | undefined
}

/** Keeps an attempt that a bank declined, once. */
export async function saveDecline(sql: Queryable, payment: PaymentRow, { chargeId, code, declineCode, card }: Decline) {
  await sql`
    insert into declined_attempts
      (payment_id, id, code, decline_code, amount_minor_units, card_brand, card_last4)
    values
      (${payment.id}, ${chargeId}, ${code}, ${declineCode}, ${payment.amountMinorUnits}, ${card?.brand ?? ""},
       ${card?.last4 ?? ""})
    on conflict (payment_id, id) do nothing`
}

/** The attempt that an SDK's card error tells of; undefined when no charge came of it. */
export function declineOf(error: Stripe.errors.StripeCardError): Decline | undefined {
  if (!error.charge) return undefined
  const code = error.code ?? "card_declined"
  const card = (error.payment_method as Stripe.PaymentMethod | undefined)?.card
  return { chargeId: error.charge, code, declineCode: error.decline_code ?? code, card }
}

/** An attempt as Stripe knows it, if it was declined: one on the hosted page, or one whose answer was lost. */
export async function saveDeclineOf(sql: Queryable, payment: PaymentRow, charge: Stripe.Charge | null | undefined) {
  if (charge?.status !== "failed") return
  const code = charge.failure_code ?? "card_declined"
  const declineCode = charge.outcome?.reason ?? code
  await saveDecline(sql, payment, { chargeId: charge.id, code, declineCode, card: charge.payment_method_details?.card })
}
