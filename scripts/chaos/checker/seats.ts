import type { Evidence, Finding, Invariant } from "./evidence.ts"

/** Judged by the database alone. */
interface SeatInvariant extends Invariant {
  find(evidence: Pick<Evidence, "admin">): Promise<Finding[]>
}

export const seatInvariants: SeatInvariant[] = [
  {
    name: "oversold",
    sentence: "No cabin of a flight has more travellers than seats.",
    async find({ admin }) {
      const rows: { flight: string; travellers: number; capacity: number; references: string }[] = await admin`
        select s.flight_number || ' ' || s.departure_date as flight, count(*)::int as travellers,
               c.capacity, string_agg(distinct b.reference, ' ') as references
        from backend.bookings b
        join backend.booking_segments s on s.booking_id = b.id
        join backend.tickets t on t.booking_id = b.id and t.segment_id = s.id and t.status in ('unissued', 'open')
        join backend.passengers p on p.booking_id = b.id and p.id = t.passenger_id and p.type <> 'infant'
        join backend.flight_cabins c on c.flight_id = s.flight_id and c.cabin = s.cabin
        where b.status <> 'expired' and b.status <> 'cancelled'
        group by s.departure_id, s.flight_number, s.departure_date, s.cabin, c.capacity
        having count(*) > c.capacity`
      return rows.map(({ flight, travellers, capacity, references }) => ({
        subject: `flight ${flight}`,
        detail: `${travellers} travellers on ${capacity} seats: ${references}`,
      }))
    },
  },
  {
    name: "seat-twice",
    sentence: "No seat number of a flight belongs to two travellers, or to a booking that has ended.",
    async find({ admin }) {
      const twice: { seat: string; travellers: number }[] = await admin`
        select departure_id || ' ' || seat as seat, count(*)::int as travellers
        from backend.seats group by departure_id, seat having count(*) > 1`
      const ended: { reference: string; seat: string }[] = await admin`
        select b.reference, s.seat
        from backend.seats s join backend.bookings b on b.id = s.booking_id
        where b.status in ('expired', 'cancelled')`
      return [
        ...twice.map(({ seat, travellers }) => ({ subject: `seat ${seat}`, detail: `${travellers} travellers` })),
        ...ended.map(({ reference, seat }) => ({ subject: reference, detail: `has ended and still has seat ${seat}` })),
      ]
    },
  },
  {
    name: "inventory-differs",
    sentence: "Held and sold seats are exactly those of the bookings that hold and have bought them.",
    async find({ admin }) {
      const rows: Record<string, number | string | null>[] = await admin`
        with owed as (
          select s.departure_id, s.cabin,
                 count(*) filter (where b.status in ('held', 'awaiting_payment', 'expiring', 'paid'))::int as held,
                 count(*) filter (where b.status in ('confirmed', 'cancelling'))::int as sold
          from backend.bookings b
          join backend.booking_segments s on s.booking_id = b.id
          join backend.tickets t on t.booking_id = b.id and t.segment_id = s.id and t.status in ('unissued', 'open')
          join backend.passengers p on p.booking_id = b.id and p.id = t.passenger_id and p.type <> 'infant'
          group by s.departure_id, s.cabin
        )
        select coalesce(i.departure_id, o.departure_id) || ' ' || coalesce(i.cabin, o.cabin) as cabin,
               coalesce(i.held, 0) as held, coalesce(i.sold, 0) as sold,
               coalesce(o.held, 0) as "heldByBookings", coalesce(o.sold, 0) as "soldToBookings"
        from backend.inventory i
        full join owed o on o.departure_id = i.departure_id and o.cabin = i.cabin
        where coalesce(i.held, 0) <> coalesce(o.held, 0) or coalesce(i.sold, 0) <> coalesce(o.sold, 0)`
      return rows.map(({ cabin, ...counts }) => ({ subject: `cabin ${cabin}`, detail: JSON.stringify(counts) }))
    },
  },
  {
    name: "promo-use",
    sentence: "A first-booking code is used by one live booking of an account, and released when that ends.",
    async find({ admin }) {
      const unreleased: { reference: string; status: string }[] = await admin`
        select b.reference, b.status
        from backend.promo_uses u join backend.bookings b on b.id = u.booking_id
        where b.status in ('expired', 'cancelled')`
      const twice: { account: string; references: string }[] = await admin`
        select b.user_id || ' ' || b.promo_code as account, string_agg(b.reference, ' ') as references
        from backend.bookings b
        join backend.promo_codes c on c.code = b.promo_code and c.first_booking
        where b.status not in ('expired', 'cancelled')
        group by b.user_id, b.promo_code having count(*) > 1`
      return [
        ...unreleased.map(({ reference, status }) => ({
          subject: reference,
          detail: `${status}, its code not released`,
        })),
        ...twice.map(({ account, references }) => ({ subject: account, detail: `counted for ${references}` })),
      ]
    },
  },
]
