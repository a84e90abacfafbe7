import type { Finding, Invariant } from "./evidence.ts"

interface Row {
  reference: string
  detail: string
}
const findings = (rows: Row[]): Finding[] => rows.map(({ reference, detail }) => ({ subject: reference, detail }))

export const pointInvariants: Invariant[] = [
  {
    name: "points-earned-wrongly",
    sentence: "A booking earns points once, when it is confirmed, and loses them when it is cancelled.",
    isDueLater: true,
    async find({ admin }) {
      const rows: Row[] = await admin`
        with earned as (
          select e.booking_reference as reference, count(*)::int as times, sum(e.points)::float8 as points,
                 coalesce(sum(r.lifetime), 0)::float8 as reversed
          from loyalty.points_transactions e
          left join lateral (
            select sum(lifetime_points) as lifetime
            from loyalty.points_transactions r
            where r.user_id = e.user_id and r.original_id = e.id and r.kind = 'reverse'
          ) r on true
          where e.kind = 'earn' and e.booking_reference <> ''
          group by e.booking_reference
        ), undone as (
          select booking_id, sum(points_undone)::float8 as points from backend.cancellations group by booking_id
        )
        select b.reference,
               b.status || ', earned ' || coalesce(e.times, 0) || ' times ' || coalesce(e.points, 0)
                 || ', reversed ' || coalesce(e.reversed, 0) || ', to be reversed ' || coalesce(u.points, 0) as detail
        from backend.bookings b
        left join earned e on e.reference = b.reference
        left join undone u on u.booking_id = b.id
        where coalesce(e.times, 0) > 1
          or (coalesce(e.times, 0) > 0 and b.status = 'cancelled' and e.points + e.reversed <> 0)
          or (b.status in ('confirmed', 'cancelled') and coalesce(e.reversed, 0) <> -coalesce(u.points, 0))
          or (coalesce(e.points, 0) > 0 and b.status not in ('confirmed', 'cancelled'))
          or (b.status = 'confirmed' and b.user_id is not null and coalesce(e.points, 0) <> coalesce(b.points_earned, -1))`
      return findings(rows)
    },
  },
  {
    name: "points-redeemed-wrongly",
    sentence: "Points pay for a paid booking, or they are back.",
    isDueLater: true,
    async find({ admin }) {
      const rows: Row[] = await admin`
        with spent as (
          select d.booking_reference as reference, -sum(d.points)::float8 - coalesce(sum(r.points), 0)::float8 as points
          from loyalty.points_transactions d
          left join lateral (
            select sum(points) as points
            from loyalty.points_transactions r
            where r.user_id = d.user_id and r.original_id = d.id and r.kind = 'reverse'
          ) r on true
          where d.kind = 'redeem'
          group by d.booking_reference
        ), owed as (
          select b.reference, b.status,
                 case when b.status = 'expired' then 0
                 else b.points_redeemed - coalesce((
                   select sum(c.points_returned) from backend.cancellations c where c.booking_id = b.id
                 ), 0) end::float8 as points
          from backend.bookings b
        )
        select o.reference, o.status || ', spent ' || coalesce(s.points, 0) || ' and not ' || o.points as detail
        from owed o
        left join spent s on s.reference = o.reference
        where coalesce(s.points, 0) <> o.points and o.status in ('confirmed', 'cancelled', 'expired')`
      return findings(rows)
    },
  },
  {
    name: "points-balance",
    sentence: "A balance is the sum of its transactions and of its lots, and never below zero.",
    async find({ admin }) {
      const rows: Row[] = await admin`
        select a.user_id::text as reference,
               'balance ' || a.balance || ', transactions ' || coalesce(t.points, 0) || ', lots ' || coalesce(l.points, 0) as detail
        from loyalty.loyalty_accounts a
        left join (select user_id, sum(points) as points from loyalty.points_transactions group by user_id) t
          on t.user_id = a.user_id
        left join (select user_id, sum(remaining) as points from loyalty.lots group by user_id) l
          on l.user_id = a.user_id
        where a.balance < 0 or a.balance <> coalesce(t.points, 0) or a.balance <> coalesce(l.points, 0)`
      return findings(rows)
    },
  },
]
