import type { RecordWebhookRequest, RecordWebhookResponse } from "@airside/protos/airside/payments/v1/payments"
import Stripe from "stripe"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { type EventObject, followEvent, namedPayment } from "./follow-event.ts"

const TOLERANCE_SECONDS = 300
/** Told as we made it, or told again by what becomes of the intent: nothing to be settled. */
const NO_NEWS = ["payment_intent.created", "charge.succeeded", "charge.updated"]

/**
 * Verifies an event's signature and age and stores it once by its id. Of a refund or a dispute the truth is fetched and
 * recorded each time that it is told, so that a repeated delivery makes up for one that died. A payment is settled by
 * the caller. Reasons: WEBHOOK_SIGNATURE, STRIPE_UNAVAILABLE.
 */
export async function recordWebhook(
  context: CallContext,
  request: RecordWebhookRequest,
): Promise<RecordWebhookResponse> {
  const { sql } = context.database
  const event = verify(context, request)
  const object = event.data.object as EventObject
  const named = (await namedPayment(context, object)) ?? null
  const [stored] = await sql<{ paymentId: string | null; first: boolean }[]>`
    with ours as (
      select id from payment_transactions where id = ${named}
    ), stored as (
      insert into webhook_events (id, type, object_id, payment_id)
      values (${event.id}, ${event.type}, ${object.id ?? ""}, (select id from ours))
      on conflict (id) do nothing
      returning 1
    )
    select (select id from ours) as "paymentId", exists (select from stored) as first`
  const { paymentId, first } = stored!
  if (paymentId && object.id) await followEvent(context, event.type, object.id, paymentId)
  return {
    eventId: event.id,
    paymentId: paymentId ?? "",
    first,
    maySettle: paymentId !== null && !NO_NEWS.includes(event.type),
  }
}

function verify({ stripe, webhookSecret, log }: Context, { payload, signature }: RecordWebhookRequest) {
  if (!webhookSecret) {
    log.error("an event was refused: STRIPE_WEBHOOK_SECRET is not set")
    throw failures.WEBHOOK_SIGNATURE()
  }
  const body = Buffer.from(payload).toString()
  try {
    return stripe.webhooks.constructEvent(body, signature, webhookSecret, TOLERANCE_SECONDS, HMAC)
  } catch {
    throw failures.WEBHOOK_SIGNATURE()
  }
}

/** The SDK's own goes through WebCrypto, which takes longer to hand over than to compute. */
const HMAC = new (class extends Stripe.CryptoProvider {
  override computeHMACSignature = (payload: string, secret: string) =>
    new Bun.CryptoHasher("sha256", secret).update(payload).digest("hex")
})()
