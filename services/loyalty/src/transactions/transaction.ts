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
  shortfall: bigint
  originalId: string | null
  fareMinorUnits: bigint | null
  fareCurrency: string | null
  bookingReference: string
  description: string
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
  id, user_id as "userId", sequence, kind, points, lifetime_points as "lifetimePoints", shortfall,
  original_id as "originalId", fare_minor_units as "fareMinorUnits", fare_currency as "fareCurrency",
  booking_reference as "bookingReference", description, expire_time as "expireTime", create_time as "createTime"`

export function transactionMessage(row: TransactionRow): PointsTransaction {
  const { id, kind, points, bookingReference, description, createTime, expireTime } = row
  return {
    id,
    kind: KINDS[kind],
    points,
    bookingReference,
    description,
    createTime,
    expireTime: expireTime ?? undefined,
  }
}
