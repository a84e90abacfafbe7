import { parseRequestId } from "@airside/kernel/ids"
import type { LogOutRequest, LogOutResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"

/** Ends the caller's session, or the guest's access to the booking; again is no error. */
export async function logOut(context: CallContext, request: LogOutRequest): Promise<LogOutResponse> {
  parseRequestId(request.requestId)
  const { caller } = context.call
  if (caller.kind === "person") await context.sessions.close(caller.sessionId)
  if (caller.kind === "guest") {
    await context.database.sql`
      delete from guest_tokens
      where booking_id = ${caller.bookingId} and token_hash = ${caller.sessionId}`
  }
  return {}
}
