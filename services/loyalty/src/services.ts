import { service } from "@airside/kernel/rpc-server"
import { LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import { getAccount } from "./accounts/get-account.ts"
import type { Context } from "./context.ts"
import { earnPoints } from "./points/earn-points.ts"
import { redeemPoints } from "./points/redeem-points.ts"
import { reversePoints } from "./points/reverse-points.ts"
import { listTiers } from "./tiers/list-tiers.ts"
import { listTransactions } from "./transactions/list-transactions.ts"

/** Every RPC that this process answers. */
export const services = [
  service<typeof LoyaltyServiceService, Context>(LoyaltyServiceService, {
    listTiers,
    getAccount,
    earnPoints,
    redeemPoints,
    reversePoints,
    listTransactions,
  }),
]
