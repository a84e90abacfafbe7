import { recordRepair } from "@airside/kernel/audit"
import { Failure } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import type { MatchEventRequest, MatchEventResponse } from "@airside/protos/airside/repairs/v1/repairs"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { askStripe, StripeRefusal } from "../stripe/ask-stripe.ts"
import { type EventObject, followEvent, paymentOf } from "../webhooks/follow-event.ts"

/**
 * Fetches a stored event from Stripe and looks for its payment again; of a refund or a dispute the truth is recorded,
 * a payment is for the caller to settle. Reasons: EVENT_NOT_FOUND, STRIPE_UNAVAILABLE.
 */
export async function matchEvent(context: CallContext, request: MatchEventRequest): Promise<MatchEventResponse> {
  return onceAcrossSteps(context, request, async () => {
    const note = (result: string) =>
      recordRepair(context, request, { action: "match event", target: request.eventId, result })
    try {
      const paymentId = await match(context, request.eventId)
      await note(paymentId ? `payment ${paymentId}` : "no payment of ours")
      return { paymentId: paymentId ?? "" }
    } catch (error) {
      await note(error instanceof Failure ? error.reason : "INTERNAL")
      throw error
    }
  })
}

async function match(context: CallContext, eventId: string): Promise<string | undefined> {
  const { sql } = context.database
  const [known] = await sql<{ type: string }[]>`select type from webhook_events where id = ${eventId}`
  if (!known) throw failures.EVENT_NOT_FOUND()
  const event = await askStripe(() => context.stripe.events.retrieve(eventId)).catch((error) => {
    throw error instanceof StripeRefusal && error.code === "resource_missing" ? failures.EVENT_NOT_FOUND() : error
  })
  const object = event.data.object as EventObject
  const paymentId = await paymentOf(context, object)
  if (!paymentId) return undefined
  await sql`update webhook_events set payment_id = ${paymentId} where id = ${eventId}`
  if (object.id) await followEvent(context, known.type, object.id, paymentId)
  return paymentId
}
