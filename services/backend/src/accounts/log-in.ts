import { Problems } from "@airside/kernel/errors"
import { parseRequestId } from "@airside/kernel/ids"
import type { LogInRequest, LogInResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { createAttemptLimit } from "./attempts.ts"
import { verifyPassword } from "./passwords.ts"
import { toUser, type UserRow, userColumns } from "./user.ts"

const attempts = createAttemptLimit()

/**
 * Opens a session by username or e-mail address. The same request again opens another session: a token is not kept
 * to be answered twice. Reasons: WRONG_CREDENTIALS, TOO_MANY_ATTEMPTS.
 */
export async function logIn(context: CallContext, request: LogInRequest): Promise<LogInResponse> {
  parseRequestId(request.requestId)
  const key = parseCredentials(request)
  attempts.check(key)
  const { sql } = context.database
  const [row] = await sql<(UserRow & { passwordHash: string })[]>`
    select ${userColumns(sql)}, password_hash as "passwordHash"
    from users
    where username_key = ${key} or email_key = ${key}
    order by username_key = ${key} desc
    limit 1`
  if (!(await verifyPassword(request.password, row?.passwordHash)) || !row) {
    attempts.failed(key)
    throw failures.WRONG_CREDENTIALS()
  }
  attempts.succeeded(key)
  return { user: toUser(row), ...(await context.sessions.open(row.id)) }
}

function parseCredentials(request: LogInRequest): string {
  const problems = new Problems()
  if (request.username.trim() === "" || request.username.length > 254)
    problems.add("username", "is missing or too long")
  if (request.password === "" || request.password.length > 200) problems.add("password", "is missing or too long")
  problems.throwIfAny()
  return request.username.trim().toLowerCase()
}
