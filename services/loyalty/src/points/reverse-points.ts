import { Problems } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import { derivedId } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { ReversePointsRequest, ReversePointsResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import { holdAccount } from "../accounts/hold-account.ts"
import { readAccount } from "../accounts/read-account.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { LARGEST_AMOUNT, parseReason, parseUuid } from "../fields.ts"
import { drawOldestLots } from "../lots/draw-lots.ts"
import { greatest, least } from "../lots/portion.ts"
import { returnLots } from "../lots/return-lots.ts"
import { readTiers } from "../tiers/read-tiers.ts"
import { findTransaction, leaveTombstone } from "../transactions/find-transaction.ts"
import { postTransaction } from "../transactions/post-transaction.ts"
import { type TransactionRow, transactionMessage } from "../transactions/transaction.ts"

/**
 * Undoes a transaction, or so many of its points as are left: redeemed points go back to their lots, earned ones are
 * taken off up to the balance, and the answer says how many were spent already. When nothing of the transaction is left,
 * or it never came, it is refused from now on. Reasons: INVALID_REQUEST, TRANSACTION_NOT_REVERSIBLE, TIERS_MISSING.
 */
export async function reversePoints(
  context: CallContext,
  request: ReversePointsRequest,
): Promise<ReversePointsResponse> {
  const order = parseOrder(request)
  const { userId } = order
  const valuation = { tiers: await readTiers(context.database.sql), sellingCurrency: context.sellingCurrency }
  return once(context, request, async (tx) => {
    const { balance } = await holdAccount(tx, userId)
    const earlier = await findTransaction(tx, { userId, transactionId: order.reversalId })
    const reversal = earlier ?? (await reverse(tx, order, balance))
    return {
      account: await readAccount(tx, valuation, userId),
      transaction: reversal && transactionMessage(reversal),
      shortfall: reversal?.shortfall ?? 0n,
    }
  })
}

interface Order {
  userId: string
  transactionId: string
  /** The reversal's own id: the same request finds it again. */
  reversalId: string
  /** 0: all that are left to undo. */
  points: bigint
  reason: string
}

function parseOrder(request: ReversePointsRequest): Order {
  const problems = new Problems()
  const requestId = parseUuid(problems, "request_id", request.requestId)
  const transactionId = parseUuid(problems, "transaction_id", request.transactionId)
  const userId = parseUuid(problems, "user_id", request.userId)
  const reason = parseReason(problems, request.reason)
  const { points } = request
  if (points < 0n || points > LARGEST_AMOUNT) problems.add("points", `must be 0 to ${LARGEST_AMOUNT}`)
  problems.throwIfAny()
  return { userId, transactionId, reversalId: derivedId("reverse", transactionId, requestId), points, reason }
}

async function reverse(tx: Transaction, order: Order, balance: bigint): Promise<TransactionRow | undefined> {
  const original = await findTransaction(tx, order)
  if (original && original.kind !== "earn" && original.kind !== "redeem") throw failures.TRANSACTION_NOT_REVERSIBLE()
  const done = original ? await sumsOf(tx, original) : { undone: 0n, expired: 0n }
  const left = original ? magnitude(original.points) - done.undone : 0n
  const points = order.points === 0n ? left : least(order.points, left)
  if (points === left) await leaveTombstone(tx, order)
  if (!original || points === 0n) return undefined
  if (original.kind === "redeem") return giveBack(tx, order, original, points)
  // Points that expired unspent are no debt.
  const due = least(points, greatest(left - done.expired, 0n))
  return takeBack(tx, order, original, { points, due, taken: least(due, balance) })
}

/** How much of a transaction was undone, and how many of the points it brought expired. */
async function sumsOf(tx: Transaction, original: TransactionRow): Promise<{ undone: bigint; expired: bigint }> {
  const [sums] = await tx<{ undone: bigint; expired: bigint }[]>`
    select
      coalesce(sum(${original.kind === "earn" ? tx`-lifetime_points` : tx`points`}) filter (where kind = 'reverse'), 0)::bigint as undone,
      coalesce(sum(-points) filter (where kind = 'expire'), 0)::bigint as expired
    from points_transactions
    where user_id = ${original.userId} and original_id = ${original.id}`
  return sums!
}

async function giveBack(
  tx: Transaction,
  { userId, reversalId, reason }: Order,
  original: TransactionRow,
  points: bigint,
) {
  const { id: originalId, bookingReference } = original
  const reversal = await postTransaction(tx, {
    userId,
    id: reversalId,
    kind: "reverse",
    points,
    originalId,
    bookingReference,
    description: reason || `Returned from booking ${bookingReference}`,
  })
  await returnLots(tx, userId, originalId, points)
  await tx`
    update redemptions
    set returned_points = returned_points + ${points}
    where user_id = ${userId} and transaction_id = ${originalId}`
  return reversal
}

/** Undoes `points`, of which `due` are owed and `taken` can be taken; the first ones from their own lot. */
async function takeBack(
  tx: Transaction,
  { userId, reversalId, reason }: Order,
  { id: originalId, bookingReference }: TransactionRow,
  { points, due, taken }: { points: bigint; due: bigint; taken: bigint },
) {
  const reversal = await postTransaction(tx, {
    userId,
    id: reversalId,
    kind: "reverse",
    points: -taken,
    lifetimePoints: -points,
    shortfall: due - taken,
    originalId,
    bookingReference,
    description: reason || `Taken back for booking ${bookingReference}`,
  })
  await drawOldestLots(tx, userId, reversalId, taken, originalId)
  return reversal
}

const magnitude = (points: bigint) => (points < 0n ? -points : points)
