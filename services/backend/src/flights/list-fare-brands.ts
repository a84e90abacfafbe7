import type { ListFareBrandsRequest, ListFareBrandsResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { BRANDS } from "./fares.ts"

/** What each brand includes, lowest first. */
export async function listFareBrands(_: CallContext, __: ListFareBrandsRequest): Promise<ListFareBrandsResponse> {
  return {
    brands: Object.entries(BRANDS).map(([name, { feePercent }]) => ({
      name,
      title: "Standard",
      cabinBag: "A cabin bag of 8 kg.",
      checkedBag: "A checked bag of 23 kg.",
      seatChoice: "Choose your seat after paying.",
      changes: "Cancel and book anew.",
      refunds: `Refundable for a fee of ${feePercent} % of the fare.`,
      cancellationFeePercent: feePercent,
      checkedBags: 1,
    })),
  }
}
