export type Cabin = "economy" | "premium_economy" | "business" | "first"

export interface Aircraft {
  name: string
  /** What it flies with a full cabin and reserves. */
  rangeKm: number
  cruiseKmh: number
  /** Taxi, climb and approach: what a flight takes beyond its distance at cruise speed. */
  allowanceMinutes: number
  /** Least time on the ground between two flights. */
  turnaroundMinutes: number
  /** Seats by cabin, from the back to the front. */
  cabins: Partial<Record<Cabin, number>>
}

/** Types as their makers publish them, rounded; cabins as a typical network carrier fits them. */
export const AIRCRAFT = {
  "ATR 72": {
    name: "ATR 72-600",
    rangeKm: 1_400,
    cruiseKmh: 500,
    allowanceMinutes: 22,
    turnaroundMinutes: 30,
    cabins: { economy: 70 },
  },
  E190: {
    name: "Embraer 190-E2",
    rangeKm: 4_800,
    cruiseKmh: 820,
    allowanceMinutes: 28,
    turnaroundMinutes: 35,
    cabins: { economy: 88, business: 8 },
  },
  A220: {
    name: "Airbus A220-300",
    rangeKm: 6_000,
    cruiseKmh: 830,
    allowanceMinutes: 30,
    turnaroundMinutes: 40,
    cabins: { economy: 120, business: 12 },
  },
  A320neo: {
    name: "Airbus A320neo",
    rangeKm: 6_000,
    cruiseKmh: 835,
    allowanceMinutes: 32,
    turnaroundMinutes: 45,
    cabins: { economy: 156, business: 12 },
  },
  "737-8": {
    name: "Boeing 737-8",
    rangeKm: 6_200,
    cruiseKmh: 840,
    allowanceMinutes: 32,
    turnaroundMinutes: 45,
    cabins: { economy: 150, business: 16 },
  },
  A321neo: {
    name: "Airbus A321neo",
    rangeKm: 6_500,
    cruiseKmh: 835,
    allowanceMinutes: 33,
    turnaroundMinutes: 50,
    cabins: { economy: 178, business: 20 },
  },
  A321XLR: {
    name: "Airbus A321XLR",
    rangeKm: 8_700,
    cruiseKmh: 835,
    allowanceMinutes: 33,
    turnaroundMinutes: 75,
    cabins: { economy: 138, premium_economy: 24, business: 20 },
  },
  "A330-900": {
    name: "Airbus A330-900",
    rangeKm: 12_500,
    cruiseKmh: 875,
    allowanceMinutes: 48,
    turnaroundMinutes: 90,
    cabins: { economy: 223, premium_economy: 28, business: 30 },
  },
  "787-9": {
    name: "Boeing 787-9",
    rangeKm: 13_900,
    cruiseKmh: 900,
    allowanceMinutes: 48,
    turnaroundMinutes: 90,
    cabins: { economy: 198, premium_economy: 28, business: 34 },
  },
  "A350-900": {
    name: "Airbus A350-900",
    rangeKm: 15_700,
    cruiseKmh: 900,
    allowanceMinutes: 48,
    turnaroundMinutes: 90,
    cabins: { economy: 227, premium_economy: 32, business: 40 },
  },
  "777-300ER": {
    name: "Boeing 777-300ER",
    rangeKm: 13_600,
    cruiseKmh: 900,
    allowanceMinutes: 50,
    turnaroundMinutes: 105,
    cabins: { economy: 240, premium_economy: 38, business: 48, first: 8 },
  },
  A380: {
    name: "Airbus A380-800",
    rangeKm: 14_500,
    cruiseKmh: 905,
    allowanceMinutes: 52,
    turnaroundMinutes: 120,
    cabins: { economy: 343, premium_economy: 52, business: 76, first: 14 },
  },
} as const satisfies Record<string, Aircraft>

export type AircraftCode = keyof typeof AIRCRAFT
