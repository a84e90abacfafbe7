import { isUuid } from "@airside/kernel/ids"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"

/** The caller's saved card as Stripe's payment method, for a payment of `payerId`. Reasons: CARD_NOT_FOUND. */
export async function ownPaymentMethod(
  { database: { sql }, call: { caller } }: CallContext,
  payerId: string | null,
  bankCardId: string,
): Promise<string> {
  if (caller.kind !== "person" || caller.userId !== payerId || !isUuid(bankCardId)) throw failures.CARD_NOT_FOUND()
  const [card] = await sql<{ paymentMethodId: string }[]>`
    select stripe_payment_method_id as "paymentMethodId"
    from bank_cards
    where user_id = ${caller.userId} and id = ${bankCardId} and remove_time is null`
  if (!card) throw failures.CARD_NOT_FOUND()
  return card.paymentMethodId
}
