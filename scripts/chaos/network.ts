/** A small network to fight over: plenty of seats between two cities, few on the other flights. */

import type { SQL } from "bun"

const PLACES = [
  { code: "VIE", city: "Vienna", zone: "Europe/Vienna", latitude: 48.11, longitude: 16.57, country: "AT" },
  { code: "LHR", city: "London", zone: "Europe/London", latitude: 51.47, longitude: -0.46, country: "GB" },
  { code: "INN", city: "Innsbruck", zone: "Europe/Vienna", latitude: 47.26, longitude: 11.34, country: "AT" },
  { code: "GRZ", city: "Graz", zone: "Europe/Vienna", latitude: 46.99, longitude: 15.44, country: "AT" },
]

const FLIGHTS = [
  { number: "1", from: "VIE", to: "LHR", time: "08:00", minutes: 145, seats: 60, fare: 12_000 },
  { number: "2", from: "LHR", to: "VIE", time: "19:00", minutes: 140, seats: 60, fare: 11_000 },
  { number: "12", from: "VIE", to: "INN", time: "10:00", minutes: 55, seats: 10, fare: 7_000 },
  { number: "11", from: "VIE", to: "GRZ", time: "09:00", minutes: 45, seats: 4, fare: 6_000 },
]

export const ROUTES = [
  { origin: "VIE", destination: "LHR", back: true },
  { origin: "VIE", destination: "LHR", back: false },
  { origin: "VIE", destination: "INN", back: false },
  { origin: "VIE", destination: "GRZ", back: false },
]

/** Ten seats: the storm is for this one. */
export const STORM_ROUTE = { origin: "VIE", destination: "INN", back: false }

export async function loadNetwork(admin: SQL): Promise<void> {
  await admin`insert into backend.carriers (code, name) values ('X9', 'Chaos Air')`
  for (const { code, city, zone, latitude, longitude, country } of PLACES) {
    await admin`
      insert into backend.places (code, name, city, country, country_code, time_zone, latitude, longitude)
      values (${code}, ${city}, ${city}, ${country}, ${country}, ${zone}, ${latitude}, ${longitude})`
  }
  for (const { number, from, to, time, minutes, seats, fare } of FLIGHTS) {
    const id = crypto.randomUUID()
    await admin`
      insert into backend.flights
        (id, carrier_code, flight_number, origin, destination, departure_time, duration_minutes, aircraft, source)
      values (${id}, 'X9', ${number}, ${from}, ${to}, ${time}, ${minutes}, 'A320neo', 'chaos')`
    await admin`insert into backend.flight_days (flight_id, day) select ${id}, day from backend.week`
    await admin`
      insert into backend.flight_cabins (flight_id, cabin, capacity, fare_minor_units)
      values (${id}, 'economy', ${seats}, ${fare})`
  }
}
