import { derivedId } from "@airside/kernel/ids"
import type { Queryable } from "@airside/kernel/sql"
import type { FlightSegment } from "@airside/protos/airside/flights/v1/flights"
import type { CabinName } from "./cabins.ts"

/** A flight on a date, with one cabin's seats and base fare. */
export interface Departure {
  id: string
  flightId: string
  /** Civil date at the origin. */
  date: string
  version: number
  carrierCode: string
  carrierName: string
  flightNumber: string
  origin: string
  destination: string
  originTimeZone: string
  destinationTimeZone: string
  originCountry: string
  destinationCountry: string
  departureTime: Date
  arrivalTime: Date
  durationMinutes: number
  aircraft: string
  cabin: CabinName
  capacity: number
  /** Held and sold seats. */
  taken: number
  baseFareMinorUnits: bigint
  /** What the origin charges every passenger with a seat. */
  chargeMinorUnits: bigint
  /** The database's clock when this was read. */
  readTime: Date
}

type Row = Omit<Departure, "departureTime" | "arrivalTime"> & { localTime: string }

/** The id of a flight's departure on a local date, whether its row exists or not. */
export const departureId = (flightId: string, date: string): string => derivedId("departure", flightId, date)

/** The departures of these flights on these dates in these cabins, in any order; what does not operate is missing. */
export async function readDepartures(
  sql: Queryable,
  wanted: readonly { flightId: string; date: string; cabin: CabinName }[],
): Promise<Departure[]> {
  const rows = await sql<Row[]>`
    select wanted.id, f.id as "flightId", on_day as date, f.version, f.carrier_code as "carrierCode", k.name as "carrierName",
           f.carrier_code || f.flight_number as "flightNumber", f.origin, f.destination, f.departure_time as "localTime",
           o.time_zone as "originTimeZone", a.time_zone as "destinationTimeZone",
           o.country_code as "originCountry", a.country_code as "destinationCountry",
           f.duration_minutes as "durationMinutes", f.aircraft, c.cabin, coalesce(i.capacity, c.capacity) as capacity,
           coalesce(i.held + i.sold, 0) as taken, c.fare_minor_units as "baseFareMinorUnits",
           case
             when o.country_code = a.country_code then o.domestic_charge_minor_units
             else o.international_charge_minor_units
           end as "chargeMinorUnits", now() as "readTime"
    from unnest(
      ${wanted.map(({ flightId, date }) => departureId(flightId, date))}::uuid[],
      ${wanted.map(({ flightId }) => flightId)}::uuid[], ${wanted.map(({ date }) => date)}::date[],
      ${wanted.map(({ cabin }) => cabin)}::text[]
    ) as wanted (id, flight_id, on_day, cabin)
    join flights f on f.id = wanted.flight_id and on_day between f.effective_from and f.effective_until
    join flight_days fd on fd.flight_id = f.id and fd.day = extract(isodow from on_day)::int - 1
    join flight_cabins c on c.flight_id = f.id and c.cabin = wanted.cabin
    join carriers k on k.code = f.carrier_code
    join places o on o.code = f.origin
    join places a on a.code = f.destination
    left join inventory i on i.departure_id = wanted.id and i.cabin = c.cabin`
  return rows.map(toDeparture)
}

function toDeparture({ localTime, ...row }: Row): Departure {
  const departureTime = instantOf(row.date, localTime, row.originTimeZone)
  const arrivalTime = new Date(departureTime.getTime() + row.durationMinutes * 60_000)
  return { ...row, departureTime, arrivalTime }
}

/** A local time that the clocks skip in spring means the hour after; one that comes twice in autumn the first. */
function instantOf(date: string, time: string, timeZone: string): Date {
  const local = Temporal.PlainDateTime.from(`${date}T${time}`)
  return new Date(local.toZonedDateTime(timeZone, { disambiguation: "compatible" }).epochMilliseconds)
}

/** An instant as the clock in the terminal shows it: RFC 3339 with the zone's offset. */
export function localTimeOf(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toString({ timeZone, smallestUnit: "second" })
}

export const toFlightSegment = (
  departure: Omit<
    Departure,
    | "id"
    | "version"
    | "capacity"
    | "taken"
    | "baseFareMinorUnits"
    | "chargeMinorUnits"
    | "readTime"
    | "cabin"
    | "date"
    | "originCountry"
    | "destinationCountry"
  >,
): FlightSegment => ({
  flightNumber: departure.flightNumber,
  carrier: departure.carrierCode,
  carrierName: departure.carrierName,
  origin: departure.origin,
  destination: departure.destination,
  departsAt: localTimeOf(departure.departureTime, departure.originTimeZone),
  arrivesAt: localTimeOf(departure.arrivalTime, departure.destinationTimeZone),
  durationMinutes: departure.durationMinutes,
  aircraft: departure.aircraft,
  flightId: departure.flightId,
})
