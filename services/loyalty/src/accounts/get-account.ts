import { isStaff } from "@airside/kernel/identity"
import type { GetAccountRequest, GetAccountResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { hasDueLots } from "../lots/expire-lots.ts"
import { readTiers } from "../tiers/read-tiers.ts"
import { holdAccount } from "./hold-account.ts"
import { readAccount } from "./read-account.ts"
import { whoseAccount } from "./whose-account.ts"

/**
 * A person's account, with the points that lapse within 30 days; it comes into being when the person or backend first
 * asks for it. Points that are due count as expired. Reasons: INVALID_REQUEST, USER_NOT_FOUND (another person's; for staff: nobody's), TIERS_MISSING.
 */
export async function getAccount(context: CallContext, request: GetAccountRequest): Promise<GetAccountResponse> {
  const { sql, inTransaction } = context.database
  const { userId, isOwn } = whoseAccount(context.call.caller, request.userId)
  const valuation = { tiers: await readTiers(sql), sellingCurrency: context.sellingCurrency }
  const account = await readAccount(sql, valuation, userId)
  if (account && !(await hasDueLots(sql, userId))) return { account }
  if (!account && !isOwn && isStaff(context.call.caller)) throw failures.USER_NOT_FOUND()
  return inTransaction(
    async (tx) => {
      await holdAccount(tx, userId)
      return { account: await readAccount(tx, valuation, userId) }
    },
    { repeatable: true },
  )
}
