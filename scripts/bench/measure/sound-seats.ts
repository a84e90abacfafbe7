import { seatInvariants } from "../../chaos/checker/seats.ts"
import type { BenchProduct } from "../product.ts"

/** Bookings that each product had when it was looked at last. */
const bookingsBefore = new WeakMap<BenchProduct, number>()

/**
 * Throws when a seat was sold twice or a cabin oversold, by the checker that chaos uses, or when there are not exactly
 * as many new bookings as were answered: what is fast and wrong has no figure.
 */
export async function requireSoundSeats(product: BenchProduct, answered: number): Promise<void> {
  const { admin } = product
  for (const { sentence, find } of seatInvariants) {
    const [finding] = await find({ admin })
    if (finding) throw new Error(`${sentence} But ${finding.subject}: ${finding.detail}`)
  }
  const [{ count }] = await admin`select count(*)::int as count from backend.bookings`
  const before = bookingsBefore.get(product) ?? 0
  if (count !== before + answered) throw new Error(`${answered} holds were answered and ${count - before} were written`)
  bookingsBefore.set(product, count)
}
