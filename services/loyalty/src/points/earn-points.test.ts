import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { EarnPointsRequest, PointsKind } from "@airside/protos/airside/loyalty/v1/loyalty"
import { fieldsOf, type Loyalty, person, reasonOf, STAFF, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

test("a fare earns two points a unit, and they expire 365 days later", async () => {
  const { account, transaction } = await loyalty.earn(newId(), 123_49n, { bookingReference: "K7QX2M" })
  expect(account).toMatchObject({ tier: "bronze", balance: 246n, lifetime: 246n, pending: 0n })
  expect(transaction).toMatchObject({ kind: PointsKind.EARN, points: 246n, bookingReference: "K7QX2M" })
  const validDays = (transaction!.expireTime!.getTime() - transaction!.createTime!.getTime()) / 86_400_000
  expect(Math.round(validDays)).toBe(365)
})

test("lifetime points reach a tier, which multiplies what later fares earn", async () => {
  const userId = newId()
  const first = await loyalty.earn(userId, 2_500_00n)
  expect(first.account).toMatchObject({
    tier: "silver",
    lifetime: 5_000n,
    nextTier: { name: "gold", missing: 10_000n },
  })
  const second = await loyalty.earn(userId, 100_00n)
  expect(second.transaction?.points).toBe(250n)
})

test("the same transaction is carried out once, also under another request_id", async () => {
  const userId = newId()
  const part = { transactionId: newId(), bookingReference: "ONCE" }
  const first = await loyalty.earn(userId, 50_00n, part)
  const again = await loyalty.earn(userId, 50_00n, part)
  expect(again).toEqual(first)
  expect(again.account?.balance).toBe(100n)
  expect(await reasonOf(loyalty.earn(userId, 50_01n, part))).toBe("TRANSACTION_DIFFERS")
  expect(await reasonOf(loyalty.earn(userId, 50_00n, { ...part, bookingReference: "OTHER" }))).toBe(
    "TRANSACTION_DIFFERS",
  )
  expect(await reasonOf(loyalty.redeem(userId, 100n, part))).toBe("TRANSACTION_DIFFERS")
})

test("the same request gets the same answer, another one under its id is refused", async () => {
  const userId = newId()
  const requestId = newId()
  const first = await loyalty.adjust(userId, 70n, { requestId })
  expect(await loyalty.adjust(userId, 70n, { requestId })).toEqual(first)
  expect(await reasonOf(loyalty.adjust(userId, 71n, { requestId }))).toBe("REQUEST_ID_REUSED")
  expect((await loyalty.accountOf(userId)).balance).toBe(70n)
})

test("ten twins of one earning at once credit it once", async () => {
  const userId = newId()
  const part = { transactionId: newId(), bookingReference: "TWINS" }
  const answers = await Promise.all(Array.from({ length: 10 }, () => loyalty.earn(userId, 10_00n, part)))
  expect(new Set(answers.map((answer) => answer.transaction?.points))).toEqual(new Set([20n]))
  expect((await loyalty.accountOf(userId)).balance).toBe(20n)
})

test("an earning whose reversal came first is refused", async () => {
  const userId = newId()
  const transactionId = newId()
  const { transaction, shortfall } = await loyalty.reverse(userId, transactionId)
  expect({ transaction, shortfall }).toEqual({ transaction: undefined, shortfall: 0n })
  expect(await reasonOf(loyalty.earn(userId, 10_00n, { transactionId }))).toBe("TRANSACTION_REVERSED")
  expect((await loyalty.accountOf(userId)).balance).toBe(0n)
})

test("paying settles what is pending on the booking, even when nothing was left to pay with money", async () => {
  const userId = newId()
  await loyalty.adjust(userId, 1_000n)
  const redeemed = await loyalty.redeem(userId, 400n, { bookingReference: "PAID" })
  expect(redeemed.account).toMatchObject({ balance: 600n, pending: 400n })
  const earned = await loyalty.earn(userId, 0n, { bookingReference: "PAID" })
  expect(earned.account).toMatchObject({ balance: 600n, pending: 0n })
  expect(earned.transaction).toMatchObject({ kind: PointsKind.EARN, points: 0n, expireTime: undefined })
})

test("staff adjust a balance either way, never below zero, and no tier comes of it", async () => {
  const userId = newId()
  const given = await loyalty.adjust(userId, 6_000n)
  expect(given.account).toMatchObject({ balance: 6_000n, lifetime: 0n, tier: "bronze" })
  expect(given.transaction).toMatchObject({ kind: PointsKind.ADJUST, description: "Goodwill for a late flight" })
  const taken = await loyalty.adjust(userId, -2_000n, { reason: "Given twice" })
  expect(taken.account?.balance).toBe(4_000n)
  expect(taken.transaction).toMatchObject({ points: -2_000n, expireTime: undefined })
  expect(await reasonOf(loyalty.adjust(userId, -4_001n))).toBe("NOT_ENOUGH_POINTS")
})

test("yen have no minor units: two points a yen", async () => {
  const yen = await startLoyalty({ sellingCurrency: "JPY" })
  try {
    expect((await yen.earn(newId(), 1_500n)).transaction?.points).toBe(3_000n)
  } finally {
    await yen.stop()
  }
})

test("every bad field is named at once", async () => {
  const userId = newId()
  expect(
    await fieldsOf(loyalty.earn("nobody", -1n, { requestId: "1", transactionId: "", bookingReference: "" })),
  ).toEqual(["request_id", "user_id", "transaction_id", "fare.minor_units", "booking_reference"])
  expect(await fieldsOf(loyalty.adjust(userId, 0n, { reason: "  " }))).toEqual(["points", "reason"])
  expect(await fieldsOf(loyalty.adjust(userId, 2_000_000_000_000n, { reason: "a\u0000b" }))).toEqual([
    "points",
    "reason",
  ])
})

test("fares are for backend, points for staff, and neither for travellers", async () => {
  const userId = newId()
  const request = (amount: EarnPointsRequest["amount"]) =>
    EarnPointsRequest.fromPartial({
      requestId: newId(),
      transactionId: newId(),
      userId,
      bookingReference: "ABC123",
      reason: "Because",
      amount,
    })
  const fare = request({ $case: "fare", value: { currency: "USD", minorUnits: 100n } })
  const euros = request({ $case: "fare", value: { currency: "EUR", minorUnits: 100n } })
  const points = request({ $case: "points", value: 100n })
  const staff = { token: await loyalty.tokenOf(STAFF) }
  const backend = { token: await loyalty.tokenOf({ kind: "service", name: "backend" }) }
  const traveller = { token: await loyalty.tokenOf(person(userId)) }
  expect(await fieldsOf(loyalty.client.earnPoints(fare, staff))).toEqual(["fare"])
  expect(await fieldsOf(loyalty.client.earnPoints(points, backend))).toEqual(["fare"])
  expect(await fieldsOf(loyalty.client.earnPoints(euros, backend))).toEqual(["fare.currency"])
  expect(await reasonOf(loyalty.client.earnPoints(points, traveller))).toBe("NOT_ALLOWED")
  expect(await reasonOf(loyalty.client.earnPoints(points))).toBe("LOG_IN_REQUIRED")
})
