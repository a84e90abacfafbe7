import { readDemand } from "../../seed/demand.ts"
import type { Place } from "../../seed/places.ts"
import { type Selling, soldAt } from "./selling.ts"

export interface AirportCharges {
  /** Of every passenger with a seat who stays in the country. */
  domesticMinorUnits: number
  /** Of every passenger with a seat who leaves it. */
  internationalMinorUnits: number
}

/** Taxes and passenger charges in dollars, made up in the order of what countries ask; domestic, international. */
const BY_COUNTRY: Record<string, [number, number]> = {
  AE: [10, 32],
  AR: [9, 58],
  AT: [18, 34],
  AU: [14, 62],
  BR: [9, 36],
  CA: [22, 38],
  CH: [22, 40],
  CN: [8, 22],
  DE: [30, 48],
  ES: [9, 22],
  FR: [20, 44],
  GB: [24, 78],
  GR: [14, 28],
  ID: [8, 18],
  IN: [9, 24],
  IT: [14, 26],
  JP: [5, 34],
  KR: [4, 24],
  MX: [22, 46],
  MY: [3, 18],
  NL: [18, 46],
  NO: [16, 26],
  NZ: [10, 44],
  PT: [11, 24],
  SG: [20, 44],
  TH: [4, 24],
  TR: [4, 24],
  US: [14, 38],
  ZA: [12, 32],
}
const ELSEWHERE: [number, number] = [10, 30]

/** By demand.csv, about millions of passengers a year: what is built for many is paid by them. */
const SIZES = [
  { passengers: 40, factor: 1.3 },
  { passengers: 12, factor: 1.1 },
  { passengers: 3, factor: 1 },
  { passengers: 0, factor: 0.8 },
]

const demand = readDemand()

/** What an airport charges a departing passenger, by its country and size; one that demand.csv does not know is small. */
export function airportCharges({ code, countryCode }: Pick<Place, "code" | "countryCode">, selling: Selling) {
  const passengers = demand.get(code)?.weight ?? 0
  const { factor } = SIZES.find((size) => passengers >= size.passengers)!
  const [domestic, international] = BY_COUNTRY[countryCode] ?? ELSEWHERE
  const charges: AirportCharges = {
    domesticMinorUnits: soldAt(Math.round(domestic * factor), selling),
    internationalMinorUnits: soldAt(Math.round(international * factor), selling),
  }
  return charges
}
