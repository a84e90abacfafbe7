import { Problems } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import { isUniqueViolation } from "@airside/kernel/sql"
import type { UpdateAccountRequest, UpdateAccountResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { callerUserId, checkEmail, checkName, toUser, type UserRow, userColumns } from "./user.ts"

/** Changes what is set. Reasons: INVALID_REQUEST, EMAIL_TAKEN. */
export async function updateAccount(
  context: CallContext,
  request: UpdateAccountRequest,
): Promise<UpdateAccountResponse> {
  const changes = parseChanges(request)
  const userId = callerUserId(context)
  return once<UpdateAccountResponse>(context, request, async (tx) => {
    const [row] = await tx<UserRow[]>`
      update users
      set email = coalesce(${changes.email}, email),
          email_key = coalesce(${changes.email?.toLowerCase() ?? null}, email_key),
          first_name = coalesce(${changes.firstName}, first_name),
          last_name = coalesce(${changes.lastName}, last_name)
      where id = ${userId}
      returning ${userColumns(tx)}`.catch((error) => {
      throw isUniqueViolation(error) ? failures.EMAIL_TAKEN() : error
    })
    if (!row) throw failures.SESSION_ENDED()
    return { user: toUser(row) }
  })
}

function parseChanges(request: UpdateAccountRequest) {
  const problems = new Problems()
  if (request.email !== undefined) checkEmail(problems, "email", request.email)
  if (request.firstName !== undefined) checkName(problems, "first_name", request.firstName)
  if (request.lastName !== undefined) checkName(problems, "last_name", request.lastName)
  problems.throwIfAny()
  return {
    email: request.email?.trim() ?? null,
    firstName: request.firstName?.trim() ?? null,
    lastName: request.lastName?.trim() ?? null,
  }
}
