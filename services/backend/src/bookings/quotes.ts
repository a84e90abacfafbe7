import { timingSafeEqual } from "node:crypto"
import { failures } from "../failures.ts"
import type { CancellationScope } from "./cancellation-scope.ts"
import type { CancellationTerms } from "./cancellation-terms.ts"

const FIELD = "quote_token"

/**
 * Cancellation quotes are signed, not stored: `expiry.digest.terms.scope`, where the digest binds the booking, its
 * terms, what they are for and the expiry. Whoever has the token can be held to exactly these terms.
 */
export function signQuote(
  bookingId: string,
  scope: CancellationScope,
  terms: CancellationTerms,
  expireTime: Date,
  key: string,
): string {
  const expiry = Math.floor(expireTime.getTime() / 1000).toString(36)
  const signed = `${termsText(terms)}.${scopeText(scope)}`
  return `${expiry}.${digest(bookingId, expiry, signed, key).toString("base64url")}.${signed}`
}

/** What a quote is for. Throws QUOTE_INVALID for a token that was not made for this booking, QUOTE_EXPIRED for an old one. */
export function readQuote(token: string, bookingId: string, now: Date, key: string): CancellationScope {
  const [expiry = "", signature = "", terms = "", scope = ""] = token.split(".")
  const given = Buffer.from(signature, "base64url")
  const expected = digest(bookingId, expiry, `${terms}.${scope}`, key)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw failures.QUOTE_INVALID({}, [{ field: FIELD, message: "was not made here, or was altered" }])
  }
  if (Number.parseInt(expiry, 36) * 1000 <= now.getTime()) {
    throw failures.QUOTE_EXPIRED({}, [{ field: FIELD, message: "has expired" }])
  }
  return readScope(scope)
}

/** Throws QUOTE_CHANGED when the terms are others now than those that the token was signed for. */
export function requireQuoted(token: string, terms: CancellationTerms): void {
  if (token.split(".")[2] === termsText(terms)) return
  throw failures.QUOTE_CHANGED({}, [{ field: FIELD, message: "the terms are others now" }])
}

const termsText = ({ refundMinorUnits, pointsReturned, pointsReversed }: CancellationTerms) =>
  [refundMinorUnits, pointsReturned, pointsReversed].map((amount) => amount.toString(36)).join("_")

const scopeText = (scope: CancellationScope) =>
  Buffer.from(JSON.stringify([scope.passengerIds, scope.slices])).toString("base64url")

/** Only read after the digest has been checked: it is what was written here. */
function readScope(text: string): CancellationScope {
  const [passengerIds, slices] = JSON.parse(Buffer.from(text, "base64url").toString()) as [string[], number[]]
  return { passengerIds, slices }
}

const digest = (bookingId: string, expiry: string, signed: string, key: string): Buffer =>
  new Bun.CryptoHasher("sha256", `quote:${key}`).update(`${bookingId} ${expiry} ${signed}`).digest()
