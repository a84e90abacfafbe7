import { invalidRequest } from "@airside/kernel/errors"
import { type Caller, isStaff } from "@airside/kernel/identity"
import { isUuid } from "@airside/kernel/ids"
import { failures } from "../failures.ts"

/**
 * Whose account a request is about: "" and "me" are the caller's own, another person's are for staff and backend.
 * Reasons: INVALID_REQUEST, USER_NOT_FOUND.
 */
export function whoseAccount(caller: Caller, userId: string): { userId: string; isOwn: boolean } {
  const own = caller.kind === "person" ? caller.userId : undefined
  if (own && (userId === "" || userId === "me")) return { userId: own, isOwn: true }
  if (!isUuid(userId)) throw invalidRequest([{ field: "user_id", message: "must be a UUID" }])
  const asked = userId.toLowerCase()
  if (asked === own) return { userId: own, isOwn: true }
  if (!isStaff(caller) && caller.kind !== "service") throw failures.USER_NOT_FOUND()
  return { userId: asked, isOwn: false }
}
