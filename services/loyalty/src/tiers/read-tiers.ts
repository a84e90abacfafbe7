import type { Queryable } from "@airside/kernel/sql"
import { failures } from "../failures.ts"

export interface TierRow {
  name: string
  minimumPoints: bigint
  earningPercent: number
  redemptionPercent: number
  benefits: string[]
}

/** The tiers, lowest first; the lowest holds from 0 points on. Reasons: TIERS_MISSING. */
export type Tiers = readonly [TierRow, ...TierRow[]]

/** Read before a request is carried out, so that TIERS_MISSING is never kept as its answer. */
export async function readTiers(sql: Queryable): Promise<Tiers> {
  const rows = await sql<TierRow[]>`
    select name, minimum_points as "minimumPoints", earning_percent as "earningPercent",
      redemption_percent as "redemptionPercent", benefits
    from loyalty_tiers
    order by minimum_points`
  const [lowest, ...others] = rows
  if (lowest?.minimumPoints !== 0n) throw failures.TIERS_MISSING()
  return [lowest, ...others]
}

/** The highest tier that so many lifetime points reach. */
export function tierOf(tiers: Tiers, lifetimePoints: bigint): TierRow {
  return tiers.findLast((tier) => tier.minimumPoints <= lifetimePoints) ?? tiers[0]
}

/** The tier to reach next; undefined in the highest. */
export function nextTierOf(tiers: Tiers, lifetimePoints: bigint): TierRow | undefined {
  return tiers.find((tier) => tier.minimumPoints > lifetimePoints)
}
