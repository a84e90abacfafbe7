import type { ListFareBrandsRequest, ListFareBrandsResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { BRANDS } from "./brands.ts"
import { BRAND_NAMES } from "./fares.ts"

/** What each brand includes, lowest first. */
export async function listFareBrands(_: CallContext, __: ListFareBrandsRequest): Promise<ListFareBrandsResponse> {
  return { brands: BRAND_NAMES.map((name) => ({ name, ...BRANDS[name] })) }
}
