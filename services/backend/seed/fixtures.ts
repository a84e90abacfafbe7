import type { FlightTemplate } from "../src/schedule/synthesize-schedule.ts"

const DAILY = [0, 1, 2, 3, 4, 5, 6]

/** Flights that tests tell their stories with; each name says what is particular about it. */
export const FIXTURE_FLIGHTS = {
  /** Vienna to London and back, every day, with room for everybody. */
  morningOut: flight("1", "VIE", "LHR", "08:00", 145, [cabin("economy", 150, 12_000n), cabin("business", 12, 48_000n)]),
  eveningOut: flight("3", "VIE", "LHR", "18:30", 150, [cabin("economy", 150, 9_000n)]),
  morningBack: flight("2", "LHR", "VIE", "07:30", 140, [cabin("economy", 150, 12_000n)]),
  eveningBack: flight("4", "LHR", "VIE", "19:00", 140, [cabin("economy", 150, 11_000n)]),
  /** One seat, so that two people can want it. */
  oneSeat: flight("11", "VIE", "GRZ", "09:00", 45, [cabin("economy", 1, 6_000n)]),
  tenSeats: flight("12", "VIE", "INN", "10:00", 55, [cabin("economy", 10, 7_000n)]),
  /** Over the date line: lands on the day before it left. */
  overTheDateLine: flight("21", "AKL", "HNL", "22:00", 520, [cabin("economy", 200, 60_000n)]),
  /** Over midnight, into a zone of half an hour. */
  overnight: flight("22", "LHR", "DEL", "21:15", 515, [cabin("economy", 200, 50_000n), cabin("first", 8, 400_000n)]),
  /** In the hour that the clocks of Vienna skip on 2027-03-28. */
  skippedHour: flight("23", "VIE", "ATH", "02:30", 130, [cabin("economy", 100, 9_000n)]),
} as const

export const FIXTURE_CARRIER = { code: "X9", name: "Fixture Air" }

function flight(
  flightNumber: string,
  origin: string,
  destination: string,
  departureTime: string,
  durationMinutes: number,
  cabins: FlightTemplate["cabins"],
): FlightTemplate {
  const carrierCode = "X9"
  return {
    carrierCode,
    flightNumber,
    origin,
    destination,
    departureTime,
    durationMinutes,
    aircraft: "A320neo",
    days: DAILY,
    cabins,
  }
}

function cabin(name: FlightTemplate["cabins"][number]["cabin"], capacity: number, fareMinorUnits: bigint) {
  return { cabin: name, capacity, fareMinorUnits: Number(fareMinorUnits) }
}
