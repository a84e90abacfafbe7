import { SeatPosition } from "@airside/protos/airside/flights/v1/flights"
import type { CabinName } from "./cabins.ts"

export interface LaidOutSeat {
  /** Row and letter, such as "12C". */
  number: string
  position: SeatPosition
}

/** Blocks of seats between aisles, left to right. Wide cabins have two aisles. */
const BLOCKS: Record<CabinName, { narrow: string[]; wide: string[] }> = {
  first: { narrow: ["AC", "DF"], wide: ["A", "DG", "K"] },
  business: { narrow: ["AC", "DF"], wide: ["AC", "DG", "HK"] },
  premium_economy: { narrow: ["ABC", "DEF"], wide: ["AC", "DEFG", "HK"] },
  economy: { narrow: ["ABC", "DEF"], wide: ["ABC", "DEFG", "HJK"] },
}

/** Rows by cabin do not overlap, so that a seat number tells its cabin. */
const FIRST_ROW: Record<CabinName, number> = { first: 1, business: 10, premium_economy: 30, economy: 40 }

/** Economy cabins larger than a single aisle can take. */
const WIDE_FROM = { first: 8, business: 24, premium_economy: 24, economy: 200 }

/** The seats of a cabin, as many as its capacity; the last row may be short. */
export function seatLayout(cabin: CabinName, capacity: number): LaidOutSeat[] {
  const blocks = BLOCKS[cabin][capacity >= WIDE_FROM[cabin] ? "wide" : "narrow"]
  const letters = blocks.join("")
  const aisles = new Set(
    blocks.flatMap((block, index) => [index > 0 ? block[0]! : "", index < blocks.length - 1 ? block.at(-1)! : ""]),
  )
  const positionOf = (letter: string) => {
    if (letter === letters[0] || letter === letters.at(-1)) return SeatPosition.WINDOW
    return aisles.has(letter) ? SeatPosition.AISLE : SeatPosition.MIDDLE
  }
  return Array.from({ length: capacity }, (_, index) => {
    const letter = letters[index % letters.length]!
    return { number: `${FIRST_ROW[cabin] + Math.floor(index / letters.length)}${letter}`, position: positionOf(letter) }
  })
}
