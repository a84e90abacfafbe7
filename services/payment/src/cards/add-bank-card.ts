import { invalidRequest, Problems } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import { derivedId } from "@airside/kernel/ids"
import type { AddBankCardRequest, AddBankCardResponse } from "@airside/protos/airside/payments/v1/payments"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { ANSWER_LOST, askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import { customerOf, replaceLostCustomer } from "./customer.ts"
import { parsePaymentMethod } from "./parse-payment-method.ts"
import { saveCard } from "./save-card.ts"

/**
 * Attaches a payment method to the caller's customer at Stripe and keeps brand, last four digits and expiry. The same
 * card saved again is one row. Reasons: CARD_DECLINED, INVALID_REQUEST, STRIPE_UNAVAILABLE.
 */
export async function addBankCard(context: CallContext, request: AddBankCardRequest): Promise<AddBankCardResponse> {
  const userId = requirePerson(context)
  const problems = new Problems()
  const paymentMethod = parsePaymentMethod(request.paymentMethod, problems)
  problems.throwIfAny()
  return onceAcrossSteps(context, request, async () => {
    const attached = await attach(context, userId, paymentMethod, request.requestId)
    if (!attached.card) throw invalidRequest([{ field: "payment_method", message: "must be a card" }])
    return { card: await saveCard(context.database.sql, userId, attached.id, attached.card) }
  })
}

/** The caller's user id; the table of callers lets nobody else in. */
export function requirePerson({ call: { caller } }: CallContext): string {
  if (caller.kind !== "person") throw failures.USER_NOT_FOUND()
  return caller.userId
}

async function attach(context: CallContext, userId: string, paymentMethod: string, requestId: string) {
  const { stripe } = context
  const customer = (await customerOf(context, userId, ""))!
  const idempotencyKey = derivedId("attach", customer, requestId, paymentMethod)
  try {
    return await askStripe(() => stripe.paymentMethods.attach(paymentMethod, { customer }, { idempotencyKey }))
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    const canBeTriedAgain = error.code === ANSWER_LOST || (await replaceLostCustomer(context, userId, customer, error))
    if (canBeTriedAgain) throw failures.STRIPE_UNAVAILABLE()
    throw invalidRequest([{ field: "payment_method", message: "cannot be saved; make a new one" }])
  }
}
