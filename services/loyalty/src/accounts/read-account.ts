import { money } from "@airside/kernel/money"
import type { Queryable } from "@airside/kernel/sql"
import type { Account } from "@airside/protos/airside/loyalty/v1/loyalty"
import { readExpiringSoon } from "../lots/read-expiring-soon.ts"
import { valueOfPoints } from "../tiers/points-and-money.ts"
import { nextTierOf, type Tiers, tierOf } from "../tiers/read-tiers.ts"

/** How an account's points become a tier and money. */
export interface Valuation {
  tiers: Tiers
  sellingCurrency: string
}

/** An account as callers see it; undefined when there is none yet. */
export async function readAccount(sql: Queryable, valuation: Valuation, userId: string): Promise<Account | undefined> {
  const [[row], expiringSoon] = await Promise.all([readSums(sql, userId), readExpiringSoon(sql, userId)])
  if (!row) return undefined
  const { tiers, sellingCurrency } = valuation
  const tier = tierOf(tiers, row.lifetime)
  const next = nextTierOf(tiers, row.lifetime)
  return {
    userId,
    tier: tier.name,
    balance: row.balance,
    pending: row.pending,
    lifetime: row.lifetime,
    nextTier: next && { name: next.name, missing: next.minimumPoints - row.lifetime },
    balanceValue: money(sellingCurrency, valueOfPoints(row.balance, sellingCurrency, tier)),
    expiringSoon,
  }
}

const readSums = (sql: Queryable, userId: string) =>
  sql<{ balance: bigint; lifetime: bigint; pending: bigint }[]>`
    select balance, lifetime, (
      select coalesce(sum(points - returned_points), 0)::bigint
      from redemptions
      where redemptions.user_id = loyalty_accounts.user_id and not paid
    ) as pending
    from loyalty_accounts
    where user_id = ${userId}`
