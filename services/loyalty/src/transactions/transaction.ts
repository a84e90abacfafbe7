import type { Queryable } from "@airside/kernel/sql"
import { PointsKind, type PointsTransaction } from "@airside/protos/airside/loyalty/v1/loyalty"

/** A row of the ledger. Points are signed: what they added to the balance, and to the lifetime points. */
export interface TransactionRow {
  id: string
  userId: string
  sequence: bigint
  kind: "earn" | "redeem" | "reverse" | "expire" | "adjust"
  points: bigint
  lifetimePoints: bigint
  balanceAfter: bigint
  shortfall: bigint
  originalId: string | null
  fareMinorUnits: bigint | null
  fareCurrency: string | null
  bookingReference: string
  description: string
  adjustedBy: string | null
  expireTime: Date | null
  createTime: Date
}

const KINDS = {
  earn: PointsKind.EARN,
  redeem: PointsKind.REDEEM,
  reverse: PointsKind.REVERSE,
  expire: PointsKind.EXPIRE,
  adjust: PointsKind.ADJUST,
}

/** The columns under the names of TransactionRow. */
export const transactionColumns = (sql: Queryable) => sql`
  id, user_id as "userId", sequence, kind, points, lifetime_points as "lifetimePoints",
  balance_after as "balanceAfter", shortfall, original_id as "originalId", fare_minor_units as "fareMinorUnits",
  fare_currency as "fareCurrency", booking_reference as "bookingReference", description, adjusted_by as "adjustedBy",
  expire_time as "expireTime", create_time as "createTime"`

/** A row as its person sees it: who of the staff adjusted it is not said. */
export function transactionMessage(row: TransactionRow): PointsTransaction {
  const { id, kind, points, balanceAfter, bookingReference, description, createTime, expireTime } = row
  return {
    id,
    kind: KINDS[kind],
    points,
    balanceAfter,
    bookingReference,
    description,
    createTime,
    expireTime: expireTime ?? undefined,
    adjustedBy: "",
  }
}
