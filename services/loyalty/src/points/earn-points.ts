import { Problems } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import { derivedId, isUuid } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { EarnPointsRequest, EarnPointsResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import { holdAccount } from "../accounts/hold-account.ts"
import { readAccount } from "../accounts/read-account.ts"
import type { CallContext } from "../context.ts"
import { LARGEST_AMOUNT, parseBookingReference, parseReason, parseUuid } from "../fields.ts"
import { drawOldestLots } from "../lots/draw-lots.ts"
import { pointsForFare } from "../tiers/points-and-money.ts"
import { readTiers, tierOf } from "../tiers/read-tiers.ts"
import { findSameTransaction } from "../transactions/find-transaction.ts"
import { type Posting, postTransaction } from "../transactions/post-transaction.ts"
import { type TransactionRow, transactionMessage } from "../transactions/transaction.ts"

/**
 * Credits points: backend for a fare that was paid with money (which also settles the points spent on that booking),
 * staff a number of points, with a reason and of either sign. Adjustments do not count towards a tier. Reasons:
 * INVALID_REQUEST, TRANSACTION_DIFFERS, TRANSACTION_REVERSED, NOT_ENOUGH_POINTS, TIERS_MISSING.
 */
export async function earnPoints(context: CallContext, request: EarnPointsRequest): Promise<EarnPointsResponse> {
  const order = parseOrder(context, request)
  const { userId } = order
  const valuation = { tiers: await readTiers(context.database.sql), sellingCurrency: context.sellingCurrency }
  return once(context, request, async (tx) => {
    const { lifetime } = await holdAccount(tx, userId)
    const same = await findSameTransaction(tx, order, (row) => isSame(row, order))
    const crediting = same ?? credit(tx, order, tierOf(valuation.tiers, lifetime))
    if ("points" in order.amount) await crediting // it draws lots by what it reads of them
    // Else sent together and carried out in this order: the account is read when it has its points.
    const [transaction, account] = await Promise.all([crediting, readAccount(tx, valuation, userId)])
    return { account, transaction: transactionMessage(transaction) }
  })
}

interface Order {
  userId: string
  transactionId: string
  /** Points as such, or the fare that earns them. */
  amount: { points: bigint } | { fare: { currency: string; minorUnits: bigint } }
  bookingReference: string
  reason: string
  /** The member of staff whose adjustment it is; backend adjusts nothing. */
  adjustedBy?: string
}

function parseOrder(context: CallContext, request: EarnPointsRequest): Order {
  const problems = new Problems()
  const { caller } = context.call
  const isBackend = caller.kind === "service"
  const requestId = parseUuid(problems, "request_id", request.requestId)
  const order: Order = {
    userId: parseUuid(problems, "user_id", request.userId),
    transactionId:
      isBackend || request.transactionId !== ""
        ? parseUuid(problems, "transaction_id", request.transactionId)
        : derivedId("adjust", isUuid(requestId) ? requestId : ""),
    amount: isBackend ? parseFare(problems, context, request) : parsePoints(problems, request),
    bookingReference:
      isBackend || request.bookingReference !== "" ? parseBookingReference(problems, request.bookingReference) : "",
    reason: parseReason(problems, request.reason),
    ...(caller.kind === "person" && { adjustedBy: caller.userId }),
  }
  if (!isBackend && order.reason === "") problems.add("reason", "must say why")
  problems.throwIfAny()
  return order
}

function parseFare(problems: Problems, { sellingCurrency }: CallContext, { amount }: EarnPointsRequest) {
  const fare = amount?.$case === "fare" ? amount.value : undefined
  if (!fare) problems.add("fare", "must be given: points as such are credited by staff")
  else if (fare.currency !== sellingCurrency) problems.add("fare.currency", `must be ${sellingCurrency}`)
  else if (fare.minorUnits < 0n || fare.minorUnits > LARGEST_AMOUNT)
    problems.add("fare.minor_units", `must be 0 to ${LARGEST_AMOUNT}`)
  return { fare: { currency: sellingCurrency, minorUnits: fare?.minorUnits ?? 0n } }
}

function parsePoints(problems: Problems, { amount }: EarnPointsRequest) {
  const points = amount?.$case === "points" ? amount.value : 0n
  if (amount?.$case === "fare") problems.add("fare", "is credited by the booking itself; name points")
  else if (points === 0n || points > LARGEST_AMOUNT || points < -LARGEST_AMOUNT)
    problems.add("points", `must be 1 to ${LARGEST_AMOUNT}, or as many below zero`)
  return { points }
}

function isSame(row: TransactionRow, { amount, bookingReference, reason }: Order): boolean {
  if (row.bookingReference !== bookingReference) return false
  if ("points" in amount) return row.kind === "adjust" && row.points === amount.points && row.description === reason
  const { minorUnits, currency } = amount.fare
  return row.kind === "earn" && row.fareMinorUnits === minorUnits && row.fareCurrency === currency
}

async function credit(tx: Transaction, order: Order, tier: Parameters<typeof pointsForFare>[2]) {
  const { userId, transactionId: id, amount, bookingReference, reason, adjustedBy } = order
  const common = { userId, id, bookingReference }
  if ("fare" in amount) {
    const points = pointsForFare(amount.fare.minorUnits, amount.fare.currency, tier)
    const description = reason || `Earned with booking ${bookingReference}`
    const earning: Posting = { ...common, kind: "earn", points, lifetimePoints: points, fare: amount.fare, description }
    const settling = tx`
      update redemptions
      set paid = true
      where user_id = ${userId} and booking_reference = ${bookingReference} and not paid`
    const [earned] = await Promise.all([postTransaction(tx, earning), settling])
    return earned
  }
  const { points } = amount
  const posting: Posting = { ...common, kind: "adjust", points, description: reason, ...(adjustedBy && { adjustedBy }) }
  const adjustment = await postTransaction(tx, posting)
  if (points < 0n) await drawOldestLots(tx, userId, id, -points)
  return adjustment
}
