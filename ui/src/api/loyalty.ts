import type { Account, PointsTransaction, Tier } from "@airside/protos/airside/loyalty/v1/loyalty"
import { PointsKind } from "@airside/protos/airside/loyalty/v1/loyalty"
import { type Call, endpoint } from "./endpoint.ts"
import { exactNumber } from "./money.ts"
import { instantShape, nextPageShape, pageOf, pageShapes, userIdOf } from "./parts.ts"
import { choice, integer, list, nullable, type Of, object, optional, type Shape, text } from "./shape.ts"
import { instant, instantOrNull, present, wordsOf } from "./words.ts"

const kinds = wordsOf(PointsKind)

const tierShape = object(
  {
    name: text({ example: "silver" }),
    minimum_points: integer({ example: 5000 }),
    earning_percent: integer({ example: 125 }),
    redemption_percent: integer({ example: 110, description: "Hundredths of a minor unit for one point." }),
    benefits: list(text()),
  },
  { title: "Tier" },
)

const accountShape = object(
  {
    user_id: text(),
    tier: text({ example: "bronze" }),
    balance: integer(),
    pending: integer({ description: "Set aside for bookings whose payment is still open." }),
    lifetime: integer(),
    next_tier: optional(object({ name: text(), missing: integer() })),
    expiring_soon: list(object({ points: integer(), expire_time: instantShape }), {
      description: "What lapses within 30 days unless it is spent, by UTC day, soonest first.",
    }),
  },
  { title: "LoyaltyAccount" },
)

const transactionShape = object(
  {
    id: text(),
    kind: choice(kinds.words),
    points: integer({ description: "Signed: what it added to the balance." }),
    balance_after: integer({ description: "The balance that it left." }),
    booking_reference: nullable(text()),
    description: text(),
    create_time: instantShape,
    expire_time: nullable(instantShape),
    adjusted_by: optional(text({ description: "For staff: user_id of whoever adjusted the balance." })),
  },
  { title: "PointsTransaction" },
)

const movedShape = object({ account: accountShape, transaction: nullable(transactionShape) })

const adjustmentOf = (points: Shape<number>) =>
  object({
    user_id: text({ minimum: 1, maximum: 36, example: "me" }),
    points,
    reason: text({ minimum: 1, maximum: 200 }),
  })

export const loyaltyEndpoints = [
  endpoint({
    method: "GET",
    path: "/api/loyalty/tiers",
    summary: "Every tier, lowest first",
    query: object(pageShapes),
    success: { status: 200, answer: object({ tiers: list(tierShape), next_page_token: nextPageShape }) },
    async run({ clients, query }) {
      const { tiers, nextPageToken } = await clients.loyalty.listTiers(pageOf(query))
      return { tiers: tiers.map(toTier), next_page_token: nextPageToken || undefined }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/loyalty/account/:user_id",
    summary: "A person's points and tier; {user_id} may be me",
    success: { status: 200, answer: object({ account: accountShape }) },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403, USER_NOT_FOUND: 404 },
    async run({ clients, params, caller }) {
      const { account } = await clients.loyalty.getAccount({ userId: userIdOf(params.user_id) }, await caller())
      return { account: toAccount(present(account)) }
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/loyalty/history/:user_id",
    summary: "A person's statement of points, newest first, with the running balance; {user_id} may be me",
    query: object(pageShapes),
    success: {
      status: 200,
      answer: object({ transactions: list(transactionShape), next_page_token: nextPageShape }),
    },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403, USER_NOT_FOUND: 404 },
    async run({ clients, params, query, caller }) {
      const request = { userId: userIdOf(params.user_id), ...pageOf(query) }
      const { transactions, nextPageToken } = await clients.loyalty.listTransactions(request, await caller())
      return { transactions: transactions.map(toTransaction), next_page_token: nextPageToken || undefined }
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/loyalty/earn",
    summary: "Award points; for staff",
    body: adjustmentOf(integer({ minimum: 1 })),
    example: { user_id: "01980000-0000-7000-8000-000000000000", points: 500, reason: "Sorry for the lost bag" },
    success: { status: 200, answer: movedShape },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403 },
    run: adjust,
  }),
  endpoint({
    method: "POST",
    path: "/api/loyalty/adjust",
    summary: "Give points or, below zero, take them off, with a reason that stands in the statement; for staff",
    body: adjustmentOf(integer({ description: "Not 0; below zero it takes points off, never more than there are." })),
    example: { user_id: "01980000-0000-7000-8000-000000000000", points: -500, reason: "Given twice" },
    success: { status: 200, answer: movedShape },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403, NOT_ENOUGH_POINTS: 409 },
    run: adjust,
  }),
  endpoint({
    method: "POST",
    path: "/api/loyalty/redeem",
    summary: "Spend points on a booking: starts its checkout with them",
    body: object({ booking_reference: text({ minimum: 1, maximum: 50 }), points: integer({ minimum: 1 }) }),
    example: { booking_reference: "K7M2QX", points: 500 },
    success: { status: 200, answer: movedShape },
    reasons: {
      LOG_IN_REQUIRED: 401,
      BOOKING_NOT_FOUND: 404,
      BOOKING_STATE: 409,
      HOLD_EXPIRED: 409,
      NOT_ENOUGH_POINTS: 409,
      POINTS_REMAINDER_TOO_SMALL: 409,
    },
    async run({ clients, body, caller, requestId }) {
      const options = await caller()
      const reference = body.booking_reference.toUpperCase()
      await clients.bookings.startCheckout({ requestId, reference, points: BigInt(body.points) }, options)
      const { account } = await clients.loyalty.getAccount({ userId: "" }, options)
      const newest = { userId: "", pageSize: 100, pageToken: "" }
      const { transactions } = await clients.loyalty.listTransactions(newest, options)
      const redeemed = transactions.find(
        ({ kind, bookingReference }) => kind === PointsKind.REDEEM && bookingReference === reference,
      )
      return { account: toAccount(present(account)), transaction: redeemed ? toTransaction(redeemed) : null }
    },
  }),
]

async function adjust({
  clients,
  body,
  identity,
  requestId,
}: Call<string, unknown, Of<ReturnType<typeof adjustmentOf>>>) {
  const { token, user } = await identity()
  const { account, transaction } = await clients.loyalty.earnPoints(
    {
      requestId,
      transactionId: "",
      userId: userIdOf(body.user_id) || (user?.id ?? ""),
      amount: { $case: "points", value: BigInt(body.points) },
      bookingReference: "",
      reason: body.reason,
    },
    { token },
  )
  return { account: toAccount(present(account)), transaction: toTransaction(present(transaction)) }
}

const toTier = (tier: Tier) => ({
  name: tier.name,
  minimum_points: exactNumber(tier.minimumPoints),
  earning_percent: tier.earningPercent,
  redemption_percent: tier.redemptionPercent,
  benefits: tier.benefits,
})

const toAccount = (account: Account) => ({
  user_id: account.userId,
  tier: account.tier,
  balance: exactNumber(account.balance),
  pending: exactNumber(account.pending),
  lifetime: exactNumber(account.lifetime),
  next_tier: account.nextTier && { name: account.nextTier.name, missing: exactNumber(account.nextTier.missing) },
  expiring_soon: account.expiringSoon.map(({ points, expireTime }) => ({
    points: exactNumber(points),
    expire_time: instant(expireTime),
  })),
})

const toTransaction = (transaction: PointsTransaction) => ({
  id: transaction.id,
  kind: kinds.toWord(transaction.kind),
  points: exactNumber(transaction.points),
  balance_after: exactNumber(transaction.balanceAfter),
  booking_reference: transaction.bookingReference || null,
  description: transaction.description,
  create_time: instant(transaction.createTime),
  expire_time: instantOrNull(transaction.expireTime),
  adjusted_by: transaction.adjustedBy || undefined,
})
