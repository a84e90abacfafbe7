import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { PointsKind } from "@airside/protos/airside/loyalty/v1/loyalty"
import { fieldsOf, type Loyalty, reasonOf, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

const remaining = async (userId: string, lotId: string) => {
  const [lot] = await loyalty.sql<{ remaining: bigint }[]>`
    select remaining from lots where user_id = ${userId} and id = ${lotId}`
  return lot!.remaining
}

test("two hundred want to spend the whole balance at once: exactly one does", async () => {
  const userId = newId()
  await loyalty.adjust(userId, 500n)
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => reasonOf(loyalty.redeem(userId, 500n))))
  expect(outcomes.filter((reason) => reason === undefined)).toHaveLength(1)
  expect(outcomes.filter((reason) => reason === "NOT_ENOUGH_POINTS")).toHaveLength(199)
  expect(await loyalty.accountOf(userId)).toMatchObject({ balance: 0n, pending: 500n })
})

test("a tier raises what points are worth, rounded down, and the value of that moment stays", async () => {
  const userId = newId()
  const earned = await loyalty.earn(userId, 2_500_00n)
  expect(earned.account?.balanceValue).toEqual({ currency: "USD", minorUnits: 5_500n })
  const part = { transactionId: newId(), bookingReference: "WORTH" }
  const redeemed = await loyalty.redeem(userId, 1_999n, part)
  expect(redeemed.value).toEqual({ currency: "USD", minorUnits: 2_198n })
  expect(redeemed.transaction).toMatchObject({ kind: PointsKind.REDEEM, points: -1_999n, bookingReference: "WORTH" })
  await loyalty.earn(userId, 5_000_00n)
  const again = await loyalty.redeem(userId, 1_999n, part)
  expect(again.account?.tier).toBe("gold")
  expect(again.value).toEqual({ currency: "USD", minorUnits: 2_198n })
  expect(again.transaction).toEqual(redeemed.transaction)
  expect(await reasonOf(loyalty.redeem(userId, 2_000n, part))).toBe("TRANSACTION_DIFFERS")
})

test("points that expire first are spent first", async () => {
  const userId = newId()
  const late = newId()
  const soon = newId()
  await loyalty.earn(userId, 50_00n, { transactionId: late })
  await loyalty.earn(userId, 50_00n, { transactionId: soon })
  await loyalty.setExpiry(userId, soon, 3)
  await loyalty.redeem(userId, 130n)
  expect([await remaining(userId, soon), await remaining(userId, late)]).toEqual([0n, 70n])
})

test("expired points cannot be spent, even before the sweep came by", async () => {
  const userId = newId()
  const transactionId = newId()
  await loyalty.earn(userId, 50_00n, { transactionId })
  await loyalty.adjust(userId, 30n)
  await loyalty.setExpiry(userId, transactionId, 0)
  expect(await reasonOf(loyalty.redeem(userId, 31n))).toBe("NOT_ENOUGH_POINTS")
  expect((await loyalty.redeem(userId, 30n)).account?.balance).toBe(0n)
})

test("a redemption whose reversal came first is refused", async () => {
  const userId = newId()
  const transactionId = newId()
  await loyalty.adjust(userId, 100n)
  await loyalty.reverse(userId, transactionId)
  expect(await reasonOf(loyalty.redeem(userId, 100n, { transactionId }))).toBe("TRANSACTION_REVERSED")
  expect((await loyalty.accountOf(userId)).balance).toBe(100n)
})

test("a redemption and its reversal at once leave the balance whole, whoever comes first", async () => {
  for (let round = 0; round < 10; round++) {
    const userId = newId()
    const transactionId = newId()
    await loyalty.adjust(userId, 100n)
    const [redeemed] = await Promise.all([
      reasonOf(loyalty.redeem(userId, 100n, { transactionId })),
      loyalty.reverse(userId, transactionId),
    ])
    expect([undefined, "TRANSACTION_REVERSED"]).toContain(redeemed)
    expect(await loyalty.accountOf(userId)).toMatchObject({ balance: 100n, pending: 0n })
  }
})

test("every bad field is named at once", async () => {
  const bad = { requestId: "", transactionId: "x", bookingReference: "<b>" }
  expect(await fieldsOf(loyalty.redeem("me", 0n, bad))).toEqual([
    "request_id",
    "transaction_id",
    "user_id",
    "booking_reference",
    "points",
  ])
})
