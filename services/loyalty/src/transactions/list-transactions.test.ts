import { afterAll, beforeAll, expect, test } from "bun:test"
import type { Caller } from "@airside/kernel/identity"
import { newId } from "@airside/kernel/ids"
import { PointsKind } from "@airside/protos/airside/loyalty/v1/loyalty"
import { fieldsOf, type Loyalty, person, reasonOf, STAFF, startLoyalty } from "../testing.ts"

let loyalty: Loyalty
beforeAll(async () => {
  loyalty = await startLoyalty()
})
afterAll(() => loyalty.stop())

const listAs = async (caller: Caller, userId: string, pageSize = 0, pageToken = "") =>
  loyalty.client.listTransactions({ userId, pageSize, pageToken }, { token: await loyalty.tokenOf(caller) })

test("a statement is told newest first, each kind under its name, with the balance after it", async () => {
  const userId = newId()
  const spending = newId()
  const earned = await loyalty.earn(userId, 50_00n, { bookingReference: "FIRST" })
  await loyalty.adjust(userId, 5n)
  await loyalty.redeem(userId, 60n, { transactionId: spending, bookingReference: "SECOND" })
  await loyalty.reverse(userId, spending, { points: 20n, reason: "One of two cancelled" })
  await loyalty.setExpiry(userId, earned.transaction!.id, 0)
  await loyalty.accountOf(userId)
  const { transactions, nextPageToken } = await listAs(person(userId), "me")
  const rows = transactions.map(({ kind, points, balanceAfter, bookingReference }) => [
    kind,
    points,
    balanceAfter,
    bookingReference,
  ])
  expect(rows).toEqual([
    [PointsKind.EXPIRE, -60n, 5n, ""],
    [PointsKind.REVERSE, 20n, 65n, "SECOND"],
    [PointsKind.REDEEM, -60n, 45n, "SECOND"],
    [PointsKind.ADJUST, 5n, 105n, ""],
    [PointsKind.EARN, 100n, 100n, "FIRST"],
  ])
  expect(transactions[1]?.description).toBe("One of two cancelled")
  expect(nextPageToken).toBe("")
})

test("pages neither repeat nor skip, also when points move in between", async () => {
  const userId = newId()
  for (let points = 1n; points <= 5n; points++) await loyalty.adjust(userId, points)
  const first = await listAs(person(userId), "", 2)
  await loyalty.adjust(userId, 6n)
  const second = await listAs(person(userId), "", 2, first.nextPageToken)
  const third = await listAs(person(userId), "", 2, second.nextPageToken)
  const pages = [first, second, third].map((page) => page.transactions.map((transaction) => transaction.points))
  expect(pages).toEqual([[5n, 4n], [3n, 2n], [1n]])
  expect(third.nextPageToken).toBe("")
})

test("another person's history is for staff alone", async () => {
  const userId = newId()
  await loyalty.adjust(userId, 5n)
  expect(await reasonOf(listAs(person(newId()), userId))).toBe("USER_NOT_FOUND")
  expect((await listAs(STAFF, userId)).transactions).toHaveLength(1)
  expect(await reasonOf(listAs(STAFF, newId()))).toBe("USER_NOT_FOUND")
  expect(await reasonOf(listAs({ kind: "service", name: "backend" }, userId))).toBe("NOT_ALLOWED")
})

test("who adjusted a balance is kept, and told to staff alone", async () => {
  const userId = newId()
  await loyalty.adjust(userId, 5n)
  await loyalty.earn(userId, 50_00n)
  const adjustedBy = async (caller: Caller) =>
    (await listAs(caller, userId)).transactions.map((transaction) => transaction.adjustedBy)
  expect(await adjustedBy(STAFF)).toEqual(["", STAFF.kind === "person" ? STAFF.userId : ""])
  expect(await adjustedBy(person(userId))).toEqual(["", ""])
})

test("nobody's history yet is empty; a page token that was made up is bad input", async () => {
  const ada = person(newId())
  expect(await listAs(ada, "me")).toEqual({ transactions: [], nextPageToken: "" })
  expect(await fieldsOf(listAs(ada, "me", 0, "MTI="))).toEqual(["page_token"])
  expect(await fieldsOf(listAs(ada, "me", -1, "'; drop table lots"))).toEqual(["page_size", "page_token"])
})
