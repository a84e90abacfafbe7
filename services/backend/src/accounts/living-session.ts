import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"

/**
 * An identity token outlives its session by up to five minutes; before money moves the session itself is asked for.
 * Throws SESSION_ENDED.
 */
export async function requireLivingSession({ call, database }: CallContext): Promise<void> {
  const { caller } = call
  const { sql } = database
  if (caller.kind !== "person" && caller.kind !== "guest") return
  const [living] =
    caller.kind === "person"
      ? await sql`select 1 from sessions where id = ${caller.sessionId} and expires_at > now()`
      : await sql`
          select 1
          from guest_tokens
          where booking_id = ${caller.bookingId} and token_hash = ${caller.sessionId} and expire_time > now()`
  if (!living) throw failures.SESSION_ENDED()
}
