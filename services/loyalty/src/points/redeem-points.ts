import { Problems } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import { money } from "@airside/kernel/money"
import type { Transaction } from "@airside/kernel/sql"
import type { RedeemPointsRequest, RedeemPointsResponse } from "@airside/protos/airside/loyalty/v1/loyalty"
import type { Money } from "@airside/protos/airside/type/v1/money"
import { holdAccount } from "../accounts/hold-account.ts"
import { readAccount } from "../accounts/read-account.ts"
import type { CallContext } from "../context.ts"
import { LARGEST_AMOUNT, parseBookingReference, parseUuid } from "../fields.ts"
import { drawOldestLots } from "../lots/draw-lots.ts"
import { valueOfPoints } from "../tiers/points-and-money.ts"
import { readTiers, tierOf } from "../tiers/read-tiers.ts"
import { findSameTransaction } from "../transactions/find-transaction.ts"
import { postTransaction } from "../transactions/post-transaction.ts"
import { transactionMessage } from "../transactions/transaction.ts"

/**
 * Takes points off the balance for a booking, those that expire first before all others, and freezes what they are
 * worth. Reasons: INVALID_REQUEST, NOT_ENOUGH_POINTS, TRANSACTION_DIFFERS, TRANSACTION_REVERSED, TIERS_MISSING.
 */
export async function redeemPoints(context: CallContext, request: RedeemPointsRequest): Promise<RedeemPointsResponse> {
  const order = parseOrder(request)
  const { userId } = order
  const { sellingCurrency } = context
  const tiers = await readTiers(context.database.sql)
  return once(context, request, async (tx) => {
    const { lifetime } = await holdAccount(tx, userId)
    const value = money(sellingCurrency, valueOfPoints(order.points, sellingCurrency, tierOf(tiers, lifetime)))
    const same = await findSameTransaction(
      tx,
      order,
      (row) => row.kind === "redeem" && row.points === -order.points && row.bookingReference === order.bookingReference,
    )
    const transaction = same ?? (await redeem(tx, order, value))
    return {
      account: await readAccount(tx, { tiers, sellingCurrency }, userId),
      transaction: transactionMessage(transaction),
      value: same ? await frozenValue(tx, order) : value,
    }
  })
}

interface Order {
  userId: string
  transactionId: string
  points: bigint
  bookingReference: string
}

function parseOrder(request: RedeemPointsRequest): Order {
  const problems = new Problems()
  parseUuid(problems, "request_id", request.requestId)
  const order = {
    transactionId: parseUuid(problems, "transaction_id", request.transactionId),
    userId: parseUuid(problems, "user_id", request.userId),
    points: request.points,
    bookingReference: parseBookingReference(problems, request.bookingReference),
  }
  if (order.points < 1n || order.points > LARGEST_AMOUNT) problems.add("points", `must be 1 to ${LARGEST_AMOUNT}`)
  problems.throwIfAny()
  return order
}

async function redeem(tx: Transaction, { userId, transactionId, points, bookingReference }: Order, value: Money) {
  const transaction = await postTransaction(tx, {
    userId,
    id: transactionId,
    kind: "redeem",
    points: -points,
    bookingReference,
    description: `Spent on booking ${bookingReference}`,
  })
  await drawOldestLots(tx, userId, transactionId, points)
  await tx`
    insert into redemptions (user_id, transaction_id, booking_reference, points, value_minor_units, currency)
    values (${userId}, ${transactionId}, ${bookingReference}, ${points}, ${value.minorUnits}, ${value.currency})`
  return transaction
}

async function frozenValue(tx: Transaction, { userId, transactionId }: Order): Promise<Money> {
  const [value] = await tx<Money[]>`
    select value_minor_units as "minorUnits", currency
    from redemptions
    where user_id = ${userId} and transaction_id = ${transactionId}`
  return value!
}
