import { isUuid } from "@airside/kernel/ids"
import type { RecordWebhookRequest, RecordWebhookResponse } from "@airside/protos/airside/payments/v1/payments"
import type Stripe from "stripe"
import type { CallContext, Context } from "../context.ts"
import { failures } from "../failures.ts"
import { findPayment } from "../payments/payment.ts"

const TOLERANCE_SECONDS = 300

/**
 * Verifies an event's signature and age and stores it once by its id. It changes nothing else: the caller then settles
 * the booking, which fetches the truth. Reasons: WEBHOOK_SIGNATURE.
 */
export async function recordWebhook(
  context: CallContext,
  request: RecordWebhookRequest,
): Promise<RecordWebhookResponse> {
  const { sql } = context.database
  const event = await verify(context, request)
  const object = event.data.object as { id?: string; metadata?: Stripe.Metadata | null }
  const paymentId = await findOurs(context, object.metadata?.payment_id)
  const stored = await sql`
    insert into webhook_events (id, type, object_id, payment_id)
    values (${event.id}, ${event.type}, ${object.id ?? ""}, ${paymentId ?? null})
    on conflict (id) do nothing
    returning 1`
  return { eventId: event.id, paymentId: paymentId ?? "", first: stored.length > 0 }
}

async function verify({ stripe, webhookSecret, log }: Context, { payload, signature }: RecordWebhookRequest) {
  if (!webhookSecret) {
    log.error("an event was refused: STRIPE_WEBHOOK_SECRET is not set")
    throw failures.WEBHOOK_SIGNATURE()
  }
  const body = Buffer.from(payload).toString()
  return stripe.webhooks.constructEventAsync(body, signature, webhookSecret, TOLERANCE_SECONDS).catch(() => {
    throw failures.WEBHOOK_SIGNATURE()
  })
}

/** A Stripe account may serve several installations: another one's payment is not ours. */
async function findOurs({ database: { sql } }: Context, id: string | undefined): Promise<string | undefined> {
  return id && isUuid(id) ? (await findPayment(sql, id))?.id : undefined
}
