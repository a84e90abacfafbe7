import { cutPage, parsePage } from "@airside/kernel/pages"
import type { ListTiersRequest, ListTiersResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import type { CallContext } from "../context.ts"
import { readTiers } from "./read-tiers.ts"

/** Every tier, lowest first. Reasons: INVALID_REQUEST, TIERS_MISSING. */
export async function listTiers(context: CallContext, request: ListTiersRequest): Promise<ListTiersResponse> {
  const page = parsePage(request, ["number"])
  const tiers = await readTiers(context.database.sql)
  const { after } = page
  const following = tiers.filter((tier) => !after || tier.minimumPoints > BigInt(after[0]))
  const { items, nextPageToken } = cutPage(following, page, (tier) => [String(tier.minimumPoints)])
  return { tiers: items, nextPageToken }
}
