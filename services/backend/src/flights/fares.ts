/*
 * What a seat costs. Everything here is a pure function of plain numbers: amounts are integers in minor units of the
 * selling currency (below 2^38, so that no product leaves the exact integers), because search calls this for every
 * segment that it looks at. The base fare of a flight and cabin already holds the distance (schedule/base-fare.ts).
 *
 *   dayFare(base fare, weekday) → adultFare(…, advance purchase, demand, brand) → fareOf a child, an infant
 *   the airport's charge → taxOf each passenger
 */

export type PassengerCounts = { adults: number; children: number; infants: number }
export type PassengerKind = "adult" | "child" | "infant"

export type Brand = "light" | "standard" | "flex"

/** Lowest first. */
export const BRAND_NAMES: readonly Brand[] = ["light", "standard", "flex"]

/** Of the standard fare. Light is rounded down and flex up, so that a better brand is always dearer. */
const BRAND_PERCENT: Record<Brand, number> = { light: 85, standard: 100, flex: 135 }

/** Monday to Sunday: the middle of the week is quiet, before and after the weekend everybody wants to travel. */
const WEEKDAY_PERCENT = [102, 94, 94, 100, 112, 98, 112] as const

/** Days before departure from which on a percentage of the base fare is asked; later is never cheaper. */
const ADVANCE_PURCHASE = [
  { days: 60, percent: 80 },
  { days: 30, percent: 90 },
  { days: 14, percent: 100 },
  { days: 7, percent: 120 },
  { days: 3, percent: 145 },
  { days: 0, percent: 170 },
]
const EARLIEST_DAYS = ADVANCE_PURCHASE[0]!.days
/** The same by the number of days, for the hot loop. */
const ADVANCE_PERCENT = Array.from(
  { length: EARLIEST_DAYS + 1 },
  (_, day) => ADVANCE_PURCHASE.find(({ days }) => day >= days)!.percent,
)

/** A full departure costs this much more than an empty one. */
const FULL_PERCENT = 60

/** Children pay three quarters of the adult fare, infants on a lap a tenth: the industry's usual discounts. */
const SHARE_PERCENT: Record<PassengerKind, number> = { adult: 100, child: 75, infant: 10 }

/** The least standard fare in major units: the light one below it still costs something. */
const LEAST_UNITS = 2

/** The base fare of a departure on this weekday at its origin (0 is Monday), rounded to minor units. */
export const dayFare = (baseFare: number, weekday: number): number =>
  Math.round((baseFare * WEEKDAY_PERCENT[weekday]!) / 100)

/**
 * The fare of one adult on one segment: base fare (see dayFare) × advance purchase × how full the cabin is × brand, in
 * whole major units. `taken` of `capacity` seats are held or sold, `unit` is the minor units of a major one (100 for
 * USD, 1 for JPY). Never below one major unit; a fuller cabin or a later purchase never costs less, a better brand
 * always more.
 */
export function adultFare(
  baseFare: number,
  brand: Brand,
  daysBeforeDeparture: number,
  taken: number,
  capacity: number,
  unit: number,
): number {
  return brandFare(standardFare(baseFare, daysBeforeDeparture, taken, capacity, unit), brand, unit)
}

/** adultFare of the brand "standard": the one that an offer's token holds, for the others follow from it. */
export function standardFare(
  baseFare: number,
  daysBeforeDeparture: number,
  taken: number,
  capacity: number,
  unit: number,
): number {
  const advance = ADVANCE_PERCENT[Math.max(0, Math.min(EARLIEST_DAYS, Math.floor(daysBeforeDeparture)))]!
  const demand = 100 + Math.floor((FULL_PERCENT * taken) / capacity)
  return Math.max(LEAST_UNITS, Math.round((baseFare * advance * demand) / (10_000 * unit))) * unit
}

/** What a brand costs where the standard one costs this; a dearer standard fare never makes it cheaper. */
export function brandFare(standard: number, brand: Brand, unit: number): number {
  if (brand === "standard") return standard
  const units = (standard / unit) * BRAND_PERCENT[brand]
  return (brand === "light" ? Math.floor(units / 100) : Math.ceil(units / 100)) * unit
}

/** A passenger's fare on a segment whose adult fare is known, rounded up to minor units. */
export const fareOf = (adultFare: number, kind: PassengerKind): number =>
  kind === "adult" ? adultFare : Math.ceil((adultFare * SHARE_PERCENT[kind]) / 100)

/** What a passenger pays of the charge that the departure airport asks on the segment. An infant on a lap pays none. */
export const taxOf = (charge: number, kind: PassengerKind): number => (kind === "infant" ? 0 : charge)

/** The exact sum of fares and charges of all passengers on one segment. */
export const partyPrice = (adultFare: number, charge: number, counts: PassengerCounts): number =>
  counts.adults * (adultFare + charge) +
  counts.children * (fareOf(adultFare, "child") + charge) +
  counts.infants * fareOf(adultFare, "infant")

/** One entry a passenger: adults first, then children, then infants. */
export function kindsOf({ adults, children, infants }: PassengerCounts): PassengerKind[] {
  return [
    ...Array<PassengerKind>(adults).fill("adult"),
    ...Array<PassengerKind>(children).fill("child"),
    ...Array<PassengerKind>(infants).fill("infant"),
  ]
}
