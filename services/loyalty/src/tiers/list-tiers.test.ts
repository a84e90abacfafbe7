import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { seedTiers, TIERS } from "../../seed/tiers.ts"
import { fieldsOf, type Loyalty, reasonOf, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

test("everybody may see the tiers, lowest first, a page at a time", async () => {
  const all = await loyalty.client.listTiers({ pageSize: 0, pageToken: "" })
  expect(all).toEqual({ tiers: TIERS.map((tier) => ({ ...tier, benefits: [...tier.benefits] })), nextPageToken: "" })
  const first = await loyalty.client.listTiers({ pageSize: 3, pageToken: "" })
  expect(first.tiers.map((tier) => tier.name)).toEqual(["bronze", "silver", "gold"])
  const second = await loyalty.client.listTiers({ pageSize: 3, pageToken: first.nextPageToken })
  expect(second).toMatchObject({ tiers: [{ name: "platinum" }], nextPageToken: "" })
  expect(await fieldsOf(loyalty.client.listTiers({ pageSize: 101, pageToken: "bronze" }))).toEqual([
    "page_size",
    "page_token",
  ])
})

test("without tiers every operation says so, and the same request succeeds once they are there", async () => {
  await loyalty.sql`delete from loyalty_tiers`
  const userId = newId()
  const part = { requestId: newId(), transactionId: newId(), bookingReference: "EARLY" }
  expect(await reasonOf(loyalty.client.listTiers({ pageSize: 0, pageToken: "" }))).toBe("TIERS_MISSING")
  expect(await reasonOf(loyalty.accountOf(userId))).toBe("TIERS_MISSING")
  expect(await reasonOf(loyalty.earn(userId, 100n, part))).toBe("TIERS_MISSING")
  expect(await seedTiers(loyalty.sql)).toEqual(TIERS.map((tier) => tier.name))
  expect((await loyalty.earn(userId, 100n, part)).account?.balance).toBe(2n)
})

test("seeding adds what is missing and leaves what an operator changed", async () => {
  await loyalty.sql`delete from loyalty_tiers where name = 'gold'`
  await loyalty.sql`update loyalty_tiers set earning_percent = 130 where name = 'silver'`
  expect(await seedTiers(loyalty.sql, { dryRun: true })).toEqual(["gold"])
  expect(await seedTiers(loyalty.sql)).toEqual(["gold"])
  expect(await seedTiers(loyalty.sql)).toEqual([])
  const { tiers } = await loyalty.client.listTiers({ pageSize: 0, pageToken: "" })
  expect(tiers.map((tier) => tier.earningPercent)).toEqual([100, 130, 150, 200])
})
