import type { Queryable } from "@airside/kernel/sql"

/** The programme's four levels, with the predecessor's thresholds and factors. Percent: hundredths. */
export const TIERS = [
  {
    name: "bronze",
    minimumPoints: 0n,
    earningPercent: 100,
    redemptionPercent: 100,
    benefits: ["2 points for each unit of fare", "Points pay for flights"],
  },
  {
    name: "silver",
    minimumPoints: 5_000n,
    earningPercent: 125,
    redemptionPercent: 110,
    benefits: ["A quarter more points", "Points are worth 10 % more"],
  },
  {
    name: "gold",
    minimumPoints: 15_000n,
    earningPercent: 150,
    redemptionPercent: 120,
    benefits: ["Half as many points again", "Points are worth 20 % more"],
  },
  {
    name: "platinum",
    minimumPoints: 50_000n,
    earningPercent: 200,
    redemptionPercent: 130,
    benefits: ["Twice the points", "Points are worth 30 % more"],
  },
] as const

/**
 * Adds the tiers that are missing and answers their names; those that exist stay as the operator made them. Works as
 * the loyalty role and as the administrator.
 */
export async function seedTiers(sql: Queryable, { dryRun = false } = {}): Promise<string[]> {
  if (dryRun) {
    const existing = await sql<{ name: string }[]>`select name from loyalty.loyalty_tiers`
    return TIERS.map(({ name }) => name).filter((name) => !existing.some((row) => row.name === name))
  }
  const added: string[] = []
  for (const { name, minimumPoints, earningPercent, redemptionPercent, benefits } of TIERS) {
    const rows = await sql`
      insert into loyalty.loyalty_tiers (name, minimum_points, earning_percent, redemption_percent, benefits)
      values (${name}, ${minimumPoints}, ${earningPercent}, ${redemptionPercent}, ${[...benefits]})
      on conflict do nothing
      returning name`
    if (rows.length > 0) added.push(name)
  }
  return added
}
