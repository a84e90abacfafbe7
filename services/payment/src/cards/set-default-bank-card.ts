import { once } from "@airside/kernel/idempotency"
import { isUuid } from "@airside/kernel/ids"
import type {
  SetDefaultBankCardRequest,
  SetDefaultBankCardResponse,
} from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { requirePerson } from "./add-bank-card.ts"
import { readCard } from "./save-card.ts"

/** Makes one of the caller's cards the one that is offered first. Reasons: CARD_NOT_FOUND. */
export async function setDefaultBankCard(
  context: CallContext,
  request: SetDefaultBankCardRequest,
): Promise<SetDefaultBankCardResponse> {
  const userId = requirePerson(context)
  if (!isUuid(request.bankCardId)) throw failures.CARD_NOT_FOUND()
  return once(context, request, async (tx) => {
    const chosen = await tx`
      update bank_cards
      set default_time = now()
      where user_id = ${userId} and id = ${request.bankCardId} and remove_time is null
      returning 1`
    if (chosen.length === 0) throw failures.CARD_NOT_FOUND()
    return { card: await readCard(tx, userId, request.bankCardId) }
  })
}
