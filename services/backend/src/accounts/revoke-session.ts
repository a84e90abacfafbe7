import { once } from "@airside/kernel/idempotency"
import type { RevokeSessionRequest, RevokeSessionResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { callerUserId } from "./user.ts"

/** Ends one of the caller's sessions. Reasons: SESSION_NOT_FOUND. */
export async function revokeSession(
  context: CallContext,
  request: RevokeSessionRequest,
): Promise<RevokeSessionResponse> {
  return once<RevokeSessionResponse>(context, request, async (tx) => {
    const ended = await tx`
      delete from sessions
      where id = ${request.sessionId} and user_id = ${callerUserId(context)}
      returning 1`
    if (ended.length === 0) throw failures.SESSION_NOT_FOUND()
    return {}
  })
}
