import { Cabin } from "@airside/protos/airside/flights/v1/flights"

export type CabinName = "economy" | "premium_economy" | "business" | "first"

export const CABIN_VALUES: Record<CabinName, Cabin> = {
  economy: Cabin.ECONOMY,
  premium_economy: Cabin.PREMIUM_ECONOMY,
  business: Cabin.BUSINESS,
  first: Cabin.FIRST,
}

/** The cabin that a request names; economy when it names none, undefined for a value that is no cabin. */
export function cabinNamed(cabin: Cabin): CabinName | undefined {
  if (cabin === Cabin.UNSPECIFIED) return "economy"
  return (Object.keys(CABIN_VALUES) as CabinName[]).find((name) => CABIN_VALUES[name] === cabin)
}
