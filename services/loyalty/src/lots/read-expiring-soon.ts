import type { Queryable } from "@airside/kernel/sql"
import type { ExpiringPoints } from "@airside/protos/airside/loyalty/v1/loyalty"

/** People are warned so long ahead. */
const WARNING_DAYS = 30

/** The points that lapse soon unless they are spent, by UTC day, soonest first. */
export async function readExpiringSoon(sql: Queryable, userId: string): Promise<ExpiringPoints[]> {
  return sql<{ points: bigint; expireTime: Date }[]>`
    select sum(remaining)::bigint as points, min(expire_time) as "expireTime"
    from lots
    where user_id = ${userId} and remaining > 0
      and expire_time > now() and expire_time <= now() + ${WARNING_DAYS}::integer * interval '1 day'
    group by (expire_time at time zone 'UTC')::date
    order by min(expire_time)`
}
