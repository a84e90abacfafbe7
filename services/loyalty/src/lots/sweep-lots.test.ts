import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { type Loyalty, startLoyalty } from "../testing.ts"
import { sweepLots } from "./sweep-lots.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

test("two nodes sweep at once: what is due expires once, what is valid stays", async () => {
  const users = Array.from({ length: 12 }, newId)
  for (const userId of users) {
    const { transaction } = await loyalty.earn(userId, 50_00n)
    await loyalty.adjust(userId, 40n)
    await loyalty.redeem(userId, 10n)
    await loyalty.setExpiry(userId, transaction!.id, 0)
  }
  await Promise.all([sweepLots(loyalty.context), sweepLots(loyalty.context)])
  const expired = await loyalty.sql<{ userId: string; points: bigint }[]>`
    select user_id as "userId", points from points_transactions where kind = 'expire'`
  expect(expired.map((row) => row.userId).sort()).toEqual(users.sort())
  expect(new Set(expired.map((row) => row.points))).toEqual(new Set([-90n]))
  const balances = await loyalty.sql<{ balance: bigint }[]>`select distinct balance from loyalty_accounts`
  expect(balances.map((row) => row.balance)).toEqual([40n])
})
