import type { Transaction } from "@airside/kernel/sql"

/** One place where two records of ours disagree: what the first asks for, and what the second has. */
export interface Mismatch {
  /** Which comparison. */
  check: string
  /** A booking's reference, a person's id, or a departure with its cabin. */
  subject: string
  expected: string
  found: string
}

/**
 * Every place where bookings, payments, points and inventory disagree, read in one snapshot of the whole database.
 * What moved less than `underWaySeconds` ago is on its way and no mismatch.
 */
export async function compareRecords(tx: Transaction, underWaySeconds: number): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = []
  for (const [check, query] of Object.entries(CHECKS)) {
    const rows = await query(tx, tx`now() - ${underWaySeconds} * interval '1 second'`)
    mismatches.push(...rows.map((row) => ({ ...row, check })))
  }
  return mismatches
}

type Rows = PromiseLike<Omit<Mismatch, "check">[]>
type Check = (tx: Transaction, settled: ReturnType<Transaction>) => Rows

const CHECKS: Record<string, Check> = {
  "every booking comes to its end": (tx, settled) => tx`
    select reference as subject, 'another state' as expected, status as found
    from backend.bookings
    where status in ('paid', 'expiring', 'cancelling') and update_time < ${settled}`,

  "a paid booking has one payment of what it costs": (tx, settled) => tx`
    select b.reference as subject, (b.total_minor_units - b.points_value_minor_units)::text as expected,
      coalesce(p.amount_minor_units, 0)::text as found
    from backend.bookings b
    left join payment.payment_transactions p
      on p.id = b.settled_payment_id and p.booking_id = b.id and p.status = 'succeeded' and p.currency = b.currency
    where b.status in ('paid', 'confirmed', 'cancelling', 'cancelled') and b.update_time < ${settled}
      and coalesce(p.amount_minor_units, 0) <> b.total_minor_units - b.points_value_minor_units`,

  "a payment is refunded as was quoted, and in full when it paid for nothing": (tx, settled) => tx`
    with money as (
      select p.id, p.booking_reference, p.amount_minor_units, b.settled_payment_id = p.id as kept,
        (select coalesce(sum(c.refund_minor_units), 0) from backend.cancellations c
          where c.booking_id = b.id and c.status = 'done') as quoted,
        (select coalesce(sum(r.amount_minor_units), 0) from payment.refunds r
          where r.payment_id = p.id and r.status in ('succeeded', 'withheld', 'charged_back')) as refunded
      from payment.payment_transactions p
      left join backend.bookings b on b.id = p.booking_id
      where p.status = 'succeeded' and p.success_time < ${settled}
        and (b.id is null
          or (b.update_time < ${settled} and b.status not in ('awaiting_payment', 'expiring', 'cancelling')))
    )
    select booking_reference as subject, case when kept then quoted else amount_minor_units end::text as expected,
      refunded::text as found
    from money
    where refunded <> case when kept then quoted else amount_minor_units end`,

  "points are earned once for a confirmed booking": (tx, settled) => tx`
    with earned as (
      select user_id, booking_reference, sum(points) as points
      from loyalty.points_transactions
      where kind = 'earn' and booking_reference <> ''
      group by user_id, booking_reference
    )
    select b.reference as subject, coalesce(b.points_earned, 0)::text as expected, coalesce(e.points, 0)::text as found
    from backend.bookings b
    left join earned e on e.user_id = b.user_id and e.booking_reference = b.reference
    where b.user_id is not null and b.update_time < ${settled} and coalesce(e.points, 0) <> coalesce(b.points_earned, 0)`,

  "earned points are undone as was quoted": (tx, settled) => tx`
    with undone as (
      select r.user_id, o.booking_reference, sum(r.shortfall - r.points) as points
      from loyalty.points_transactions r
      join loyalty.points_transactions o on o.user_id = r.user_id and o.id = r.original_id
      where r.kind = 'reverse' and o.kind = 'earn'
      group by r.user_id, o.booking_reference
    ), quoted as (
      select booking_id, sum(points_undone) as points
      from backend.cancellations
      where status = 'done'
      group by booking_id
    )
    select b.reference as subject, coalesce(q.points, 0)::text as expected, coalesce(u.points, 0)::text as found
    from backend.bookings b
    left join undone u on u.user_id = b.user_id and u.booking_reference = b.reference
    left join quoted q on q.booking_id = b.id
    where b.user_id is not null and b.status <> 'cancelling' and b.update_time < ${settled}
      and coalesce(u.points, 0) <> coalesce(q.points, 0)`,

  "redeemed points paid for a booking, or went back": (tx, settled) => tx`
    with spent as (
      select t.user_id, t.booking_reference,
        -sum(t.points + coalesce((
          select sum(r.points) from loyalty.points_transactions r
          where r.user_id = t.user_id and r.original_id = t.id and r.kind = 'reverse'), 0)) as points
      from loyalty.points_transactions t
      where t.kind = 'redeem'
      group by t.user_id, t.booking_reference
    ), returned as (
      select booking_id, sum(points_returned) as points
      from backend.cancellations
      where status = 'done'
      group by booking_id
    )
    select b.reference as subject, (b.points_redeemed - coalesce(r.points, 0))::text as expected,
      coalesce(s.points, 0)::text as found
    from backend.bookings b
    left join spent s on s.user_id = b.user_id and s.booking_reference = b.reference
    left join returned r on r.booking_id = b.id
    where b.user_id is not null and b.status not in ('held', 'awaiting_payment', 'expiring', 'cancelling')
      and b.update_time < ${settled} and coalesce(s.points, 0) <> b.points_redeemed - coalesce(r.points, 0)`,

  "a balance is the sum of its transactions, and of its lots": (tx) => tx`
    select a.user_id::text as subject, a.balance::text as expected, t.points || ', lots ' || l.points as found
    from loyalty.loyalty_accounts a
    cross join lateral (
      select coalesce(sum(points), 0) as points from loyalty.points_transactions where user_id = a.user_id
    ) t
    cross join lateral (
      select coalesce(sum(remaining), 0) as points from loyalty.lots where user_id = a.user_id
    ) l
    where a.balance <> t.points or a.balance <> l.points`,

  "inventory is what tickets and holds stand for": (tx) => tx`
    with seats as (
      select s.departure_id, s.cabin, count(*) filter (where t.status = 'unissued') as held,
        count(*) filter (where t.status in ('open', 'used')) as sold
      from backend.tickets t
      join backend.passengers p on p.booking_id = t.booking_id and p.id = t.passenger_id and p.type <> 'infant'
      join backend.booking_segments s on s.booking_id = t.booking_id and s.id = t.segment_id
      group by s.departure_id, s.cabin
    )
    select coalesce(i.departure_id, s.departure_id) || ' ' || coalesce(i.cabin, s.cabin) as subject,
      coalesce(s.held, 0) || ' held, ' || coalesce(s.sold, 0) || ' sold' as expected,
      coalesce(i.held, 0) || ' held, ' || coalesce(i.sold, 0) || ' sold' as found
    from backend.inventory i
    full join seats s on s.departure_id = i.departure_id and s.cabin = i.cabin
    where coalesce(i.held, 0) <> coalesce(s.held, 0) or coalesce(i.sold, 0) <> coalesce(s.sold, 0)`,

  "a seat number belongs to a ticket that lives": (tx) => tx`
    select b.reference as subject, 'no seat' as expected, s.seat as found
    from backend.seats s
    join backend.bookings b on b.id = s.booking_id
    left join backend.tickets t
      on t.booking_id = s.booking_id and t.passenger_id = s.passenger_id and t.segment_id = s.segment_id
    where coalesce(t.status, 'void') in ('void', 'refunded')`,
}
