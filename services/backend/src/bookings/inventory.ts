import {
  conflict,
  type Fragment,
  isCheckViolation,
  type Queryable,
  type Transaction,
  type WithCommit,
} from "@airside/kernel/sql"
import { failures } from "../failures.ts"
import type { CabinName } from "../flights/cabins.ts"
import type { Departure } from "../flights/departures.ts"
import type { Brand } from "../flights/fares.ts"

/** Seats of one cabin on one departure. */
export interface SeatCount {
  departureId: string
  cabin: CabinName
  seats: number
}

type Wanted = Departure & { slice: number }

/** What is given away of departures since they were read, by the key of their cabin. */
export type GivenAway = Map<string, number>

/**
 * Gives so many seats on each of the departures to whoever asks next. Throws SOLD_OUT, which names the flight and its
 * slice, where too few are left; then nothing is given away.
 */
export function giveSeats(departures: readonly Wanted[], seats: number, given: GivenAway): void {
  const givenOf = ({ id, cabin }: Wanted) => given.get(`${id} ${cabin}`) ?? 0
  for (const departure of departures) {
    const taken = departure.taken + givenOf(departure)
    if (departure.capacity - taken < seats) throw soldOut(departure)
  }
  for (const departure of departures) given.set(`${departure.id} ${departure.cabin}`, givenOf(departure) + seats)
}

/**
 * Holds the seats that were given away, in key order, so that two itineraries that share departures never wait for each
 * other in a circle. To be sent last: until it commits, a transaction that holds a seat keeps all others waiting.
 * Rows come into being when they are first needed. Where too few seats are left by now, the CHECK
 * inventory_is_not_oversold refuses them and nothing is held at all: a conflict, to be decided anew.
 */
export function holdSeats(
  tx: Transaction,
  withCommit: WithCommit,
  holds: readonly { departures: readonly Wanted[]; seats: number }[],
): void {
  const rows = new Map<string, Wanted & { departureId: string; seats: number }>()
  for (const { departures, seats } of holds) {
    for (const departure of departures) {
      const key = `${departure.id} ${departure.cabin}`
      rows.set(key, { ...departure, departureId: departure.id, seats: (rows.get(key)?.seats ?? 0) + seats })
    }
  }
  const ordered = inKeyOrder([...rows.values()])
  withCommit(
    tx`
      insert into inventory (departure_id, cabin, flight_id, departure_date, capacity, held)
      select *
      from unnest(
        ${ordered.map(({ departureId }) => departureId)}::uuid[], ${ordered.map(({ cabin }) => cabin)}::text[],
        ${ordered.map(({ flightId }) => flightId)}::uuid[], ${ordered.map(({ date }) => date)}::date[],
        ${ordered.map(({ capacity }) => capacity)}::int[], ${ordered.map(({ seats }) => seats)}::int[]
      )
      on conflict (departure_id, cabin) do update
      set held = inventory.held + excluded.held, change_xid = pg_current_xact_id()`,
    (error) =>
      isCheckViolation(error, "inventory_is_not_oversold") ? conflict("the seats went to somebody else") : error,
  )
}

function soldOut({ flightNumber, date, slice }: Wanted) {
  const field = `offer_tokens[${slice}]`
  return failures.SOLD_OUT({ flight_number: flightNumber, date }, [{ field, message: "has not enough seats left" }])
}

/**
 * Turns the held seats of a booking, which `bookingId` selects or does not, into sold ones: as parts of a statement, of
 * which `seats_wanted` has a row for every cabin of a departure and `seats_sold` one for each that had the seats.
 */
export const sellHeldSeats = (sql: Queryable, bookingId: Fragment) => sql`
  seats_wanted as (
    select departure_id, cabin, sum(seats)::int as seats
    from (
      select s.departure_id, s.cabin,
             (select count(*) from passengers p where p.booking_id = s.booking_id and p.type <> 'infant') as seats
      from booking_segments s
      where s.booking_id = (${bookingId})
    ) as segment
    group by departure_id, cabin
  ), seats_locked as (
    select departure_id, cabin, w.seats
    from inventory i
    join seats_wanted w using (departure_id, cabin)
    order by departure_id, cabin
    for update of i
  ), seats_sold as (
    update inventory i
    set held = i.held - l.seats, sold = i.sold + l.seats, change_xid = pg_current_xact_id()
    from seats_locked l
    where i.departure_id = l.departure_id and i.cabin = l.cabin and i.held >= l.seats
    returning 1
  )`

/** Gives held seats back. */
export const releaseHeldSeats = (tx: Transaction, counts: readonly SeatCount[]) => giveBack(tx, counts, tx`held`)

/** Gives sold seats back. */
export const releaseSoldSeats = (tx: Transaction, counts: readonly SeatCount[]) => giveBack(tx, counts, tx`sold`)

async function giveBack(tx: Transaction, counts: readonly SeatCount[], column: Fragment): Promise<void> {
  const ordered = inKeyOrder(counts)
  // Sent one after the other without waiting in between.
  const all = await Promise.all(
    ordered.map(
      ({ departureId, cabin, seats }) => tx`
        update inventory
        set ${column} = ${column} - ${seats}, change_xid = pg_current_xact_id()
        where departure_id = ${departureId} and cabin = ${cabin} and ${column} >= ${seats}
        returning 1`,
    ),
  )
  const missing = ordered[all.findIndex((moved) => moved.length === 0)]
  if (missing) {
    const { departureId, cabin, seats } = missing
    throw new Error(`inventory of ${departureId} ${cabin} has fewer seats held or sold than ${seats}`)
  }
}

/** How many seats a booking takes on each of its departures; infants on a lap take none. */
export async function seatCountsOf(tx: Transaction, bookingId: string): Promise<SeatCount[]> {
  return tx<SeatCount[]>`
    select departure_id as "departureId", cabin,
           (select count(*)::int from passengers where booking_id = ${bookingId} and type <> 'infant') as seats
    from booking_segments
    where booking_id = ${bookingId}`
}

/** The cabins that a booking sits in, in the order of travel, with as many seats as when they were first sold. */
export async function cabinsOfBooking(sql: Queryable, bookingId: string) {
  const segments = await sql<{ segmentId: string; departureId: string; cabin: CabinName; brand: Brand }[]>`
    select id as "segmentId", departure_id as "departureId", cabin, brand
    from booking_segments
    where booking_id = ${bookingId}
    order by position`
  const inventory = await sql<{ departureId: string; cabin: CabinName; capacity: number }[]>`
    select departure_id as "departureId", cabin, capacity
    from inventory
    where departure_id = any(${segments.map((segment) => segment.departureId)}::uuid[])`
  return segments.map((segment) => {
    const row = inventory.find((each) => each.departureId === segment.departureId && each.cabin === segment.cabin)
    return { ...segment, capacity: row!.capacity }
  })
}

/** How many seats a cancellation sets free on each departure. */
export async function cancelledSeatCounts(
  tx: Transaction,
  bookingId: string,
  cancellationId: string,
): Promise<SeatCount[]> {
  return tx<SeatCount[]>`
    select s.departure_id as "departureId", s.cabin, count(*)::int as seats
    from tickets t
    join booking_segments s on s.booking_id = t.booking_id and s.id = t.segment_id
    join passengers p on p.booking_id = t.booking_id and p.id = t.passenger_id
    where t.booking_id = ${bookingId} and t.cancellation_id = ${cancellationId} and p.type <> 'infant'
    group by s.departure_id, s.cabin`
}

function inKeyOrder<Key extends { departureId: string; cabin: string }>(keys: readonly Key[]): Key[] {
  const text = ({ departureId, cabin }: Key) => `${departureId} ${cabin}`
  return keys.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
