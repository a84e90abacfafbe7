import type { Money } from "@airside/protos/airside/type/v1/money"
import { integer, object, text } from "./shape.ts"
import { present } from "./words.ts"

export const moneyShape = object(
  { currency: text({ example: "USD" }), minor_units: integer({ example: 12345 }) },
  { title: "Money", description: "Whole minor units of an ISO 4217 currency: cents for USD." },
)

export const toMoney = (money: Money | undefined) => ({
  currency: present(money).currency,
  minor_units: exactNumber(present(money).minorUnits),
})

/** A number as JSON carries it exactly. Throws rather than round money or points. */
export function exactNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} cannot be carried by JSON exactly`)
  return number
}
