import { timingSafeEqual } from "node:crypto"
import { failures } from "../failures.ts"
import type { CancellationTerms } from "./cancellation-terms.ts"

/**
 * Cancellation quotes are signed, not stored: `expiry.digest.terms`, where the digest binds the booking,
 * its terms and the expiry. Whoever has the token can be held to exactly these terms.
 */
export function signQuote(bookingId: string, terms: CancellationTerms, expireTime: Date, key: string): string {
  const expiry = Math.floor(expireTime.getTime() / 1000)
  return `${expiry.toString(36)}.${digest(bookingId, termsText(terms), expiry, key).toString("base64url")}.${termsText(terms)}`
}

/** Throws QUOTE_INVALID, QUOTE_EXPIRED, and QUOTE_CHANGED when the quote was right but the terms are others now. */
export function checkQuote(token: string, bookingId: string, terms: CancellationTerms, now: Date, key: string): void {
  const [expiryText = "", signature = "", quoted = ""] = token.split(".")
  const expiry = Number.parseInt(expiryText, 36)
  const given = Buffer.from(signature, "base64url")
  const expected = digest(bookingId, quoted, expiry, key)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw failures.QUOTE_INVALID({}, [{ field: "quote_token", message: "was not made here, or was altered" }])
  }
  if (expiry * 1000 <= now.getTime())
    throw failures.QUOTE_EXPIRED({}, [{ field: "quote_token", message: "has expired" }])
  if (quoted !== termsText(terms))
    throw failures.QUOTE_CHANGED({}, [{ field: "quote_token", message: "the terms are others now" }])
}

const termsText = ({ refundMinorUnits, pointsReturned, pointsReversed }: CancellationTerms) =>
  [refundMinorUnits, pointsReturned, pointsReversed].map((amount) => amount.toString(36)).join("_")

const digest = (bookingId: string, terms: string, expiry: number, key: string): Buffer =>
  new Bun.CryptoHasher("sha256", `quote:${key}`).update(`${bookingId} ${terms} ${expiry}`).digest()
