import { type Caller, IDENTITY_SECONDS } from "@airside/kernel/identity"
import type { AuthenticateRequest, AuthenticateResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { hashToken } from "./sessions.ts"
import { toUser, type UserRow, userColumns } from "./user.ts"

/**
 * Turns an opaque access token, a person's or a guest's, into a signed identity token that every service accepts for
 * five minutes. Reasons: SESSION_ENDED.
 */
export async function authenticate(context: CallContext, request: AuthenticateRequest): Promise<AuthenticateResponse> {
  const found = (await findPerson(context, request.accessToken)) ?? (await findGuest(context, request.accessToken))
  if (!found) throw failures.SESSION_ENDED()
  return {
    identityToken: await context.signer.sign(found.caller),
    expireTime: new Date(context.clock().getTime() + IDENTITY_SECONDS * 1000),
    user: found.user,
    bookingReference: found.bookingReference,
  }
}

type Found = { caller: Caller; user: AuthenticateResponse["user"]; bookingReference: string }

async function findPerson(context: CallContext, accessToken: string): Promise<Found | undefined> {
  const session = await context.sessions.find(accessToken)
  if (!session) return undefined
  const { sql } = context.database
  const [row] = await sql<UserRow[]>`select ${userColumns(sql)} from users where id = ${session.userId}`
  if (!row) return undefined
  return {
    caller: { kind: "person", userId: row.id, sessionId: session.sessionId, staff: row.staff },
    user: toUser(row),
    bookingReference: "",
  }
}

async function findGuest(context: CallContext, accessToken: string): Promise<Found | undefined> {
  const hash = hashToken(accessToken)
  const [row] = await context.database.sql<{ bookingId: string; reference: string }[]>`
    select g.booking_id as "bookingId", b.reference
    from guest_tokens g
    join bookings b on b.id = g.booking_id
    where g.token_hash = ${hash} and g.expire_time > now()`
  if (!row) return undefined
  return {
    caller: { kind: "guest", bookingId: row.bookingId, sessionId: hash },
    user: undefined,
    bookingReference: row.reference,
  }
}
