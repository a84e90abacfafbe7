import type { Context } from "../context.ts"
import type { Departure } from "./departures.ts"

/** Sales close some time before departure, by the database's clock. */
export function isSalesClosed({ rules }: Pick<Context, "rules">, departure: Departure): boolean {
  return departure.departureTime.getTime() - departure.readTime.getTime() < rules.salesCloseMinutes * 60_000
}
