import type { Queryable } from "@airside/kernel/sql"
import { hashToken, newAccessToken } from "../accounts/sessions.ts"

/** How long a guest's token opens the booking. */
export const GUEST_DAYS = 30

/** A new access token that opens this booking, and nothing else, for 30 days. Only its hash is kept. */
export async function openGuestAccess(sql: Queryable, bookingId: string): Promise<string> {
  const accessToken = newAccessToken()
  await sql`
    insert into guest_tokens (booking_id, token_hash, expire_time)
    values (${bookingId}, ${hashToken(accessToken)}, now() + ${GUEST_DAYS} * interval '1 day')`
  return accessToken
}
