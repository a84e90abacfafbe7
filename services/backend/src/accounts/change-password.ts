import { Problems } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import type { ChangePasswordRequest, ChangePasswordResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { hashPassword, sealPassword, verifyPassword } from "./passwords.ts"
import { callerUserId, checkPassword } from "./user.ts"

/** Changes the caller's password and ends every other session of theirs. Reasons: INVALID_REQUEST, WRONG_PASSWORD. */
export async function changePassword(
  context: CallContext,
  request: ChangePasswordRequest,
): Promise<ChangePasswordResponse> {
  const problems = new Problems()
  checkPassword(problems, "new_password", request.newPassword)
  problems.throwIfAny()
  const userId = callerUserId(context)
  const { caller } = context.call
  const passwordHash = await hashPassword(request.newPassword)
  const seal = (password: string) => sealPassword(password, context.rules.offerKey)
  const fingerprinted = {
    ...request,
    currentPassword: seal(request.currentPassword),
    newPassword: seal(request.newPassword),
  }
  return once<ChangePasswordResponse>(context, fingerprinted, async (tx) => {
    const [row] = await tx<{ hash: string }[]>`select password_hash as hash from users where id = ${userId} for update`
    if (!(await verifyPassword(request.currentPassword, row?.hash))) throw failures.WRONG_PASSWORD()
    await tx`update users set password_hash = ${passwordHash} where id = ${userId}`
    await tx`delete from sessions where user_id = ${userId} and id <> ${caller.kind === "person" ? caller.sessionId : ""}`
    return {}
  })
}
