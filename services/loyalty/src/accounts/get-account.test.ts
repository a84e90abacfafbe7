import { afterAll, beforeAll, expect, test } from "bun:test"
import type { Caller } from "@airside/kernel/identity"
import { newId } from "@airside/kernel/ids"
import { fieldsOf, type Loyalty, person, reasonOf, STAFF, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

const getAs = async (caller: Caller, userId: string) =>
  (await loyalty.client.getAccount({ userId }, { token: await loyalty.tokenOf(caller) })).account

test("an account comes into being when its person first asks for it", async () => {
  const ada = person(newId())
  const account = await getAs(ada, "")
  expect(account).toMatchObject({ tier: "bronze", balance: 0n, pending: 0n, lifetime: 0n })
  expect(account).toMatchObject({ nextTier: { name: "silver", missing: 5_000n } })
  expect(account?.balanceValue).toEqual({ currency: "USD", minorUnits: 0n })
  expect(await getAs(ada, "me")).toEqual(account)
})

test("twenty first looks at once make one account", async () => {
  const ada = person(newId())
  const accounts = await Promise.all(Array.from({ length: 20 }, () => getAs(ada, "me")))
  expect(new Set(accounts.map((account) => account?.balance))).toEqual(new Set([0n]))
})

test("the highest tier has no next one", async () => {
  const userId = newId()
  await loyalty.earn(userId, 25_000_00n)
  expect(await getAs(person(userId), "me")).toMatchObject({ tier: "platinum", nextTier: undefined })
})

test("another person's account is not found, but for staff and backend", async () => {
  const userId = newId()
  await loyalty.adjust(userId, 12n)
  expect(await reasonOf(getAs(person(newId()), userId))).toBe("USER_NOT_FOUND")
  expect((await getAs(person(userId), userId.toUpperCase()))?.balance).toBe(12n)
  expect((await getAs(STAFF, userId))?.balance).toBe(12n)
  expect((await getAs({ kind: "service", name: "backend" }, userId))?.balance).toBe(12n)
})

test("looking for nobody makes no account for staff, and one for backend", async () => {
  const userId = newId()
  expect(await reasonOf(getAs(STAFF, userId))).toBe("USER_NOT_FOUND")
  expect((await loyalty.accountOf(userId)).balance).toBe(0n)
})

test("a user_id is a UUID, and backend has no account of its own", async () => {
  expect(await fieldsOf(getAs(STAFF, "ada"))).toEqual(["user_id"])
  expect(await fieldsOf(loyalty.accountOf("me"))).toEqual(["user_id"])
  expect(await reasonOf(getAs({ kind: "guest", bookingId: newId(), sessionId: "s" }, "me"))).toBe("NOT_ALLOWED")
})

test("what lapses within 30 days is told by day, soonest first, and what was spent or lapses later is not", async () => {
  const userId = newId()
  for (const [fare, days] of [
    [10_00n, 29],
    [20_00n, 3],
    [25_00n, 3],
    [50_00n, 31],
  ] as const) {
    const { transaction } = await loyalty.earn(userId, fare)
    await loyalty.setExpiry(userId, transaction!.id, days)
  }
  await loyalty.redeem(userId, 15n)
  const { expiringSoon, balance } = await loyalty.accountOf(userId)
  expect(balance).toBe(195n)
  expect(expiringSoon.map(({ points }) => points)).toEqual([75n, 20n])
  const daysAhead = expiringSoon.map(({ expireTime }) => Math.round((expireTime!.getTime() - Date.now()) / 86_400_000))
  expect(daysAhead).toEqual([3, 29])
})

test("points that are due count as expired, before the sweep came by", async () => {
  const userId = newId()
  const { transaction } = await loyalty.earn(userId, 50_00n)
  await loyalty.adjust(userId, 7n)
  await loyalty.setExpiry(userId, transaction!.id, 0)
  expect(await loyalty.accountOf(userId)).toMatchObject({ balance: 7n, lifetime: 100n })
})
