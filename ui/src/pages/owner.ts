import { Failure } from "@airside/kernel/errors"
import type { RequestOptions } from "@airside/kernel/rpc-client"
import type { UiContext } from "../context.ts"
import { hasReason } from "../problems.ts"
import { renderBookingNotFound } from "./problem.tsx"

/**
 * Answers a request about one booking as its owner, a person or a guest. Whoever has no access gets the page that
 * an unknown reference gets, whatever the reason: nobody learns which references exist.
 */
export async function asOwner(
  { sessions }: UiContext,
  request: Request,
  reference: string,
  answer: (options: RequestOptions) => Promise<Response>,
): Promise<Response> {
  try {
    return await sessions.asOwnerOf(request, reference, answer)
  } catch (error) {
    const hidden =
      hasReason(error, "BOOKING_NOT_FOUND") ||
      (error instanceof Failure && ["UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT"].includes(error.code))
    if (!hidden) throw error
    const { user } = await sessions.identityOf(request)
    return renderBookingNotFound(user, reference)
  }
}
