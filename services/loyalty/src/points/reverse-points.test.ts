import { afterAll, beforeAll, expect, test } from "bun:test"
import { derivedId, newId } from "@airside/kernel/ids"
import { PointsKind } from "@airside/protos/airside/loyalty/v1/loyalty"
import { fieldsOf, type Loyalty, reasonOf, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

const lotsOf = (userId: string) => loyalty.sql<{ id: string; remaining: bigint; days: number }[]>`
  select id, remaining, round(extract(epoch from expire_time - now()) / 86400)::integer as days
  from lots
  where user_id = ${userId}
  order by expire_time`

test("redeemed points go back to their lots, in parts too, and never more than are out", async () => {
  const userId = newId()
  const [old, young, spending] = [newId(), newId(), newId()]
  await loyalty.earn(userId, 50_00n, { transactionId: old })
  await loyalty.earn(userId, 50_00n, { transactionId: young })
  await loyalty.setExpiry(userId, old, 90)
  await loyalty.redeem(userId, 150n, { transactionId: spending, bookingReference: "TRIP" })

  const part = await loyalty.reverse(userId, spending, { points: 60n })
  expect(part).toMatchObject({ shortfall: 0n, account: { balance: 110n, pending: 90n } })
  expect(part.transaction).toMatchObject({ kind: PointsKind.REVERSE, points: 60n, bookingReference: "TRIP" })
  expect((await lotsOf(userId)).map(({ id, remaining }) => [id, remaining])).toEqual([
    [old, 10n],
    [young, 100n],
  ])

  const rest = await loyalty.reverse(userId, spending, { points: 1_000n })
  expect(rest).toMatchObject({ account: { balance: 200n, pending: 0n }, transaction: { points: 90n } })
  const nothing = await loyalty.reverse(userId, spending)
  expect(nothing).toMatchObject({ account: { balance: 200n }, transaction: undefined, shortfall: 0n })
})

test("returned points are valid at least 30 more days", async () => {
  const userId = newId()
  const [lot, spending] = [newId(), newId()]
  await loyalty.earn(userId, 50_00n, { transactionId: lot })
  await loyalty.redeem(userId, 100n, { transactionId: spending })
  await loyalty.setExpiry(userId, lot, -1)
  expect((await loyalty.reverse(userId, spending)).account?.balance).toBe(100n)
  expect((await lotsOf(userId)).map(({ remaining, days }) => ({ remaining, days }))).toEqual([
    { remaining: 100n, days: 30 },
  ])
})

test("earned points are taken back up to the balance, the rest is a shortfall, and a tier may be lost", async () => {
  const userId = newId()
  const trip = newId()
  await loyalty.earn(userId, 2_500_00n, { transactionId: trip })
  await loyalty.redeem(userId, 4_700n)
  const reversed = await loyalty.reverse(userId, trip)
  expect(reversed).toMatchObject({
    shortfall: 4_700n,
    account: { balance: 0n, lifetime: 0n, tier: "bronze" },
    transaction: { kind: PointsKind.REVERSE, points: -300n },
  })
})

test("a shortfall is made up from other points first", async () => {
  const userId = newId()
  const trip = newId()
  await loyalty.earn(userId, 50_00n, { transactionId: trip })
  await loyalty.redeem(userId, 80n)
  await loyalty.adjust(userId, 50n)
  const reversed = await loyalty.reverse(userId, trip)
  expect(reversed).toMatchObject({ shortfall: 30n, account: { balance: 0n }, transaction: { points: -70n } })
})

test("points that expired unspent are no debt", async () => {
  const userId = newId()
  const trip = newId()
  await loyalty.earn(userId, 50_00n, { transactionId: trip })
  await loyalty.redeem(userId, 30n)
  await loyalty.setExpiry(userId, trip, 0)
  const reversed = await loyalty.reverse(userId, trip)
  expect(reversed).toMatchObject({ shortfall: 30n, account: { balance: 0n, lifetime: 0n } })
})

test("parts of an earning: never more than is left, and refused as a whole only when nothing is", async () => {
  const userId = newId()
  const part = { transactionId: newId(), bookingReference: "PARTS" }
  await loyalty.earn(userId, 50_00n, part)
  await loyalty.reverse(userId, part.transactionId, { points: 40n })
  expect((await loyalty.earn(userId, 50_00n, part)).account).toMatchObject({ balance: 60n, lifetime: 60n })
  expect((await loyalty.reverse(userId, part.transactionId, { points: 70n })).transaction?.points).toBe(-60n)
  expect(await reasonOf(loyalty.earn(userId, 50_00n, part))).toBe("TRANSACTION_REVERSED")
})

test("the same reversal again gives the same answer, also when its stored answer is gone", async () => {
  const userId = newId()
  const [trip, requestId] = [newId(), newId()]
  await loyalty.earn(userId, 50_00n, { transactionId: trip })
  await loyalty.redeem(userId, 30n)
  const first = await loyalty.reverse(userId, trip, { requestId })
  expect(first.transaction?.id).toBe(derivedId("reverse", trip, requestId))
  expect(await loyalty.reverse(userId, trip, { requestId })).toEqual(first)
  await loyalty.sql`delete from answers where request_id = ${requestId}`
  expect(await loyalty.reverse(userId, trip, { requestId })).toEqual(first)
  expect(first.shortfall).toBe(30n)
})

test("what is neither earned nor redeemed cannot be reversed", async () => {
  const userId = newId()
  const { transaction } = await loyalty.adjust(userId, 30n)
  expect(await reasonOf(loyalty.reverse(userId, transaction!.id))).toBe("TRANSACTION_NOT_REVERSIBLE")
})

test("every bad field is named at once", async () => {
  expect(await fieldsOf(loyalty.reverse("", "", { requestId: "", points: -1n }))).toEqual([
    "request_id",
    "transaction_id",
    "user_id",
    "points",
  ])
})
