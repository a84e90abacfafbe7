/** So many points of one lot. */
export interface Portion {
  lotId: string
  points: bigint
}

/** Distributes points over lots in their order. Throws when they hold less: then the ledger would be wrong. */
export function portion(lots: readonly { lotId: string; remaining: bigint }[], points: bigint): Portion[] {
  const portions: Portion[] = []
  let missing = points
  for (const { lotId, remaining } of lots) {
    if (missing === 0n) break
    const taken = least(remaining, missing)
    portions.push({ lotId, points: taken })
    missing -= taken
  }
  if (missing > 0n) throw new Error(`the lots hold ${missing} points less than the balance says`)
  return portions
}

/** Portions as the arrays that `unnest` takes; the numbers as text, because the driver knows no array of bigint. */
export function columnsOf(portions: readonly Portion[]): { lotIds: string[]; points: string[] } {
  return { lotIds: portions.map((each) => each.lotId), points: portions.map((each) => String(each.points)) }
}

export const least = (one: bigint, other: bigint) => (one < other ? one : other)
export const greatest = (one: bigint, other: bigint) => (one > other ? one : other)
