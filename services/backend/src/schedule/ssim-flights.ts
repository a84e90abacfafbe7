import type { Aircraft } from "../../seed/aircraft.ts"
import type { Place } from "../../seed/places.ts"
import { priceCabins } from "./base-fare.ts"
import { distanceKm } from "./geography.ts"
import { BadRow } from "./import-report.ts"
import { shiftDays } from "./operating-days.ts"
import { fittedAircraft } from "./ssim-aircraft.ts"
import type { Leg } from "./ssim-data-set.ts"
import { isoDate, operatingDates, weekdayOf } from "./ssim-days.ts"
import { periodOf, runsOf, weeksOf } from "./ssim-periods.ts"
import type { FlightTemplate } from "./synthesize-schedule.ts"
import { clockTime } from "./timetable.ts"

export interface LegFlights {
  flights: FlightTemplate[]
  /** Dates of departure in the time mode of the file, days since 1970-01-01. */
  dates: number[]
  /** Local dates of departure that no flight of ours can express, with the reason. */
  missed: { date: number; reason: string }[]
  /** The record's offsets from UTC agree with the zones on at least one date. */
  offsetsAgree: boolean
}

/** Nothing is wrong with the record; it is just no flight that could be sold. */
export class LeftOut extends BadRow {}

/** Scheduled, additional and charter flights for passengers (SSIM appendix C); U are buses and trains. */
const PASSENGER_SERVICES = "JSQGBRCL"
/** No, transit, connecting or code-share traffic only: nobody may buy this leg alone (SSIM appendix G). */
const CLOSED_TO_LOCAL_TRAFFIC = "AIKTVWX"
/** Gate to gate, with the strongest tailwind. */
const FASTEST_KMH = 1_050

/**
 * The flights of a leg: one for each stretch of its period in which the local time of departure and the duration stay
 * the same. So a leg that is written in UTC, or one whose two ends change their clocks on different dates, becomes
 * several, and on every date it leaves and arrives at the instant that the record means. A fortnightly leg becomes a
 * flight for every second week. Each leg of a flight with several is sold by itself, and the search connects them.
 * `level` is the price level (1 = the market's). Throws LeftOut and BadRow.
 */
export function flightsOf(leg: Leg, places: Map<string, Place>, level: number): LegFlights {
  leaveOutDuplicate(leg)
  const origin = placeOf(leg.origin, 37, places)
  const destination = placeOf(leg.destination, 55, places)
  const { name, type, seats } = fittedAircraft(leg.aircraftType, leg.configuration)
  const km = distanceKm(origin, destination)
  const cabins = priceCabins({ ...type, cabins: seats } satisfies Aircraft, km, level)
  if (cabins.length === 0) throw new LeftOut("no seats for passengers", 173)
  const common = { carrierCode: leg.carrierCode, flightNumber: leg.flightNumber, aircraft: name, cabins }
  const result: LegFlights = { flights: [], dates: [], missed: [], offsetsAgree: false }
  const period = periodOf(leg)
  for (const run of runsOf(leg, period, origin.timeZone, destination.timeZone)) {
    if (run.durationMinutes < (60 * km) / FASTEST_KMH)
      throw new BadRow(`arrives after ${run.durationMinutes} minutes, too soon for ${Math.round(km)} km`, 58)
    for (const week of weeksOf(leg, period, run)) {
      const dates = operatingDates(leg.days, week.from, week.until)
      if (dates.length === 0) continue
      result.offsetsAgree ||= run.offsetsAgree
      if (run.secondHour) {
        const reason = `the clocks show ${clockTime(run.departureMinutes)} twice, and it leaves the second time`
        result.missed.push(...dates.map((date) => ({ date: date + run.dayShift, reason })))
        continue
      }
      result.dates.push(...dates)
      result.flights.push({
        ...common,
        origin: origin.code,
        destination: destination.code,
        departureTime: clockTime(run.departureMinutes),
        durationMinutes: run.durationMinutes,
        days: shiftDays([...new Set(dates.slice(0, 7).map(weekdayOf))], run.dayShift),
        effectiveFrom: isoDate(dates[0]! + run.dayShift),
        effectiveUntil: isoDate(dates.at(-1)! + run.dayShift),
      })
    }
  }
  if (result.dates.length + result.missed.length === 0) throw new BadRow("no day of operation within the period", 29)
  return result
}

/**
 * L and Z in byte 149 say that the leg is a code share: another airline sells and flies it under a number of its own.
 * So does DEI 50, which names that number. S and X are legs flown by somebody else that have this number only, and DEI
 * 10 lists the duplicates of the leg that it stands with: both are for sale.
 */
function leaveOutDuplicate(leg: Leg): void {
  if (leg.operatingFlight) throw new LeftOut(`code share of ${leg.operatingFlight}`)
  if (leg.disclosure === "L")
    throw new LeftOut(`code share, operated by ${leg.aircraftOwner || "another airline"}`, 149)
  if (leg.disclosure === "Z") throw new LeftOut(`code share, operated by ${leg.operator || "another airline"}`, 149)
  if (!PASSENGER_SERVICES.includes(leg.serviceType))
    throw new LeftOut(`service type ${leg.serviceType} is no flight for passengers`, 14)
  if (leg.restriction !== "" && CLOSED_TO_LOCAL_TRAFFIC.includes(leg.restriction))
    throw new LeftOut(`traffic restriction ${leg.restriction}: not for sale by itself`, 149 + leg.sequence)
}

function placeOf(code: string, column: number, places: Map<string, Place>): Place {
  const place = places.get(code)
  if (!place) throw new BadRow(`airport ${code} is not a known place`, column)
  return place
}
