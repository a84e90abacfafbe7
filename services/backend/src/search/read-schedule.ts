import type { Queryable } from "@airside/kernel/sql"
import type { CabinName } from "../flights/cabins.ts"
import { dayOf } from "../flights/civil-date.ts"
import type { TakenSeats } from "./availability.ts"
import type { Airport, Carrier, ScheduledFlight, ScheduleRows } from "./timetable.ts"

/** Where `connection_times` says nothing, in minutes. */
const DEFAULT_CONNECTION = { domestic: 45, international: 60 }

/** Counts the changes of what readSchedule reads. */
export async function readScheduleVersion(sql: Queryable): Promise<bigint> {
  const [schedule] = await sql<{ version: bigint }[]>`select version from schedule`
  return schedule!.version
}

/** All airports and schedule templates. */
export async function readSchedule(sql: Queryable): Promise<ScheduleRows> {
  const [airports, carriers, flights, days, cabins] = await Promise.all([
    sql<Airport[]>`
      select p.code, p.name, p.time_zone as "timeZone", p.country_code as country,
             p.domestic_charge_minor_units::float8 as "domesticCharge",
             p.international_charge_minor_units::float8 as "internationalCharge",
             coalesce(c.domestic_minutes, ${DEFAULT_CONNECTION.domestic}::int) as "domesticConnectionMinutes",
             coalesce(c.international_minutes, ${DEFAULT_CONNECTION.international}::int) as "internationalConnectionMinutes"
      from places p
      left join connection_times c on c.place_code = p.code`,
    sql<Carrier[]>`select code, name from carriers`,
    sql<Omit<ScheduledFlight, "weekdays" | "cabins">[]>`
      select id, version, carrier_code as carrier, flight_number as number, origin, destination,
             (extract(epoch from departure_time) / 60)::int as "departureMinute", duration_minutes as "durationMinutes",
             aircraft, effective_from as "effectiveFrom", effective_until as "effectiveUntil"
      from flights`,
    sql<{ id: string; weekdays: number }[]>`
      select flight_id as id, bit_or(1 << day)::int as weekdays from flight_days group by flight_id`,
    sql<{ id: string; cabin: CabinName; capacity: number; fareMinorUnits: number }[]>`
      select flight_id as id, cabin, capacity, fare_minor_units::float8 as "fareMinorUnits" from flight_cabins`,
  ])
  const weekdaysOf = new Map(days.map(({ id, weekdays }) => [id, weekdays]))
  const cabinsOf = new Map<string, ScheduledFlight["cabins"]>()
  for (const { id, cabin, capacity, fareMinorUnits } of cabins) {
    const known = cabinsOf.get(id) ?? {}
    known[cabin] = { capacity, fareMinorUnits }
    cabinsOf.set(id, known)
  }
  return {
    airports,
    carriers,
    flights: flights.map((flight) => ({
      ...flight,
      weekdays: weekdaysOf.get(flight.id) ?? 0,
      cabins: cabinsOf.get(flight.id) ?? {},
    })),
  }
}

/**
 * Seats that are taken on departures from a day on: all of them, or what was changed by the transaction `since` and those
 * after it; and since which one the next look has to ask: the oldest that was still under way before this one, so that
 * it is seen when it ends, however long that takes.
 */
export async function readTakenSeats(
  sql: Queryable,
  fromDate: string,
  since: bigint | undefined,
): Promise<{ taken: TakenSeats[]; nextSince: bigint }> {
  const [running] = await sql<{ oldest: bigint }[]>`
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest`
  const nextSince = running!.oldest
  // In a database that was restored from a copy, transactions count on from elsewhere: lower, so that everything is read
  // once more, with rows of transactions that are still to come, which are not.
  const changed =
    since === undefined || since > nextSince
      ? "true"
      : `change_xid >= '${since}' and change_xid < pg_snapshot_xmax(pg_current_snapshot())`
  // The numbers are written out: a plan for any would read all seats that were ever taken, four times a second.
  const rows = await sql.unsafe<(Omit<TakenSeats, "day"> & { date: string })[]>(`
    select flight_id as "flightId", departure_date as date, cabin, capacity, held + sold as taken
    from inventory
    where ${changed} and departure_date >= '${fromDate}'`)
  return { taken: rows.map(({ date, ...row }) => ({ ...row, day: dayOf(date) })), nextSince }
}
