import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import {
  ListPaymentsRequest,
  PaymentStatus,
  type Transaction,
  TransactionKind,
} from "@airside/protos/airside/payments/v1/payments"
import {
  createPayment,
  type Payments,
  type PaymentWorld,
  paidPayment,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
const userId = newId()
const bookingId = newId()
let paidId: string
let openId: string
const refundId = newId()
beforeAll(async () => {
  world = await startPaymentWorld()
  paidId = (await paidPayment(world, { userId, bookingId })).id
  openId = (await createPayment(world, { userId })).id
  const cancelled = await createPayment(world, { userId })
  await world.backend.cancelPayment({ requestId: newId(), paymentId: cancelled.id })
  const amount = { currency: "USD", minorUnits: 345n }
  await world.backend.refundPayment({ requestId: newId(), refundId, paymentId: paidId, amount })
  await paidPayment(world)
})
afterAll(() => world?.stop())

const list = (caller: Payments, request: Partial<ListPaymentsRequest> = {}) =>
  caller.listPayments(ListPaymentsRequest.fromPartial(request))
const idsOf = (transactions: Transaction[]) => transactions.map(({ id }) => id)

test("a person's payments and refunds, newest first; cancelled ones moved no money", async () => {
  const { transactions, nextPageToken } = await list(world.person(userId))
  expect(idsOf(transactions)).toEqual([refundId, openId, paidId])
  expect(transactions[0]).toMatchObject({
    kind: TransactionKind.REFUND,
    status: PaymentStatus.SUCCEEDED,
    amount: { currency: "USD", minorUnits: 345n },
    bookingReference: "K7M2QX",
  })
  expect(transactions[1]!.status).toBe(PaymentStatus.OPEN)
  expect(transactions[2]).toMatchObject({ kind: TransactionKind.PAYMENT, status: PaymentStatus.SUCCEEDED })
  expect(nextPageToken).toBe("")
})

test("pages of one row each give every row once", async () => {
  const seen: string[] = []
  let pageToken = ""
  do {
    const page = await list(world.person(userId), { pageSize: 1, pageToken })
    seen.push(...idsOf(page.transactions))
    pageToken = page.nextPageToken
  } while (pageToken !== "" && seen.length < 10)
  expect(seen).toEqual([refundId, openId, paidId])
})

test("a guest sees their booking's", async () => {
  expect(idsOf((await list(world.guest(bookingId))).transactions)).toEqual([refundId, paidId])
  expect((await list(world.guest(newId()))).transactions).toEqual([])
})

test("somebody else's for staff only: USER_NOT_FOUND", async () => {
  expect(idsOf((await list(world.person(newId(), true), { userId })).transactions)).toHaveLength(3)
  expect(idsOf((await list(world.person(userId), { userId: "me" })).transactions)).toHaveLength(3)
  expect(idsOf((await list(world.person(userId), { userId })).transactions)).toHaveLength(3)
  for (const stranger of [world.person(newId()), world.guest(bookingId)]) {
    expect(await reasonOf(list(stranger, { userId }))).toBe("USER_NOT_FOUND")
  }
  expect(await reasonOf(list(world.person(newId(), true), { userId: "x" }))).toBe("USER_NOT_FOUND")
})

test("bad pages are named", async () => {
  const bad = [{ pageSize: 101 }, { pageSize: -1 }, { pageToken: "x" }, { pageToken: btoa("now/then") }]
  for (const request of bad) expect(await reasonOf(list(world.person(userId), request))).toBe("INVALID_REQUEST")
})
