import type { Context } from "../context.ts"
import type { Departure } from "./departures.ts"

/** True when the departure can still be sold to so many passengers with seats. */
export function isSellable(context: Pick<Context, "rules">, departure: Departure, seats: number): boolean {
  return departure.capacity - departure.taken >= seats && !isSalesClosed(context, departure)
}

/** Sales close some time before departure, by the database's clock. */
export function isSalesClosed({ rules }: Pick<Context, "rules">, departure: Departure): boolean {
  return departure.departureTime.getTime() - departure.readTime.getTime() < rules.salesCloseMinutes * 60_000
}
