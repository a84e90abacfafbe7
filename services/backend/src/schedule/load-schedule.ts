import { derivedId } from "@airside/kernel/ids"
import type { Queryable } from "@airside/kernel/sql"
import { CITIES } from "../../seed/cities.ts"
import { CONNECTION_TIMES } from "../../seed/connection-times.ts"
import type { Place } from "../../seed/places.ts"
import { airportCharges } from "./airport-charges.ts"
import { DOLLARS, type Selling } from "./selling.ts"
import type { FlightTemplate } from "./synthesize-schedule.ts"

export const FLIGHTS_A_BATCH = 5_000
/** Of a flight that operates always; the defaults of the table. */
const FIRST_DATE = "2000-01-01"
const LAST_DATE = "2999-12-31"

/**
 * Adds the places whose codes are new, with their airports' charges and the cities that they belong to; those that are
 * there stay as they are. Answers how many places were added. Several statements: run it inside a transaction.
 */
export async function loadPlaces(sql: Queryable, places: Place[], selling: Selling = DOLLARS): Promise<number> {
  await loadCities(sql, places)
  const charges = places.map((place) => airportCharges(place, selling))
  const inserted = await sql`
    insert into places (
      code, name, city, city_code, country, country_code, time_zone, latitude, longitude,
      domestic_charge_minor_units, international_charge_minor_units
    )
    select * from unnest(
      ${places.map((place) => place.code)}::text[],
      ${places.map((place) => place.name)}::text[],
      ${places.map((place) => place.city)}::text[],
      ${places.map((place) => place.cityCode ?? null)}::text[],
      ${places.map((place) => place.country)}::text[],
      ${places.map((place) => place.countryCode)}::text[],
      ${places.map((place) => place.timeZone)}::text[],
      ${places.map((place) => place.latitude)}::double precision[],
      ${places.map((place) => place.longitude)}::double precision[],
      ${charges.map((charge) => charge.domesticMinorUnits)}::bigint[],
      ${charges.map((charge) => charge.internationalMinorUnits)}::bigint[]
    )
    on conflict do nothing
  `
  await loadConnectionTimes(sql, places)
  return inserted.count
}

/** Where changing flights takes another time than elsewhere. */
async function loadConnectionTimes(sql: Queryable, places: Place[]): Promise<void> {
  const known = places.flatMap(({ code }) => {
    const [domestic, international] = CONNECTION_TIMES[code] ?? []
    return domestic && international ? [{ code, domestic, international }] : []
  })
  await sql`
    insert into connection_times (place_code, domestic_minutes, international_minutes)
    select * from unnest(
      ${known.map(({ code }) => code)}::text[],
      ${known.map(({ domestic }) => domestic)}::int[],
      ${known.map(({ international }) => international)}::int[]
    )
    on conflict do nothing`
}

/** A city that is not built in is called as the first of its airports says. */
async function loadCities(sql: Queryable, places: Place[]): Promise<void> {
  const names = new Map(CITIES.map(({ code, name }) => [code, name]))
  for (const { cityCode, city } of places) if (cityCode && !names.has(cityCode)) names.set(cityCode, city)
  const codes = [...new Set(places.flatMap(({ cityCode }) => cityCode ?? []))]
  await sql`
    insert into cities (code, name)
    select * from unnest(${codes}::text[], ${codes.map((code) => names.get(code)!)}::text[])
    on conflict do nothing
  `
}

/** Adds the carriers whose codes are new. Answers how many were added. */
export async function loadCarriers(sql: Queryable, carriers: { code: string; name: string }[]): Promise<number> {
  const inserted = await sql`
    insert into carriers (code, name)
    select * from unnest(${carriers.map((carrier) => carrier.code)}::text[], ${carriers.map((carrier) => carrier.name)}::text[])
    on conflict do nothing
  `
  return inserted.count
}

/**
 * Adds the flights that are new, with their days and cabins, and answers how many those were; places and carriers must
 * be there. An id follows from source, carrier, number, origin, destination, time and period, so loading the same again
 * adds nothing, and a flight that is there keeps its days and fares. Several statements: run it inside a transaction.
 */
export async function loadFlights(
  tx: Queryable,
  flights: FlightTemplate[],
  source: string,
  onProgress: (loaded: number) => void = () => {},
): Promise<number> {
  let added = 0
  for (let start = 0; start < flights.length; start += FLIGHTS_A_BATCH) {
    const batch = flights
      .slice(start, start + FLIGHTS_A_BATCH)
      .map((flight) => ({ id: flightId(flight, source), ...flight }))
    const newIds = await insertFlights(tx, batch, source)
    const newFlights = batch.filter((flight) => newIds.delete(flight.id)) // the first of those with the same id
    await insertDays(tx, newFlights)
    await insertCabins(tx, newFlights)
    added += newFlights.length
    onProgress(start + batch.length)
  }
  return added
}

type IdentifiedFlight = FlightTemplate & { id: string }

export function flightId(flight: FlightTemplate, source: string): string {
  const { carrierCode, flightNumber, origin, destination, departureTime, effectiveFrom, effectiveUntil } = flight
  const period = [effectiveFrom, effectiveUntil].filter((date) => date !== undefined)
  return derivedId(source, carrierCode, flightNumber, origin, destination, departureTime, ...period)
}

async function insertFlights(tx: Queryable, flights: IdentifiedFlight[], source: string): Promise<Set<string>> {
  const inserted = await tx<{ id: string }[]>`
    insert into flights
      (
        id, carrier_code, flight_number, origin, destination, departure_time, duration_minutes, aircraft,
        effective_from, effective_until, source
      )
    select flight.*, ${source}::text from unnest(
      ${flights.map((flight) => flight.id)}::uuid[],
      ${flights.map((flight) => flight.carrierCode)}::text[],
      ${flights.map((flight) => flight.flightNumber)}::text[],
      ${flights.map((flight) => flight.origin)}::text[],
      ${flights.map((flight) => flight.destination)}::text[],
      ${flights.map((flight) => flight.departureTime)}::time[],
      ${flights.map((flight) => flight.durationMinutes)}::int[],
      ${flights.map((flight) => flight.aircraft)}::text[],
      ${flights.map((flight) => flight.effectiveFrom ?? FIRST_DATE)}::date[],
      ${flights.map((flight) => flight.effectiveUntil ?? LAST_DATE)}::date[]
    ) as flight
    on conflict do nothing
    returning id
  `
  return new Set(inserted.map((row) => row.id))
}

async function insertDays(tx: Queryable, flights: IdentifiedFlight[]): Promise<void> {
  const rows = flights.flatMap(({ id, days }) => days.map((day) => ({ id, day })))
  await tx`
    insert into flight_days (flight_id, day)
    select * from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.day)}::smallint[])
  `
}

async function insertCabins(tx: Queryable, flights: IdentifiedFlight[]): Promise<void> {
  const rows = flights.flatMap(({ id, cabins }) => cabins.map((cabin) => ({ id, ...cabin })))
  await tx`
    insert into flight_cabins (flight_id, cabin, capacity, fare_minor_units)
    select * from unnest(
      ${rows.map((row) => row.id)}::uuid[],
      ${rows.map((row) => row.cabin)}::text[],
      ${rows.map((row) => row.capacity)}::int[],
      ${rows.map((row) => row.fareMinorUnits)}::bigint[]
    )
  `
}
