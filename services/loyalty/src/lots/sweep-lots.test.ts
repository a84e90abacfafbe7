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

test("an account that cannot be swept is named, and keeps nobody else's points", async () => {
  const [broken, whole] = [newId(), newId()]
  for (const userId of [broken, whole]) {
    const { transaction } = await loyalty.earn(userId, 50_00n)
    await loyalty.setExpiry(userId, transaction!.id, 0)
  }
  await loyalty.sql`update lots set expire_time = now() - interval '1 day' where user_id = ${broken}`
  await loyalty.sql`update loyalty_accounts set balance = 1 where user_id = ${broken}`
  const sweep = sweepLots(loyalty.context).catch((error) => error.message)
  expect(await sweep).toBe(`points of ${broken} could not expire`)
  const [account] = await loyalty.sql<{ balance: bigint }[]>`
    select balance from loyalty_accounts where user_id = ${whole}`
  expect(account?.balance).toBe(0n)
})
