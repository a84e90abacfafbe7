import type { ListTiersRequest, ListTiersResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import type { CallContext } from "../context.ts"
import { cutPage, parsePage } from "../pages.ts"
import { readTiers } from "./read-tiers.ts"

/** Every tier, lowest first. Reasons: INVALID_REQUEST, TIERS_MISSING. */
export async function listTiers(context: CallContext, request: ListTiersRequest): Promise<ListTiersResponse> {
  const page = parsePage(request)
  const tiers = await readTiers(context.database.sql)
  const following = tiers.filter((tier) => page.after === undefined || tier.minimumPoints > page.after)
  const { rows, nextPageToken } = cutPage(page, following, (tier) => tier.minimumPoints)
  return { tiers: rows, nextPageToken }
}
