import { recordRepair } from "@airside/kernel/audit"
import { Failure, invalidRequest } from "@airside/kernel/errors"
import { onceAcrossSteps } from "@airside/kernel/idempotency"
import type { RetryBookingRequest, RetryBookingResponse } from "@airside/protos/airside/repairs/v1/repairs"
import { settleSubject } from "../bookings/settle-booking.ts"
import type { CallContext } from "../context.ts"

/**
 * Settles a booking's payment and takes the booking's next steps at once, as the sweep would. Reasons:
 * BOOKING_NOT_FOUND, PAYMENT_NOT_FOUND.
 */
export async function retryBooking(context: CallContext, request: RetryBookingRequest): Promise<RetryBookingResponse> {
  const { subject } = request
  if (!subject) throw invalidRequest([{ field: "subject", message: "name a reference or a payment_id" }])
  return onceAcrossSteps(context, request, async () => {
    const note = (result: string) =>
      recordRepair(context, request, { action: "retry booking", target: subject.value, result })
    try {
      const outcome = await retry(context, subject)
      await note(outcome.lastError === "" ? outcome.status : `${outcome.status}: ${outcome.lastError}`)
      return outcome
    } catch (error) {
      await note(error instanceof Failure ? error.reason : "INTERNAL")
      throw error
    }
  })
}

async function retry(context: CallContext, subject: NonNullable<RetryBookingRequest["subject"]>) {
  const { id } = await settleSubject(context, subject)
  const [booking] = await context.database.sql<RetryBookingResponse[]>`
    select reference, status, coalesce(last_error, '') as "lastError"
    from bookings
    where id = ${id}`
  return booking!
}
