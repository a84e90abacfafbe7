import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import type { RemoveBankCardRequest, RemoveBankCardResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import { requirePerson } from "./add-bank-card.ts"
import { customerOf } from "./customer.ts"

/**
 * Forgets a card, here and at Stripe: hidden first, then detached, then deleted, so that a call that died halfway is
 * finished by the next one. Reasons: CARD_NOT_FOUND, STRIPE_UNAVAILABLE.
 */
export async function removeBankCard(
  context: CallContext,
  request: RemoveBankCardRequest,
): Promise<RemoveBankCardResponse> {
  const userId = requirePerson(context)
  const { sql } = context.database
  return onceAcrossSteps(context, request, async () => {
    const [card] = isUuid(request.bankCardId)
      ? await sql<{ id: string; fingerprint: string }[]>`
          update bank_cards
          set remove_time = now()
          where user_id = ${userId} and id = ${request.bankCardId}
          returning id, fingerprint`
      : []
    if (!card) throw failures.CARD_NOT_FOUND()
    await detachEverywhere(context, userId, card.fingerprint)
    await sql`
      delete from bank_cards
      where user_id = ${userId} and id = ${card.id} and remove_time is not null`
    return {}
  })
}

/** A card that was saved twice is attached twice: every payment method with its fingerprint goes. */
async function detachEverywhere(context: Context, userId: string, fingerprint: string) {
  const { stripe } = context
  const customer = (await customerOf(context, userId, ""))!
  const page = { customer, type: "card" as const, limit: 100 }
  try {
    const attached = await askStripe(() => stripe.paymentMethods.list(page).autoPagingToArray({ limit: 1000 }))
    for (const { id } of attached.filter((each) => (each.card?.fingerprint || each.id) === fingerprint)) {
      await askStripe(() => stripe.paymentMethods.detach(id, {}, { idempotencyKey: crypto.randomUUID() }))
    }
  } catch (error) {
    // Stripe knows no such customer, or somebody else has detached the card just now: it is gone either way.
    if (!(error instanceof StripeRefusal)) throw error
  }
}
