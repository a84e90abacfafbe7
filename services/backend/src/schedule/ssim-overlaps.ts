import type { Queryable } from "@airside/kernel/sql"
import { flightId } from "./load-schedule.ts"
import type { FlightTemplate } from "./synthesize-schedule.ts"

/** Departures of one local date that are so far apart are at its two ends. */
const MIDNIGHT_HOURS = 20

export type Calendar = ReturnType<typeof calendar>

/** On which dates the flights of a batch operate, a bit for each; the database knows those of the batches before. */
export function calendar() {
  const DATES = 384
  const bits = new Map<string, Uint32Array>()
  const place = (flight: string, date: number) => ({
    key: `${flight} ${Math.floor(date / DATES)}`,
    word: (date % DATES) >> 5,
    bit: 1 << (date & 31),
  })
  return {
    clear: () => bits.clear(),
    has(flight: string, date: number): boolean {
      const { key, word, bit } = place(flight, date)
      return ((bits.get(key)?.[word] ?? 0) & bit) !== 0
    },
    add(flight: string, date: number): void {
      const { key, word, bit } = place(flight, date)
      const words = bits.get(key) ?? new Uint32Array(DATES / 32)
      bits.set(key, words)
      words[word]! |= bit
    },
  }
}

/**
 * Those of the batch, unless they are there themselves, that have dates in common with flights of the same number and
 * route. A flight in UTC that leaves around midnight comes twice on the local date on which the clocks go back.
 */
export async function findTaken<F extends FlightTemplate>(tx: Queryable, batch: F[], source: string): Promise<Set<F>> {
  const rows = await tx<{ position: number }[]>`
    select distinct wanted.position::int
    from unnest(
      ${batch.map((flight) => flightId(flight, source))}::uuid[],
      ${batch.map((flight) => flight.carrierCode)}::text[],
      ${batch.map((flight) => flight.flightNumber)}::text[],
      ${batch.map((flight) => flight.origin)}::text[],
      ${batch.map((flight) => flight.destination)}::text[],
      ${batch.map((flight) => flight.departureTime)}::time[],
      ${batch.map((flight) => flight.effectiveFrom!)}::date[],
      ${batch.map((flight) => flight.effectiveUntil!)}::date[],
      ${batch.map((flight) => flight.days.reduce((bits, day) => bits | (1 << day), 0))}::int[]
    ) with ordinality
      as wanted (
        id, carrier_code, flight_number, origin, destination, departure_time, first_date, last_date, day_bits, position
      )
    join flights f
      on f.carrier_code = wanted.carrier_code
      and f.flight_number = wanted.flight_number
      and f.origin = wanted.origin
      and f.destination = wanted.destination
      and abs(extract(epoch from f.departure_time - wanted.departure_time)) < ${MIDNIGHT_HOURS * 3600}
    join flight_days d on d.flight_id = f.id and (wanted.day_bits >> d.day) & 1 = 1
    cross join lateral (
      select greatest(f.effective_from, wanted.first_date) as first_date,
             least(f.effective_until, wanted.last_date) as last_date
    ) as common
    where common.first_date + (d.day + 8 - extract(isodow from common.first_date)::int) % 7 <= common.last_date
      and not exists (select from flights itself where itself.id = wanted.id)
  `
  return new Set(rows.map(({ position }) => batch[position - 1]!))
}
