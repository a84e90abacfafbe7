import { readBytes } from "../body.ts"
import { HttpProblem, hasReason } from "../problems.ts"
import { isKnownToBeSettled } from "../settlements.ts"
import { endpoint } from "./endpoint.ts"
import { flag, object } from "./shape.ts"

/** Stripe repeats an event that is not answered, so there is no use in keeping it waiting. */
const SETTLE_SECONDS = 8

/**
 * Takes Stripe's events: verified and stored once, then the booking that they concern is settled by fetching the
 * truth, unless we have just seen to that. 200 also for what is not ours; 503 asks Stripe to send it again.
 */
export const webhookEndpoint = endpoint({
  method: "POST",
  path: "/api/payments/webhook",
  summary: "Stripe's events, signed in the header Stripe-Signature; the body is read byte for byte",
  success: { status: 200, answer: object({ received: flag() }) },
  reasons: { WEBHOOK_SIGNATURE: 400 },
  async run({ clients, log, request }) {
    const payload = Buffer.from(await readBytes(request))
    const signature = request.headers.get("stripe-signature") ?? ""
    const { paymentId, eventId, maySettle } = await clients.payments
      .recordWebhook({ payload, signature }, await clients.asUi())
      .catch(badSignature)
    if (maySettle && !(await isKnownToBeSettled(paymentId))) {
      const options = { ...(await clients.asUi()), deadlineSeconds: SETTLE_SECONDS }
      await clients.bookings
        .settleBooking({ subject: { $case: "paymentId", value: paymentId } }, options)
        .catch((error) => {
          if (!hasReason(error, "PAYMENT_NOT_FOUND", "BOOKING_NOT_FOUND")) throw error
          log.warn({ paymentId, eventId }, "an event concerns a payment without a booking")
        })
    }
    return { received: true }
  },
})

function badSignature(error: unknown): never {
  if (!hasReason(error, "WEBHOOK_SIGNATURE")) throw error
  throw new HttpProblem(400, "WEBHOOK_SIGNATURE", "The event is not signed by Stripe, or too old.")
}
