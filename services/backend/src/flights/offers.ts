import { timingSafeEqual } from "node:crypto"
import { failures } from "../failures.ts"
import type { CabinName } from "./cabins.ts"
import type { Brand, PassengerCounts } from "./fares.ts"

/** What a traveller was shown and may hold until it expires. */
export interface OfferTerms {
  expireTime: Date
  cabin: CabinName
  brand: Brand
  counts: PassengerCounts
  currency: string
  totalMinorUnits: bigint
  segments: { flightId: string; date: string; version: number; adultFareMinorUnits: bigint }[]
}

const FORMAT = 1
const CABINS: CabinName[] = ["economy", "premium_economy", "business", "first"]
const BRAND_CODES: Brand[] = ["light", "standard", "flex"]
const HEADER_BYTES = 22
const SEGMENT_BYTES = 30
const SIGNATURE_BYTES = 16
const EPOCH_DAY = Date.UTC(2020, 0, 1)
const DAY_MILLISECONDS = 86_400_000

/**
 * Offers are signed, not stored: the terms as some tens of bytes followed by a truncated HMAC-SHA256, base64url. One
 * segment makes 91 characters, six make 291.
 */
export function signOffer(terms: OfferTerms, key: string): string {
  const bytes = Buffer.alloc(HEADER_BYTES + terms.segments.length * SEGMENT_BYTES)
  bytes.writeUInt8(FORMAT, 0)
  bytes.writeUInt32BE(Math.floor(terms.expireTime.getTime() / 1000), 1)
  bytes.writeUInt8(CABINS.indexOf(terms.cabin), 5)
  bytes.writeUInt8(BRAND_CODES.indexOf(terms.brand), 6)
  bytes.writeUInt8(terms.counts.adults, 7)
  bytes.writeUInt8(terms.counts.children, 8)
  bytes.writeUInt8(terms.counts.infants, 9)
  bytes.write(terms.currency, 10, 3, "latin1")
  bytes.writeUInt8(terms.segments.length, 13)
  bytes.writeBigUInt64BE(terms.totalMinorUnits, 14)
  for (const [index, segment] of terms.segments.entries()) {
    const at = HEADER_BYTES + index * SEGMENT_BYTES
    bytes.write(segment.flightId.replaceAll("-", ""), at, 16, "hex")
    bytes.writeUInt16BE((Date.parse(segment.date) - EPOCH_DAY) / DAY_MILLISECONDS, at + 16)
    bytes.writeUInt32BE(segment.version, at + 18)
    bytes.writeBigUInt64BE(segment.adultFareMinorUnits, at + 22)
  }
  return Buffer.concat([bytes, signatureOf(bytes, key)]).toString("base64url")
}

/** The terms of a token, expired or not. Throws OFFER_INVALID for one that was not signed here. */
export function readOffer(token: string, key: string, field: string): OfferTerms {
  const all = Buffer.from(token, "base64url")
  const bytes = all.subarray(0, -SIGNATURE_BYTES)
  const signature = all.subarray(-SIGNATURE_BYTES)
  const authentic =
    token.length <= 1000 &&
    bytes.length >= HEADER_BYTES &&
    signature.length === SIGNATURE_BYTES &&
    timingSafeEqual(signature, signatureOf(bytes, key))
  if (!authentic || bytes.readUInt8(0) !== FORMAT) {
    throw failures.OFFER_INVALID({}, [{ field, message: "was not made here, or was altered" }])
  }
  return {
    expireTime: new Date(bytes.readUInt32BE(1) * 1000),
    cabin: CABINS[bytes.readUInt8(5)]!,
    brand: BRAND_CODES[bytes.readUInt8(6)]!,
    counts: { adults: bytes.readUInt8(7), children: bytes.readUInt8(8), infants: bytes.readUInt8(9) },
    currency: bytes.toString("latin1", 10, 13),
    totalMinorUnits: bytes.readBigUInt64BE(14),
    segments: Array.from({ length: bytes.readUInt8(13) }, (_, index) => {
      const at = HEADER_BYTES + index * SEGMENT_BYTES
      return {
        flightId: uuidFromHex(bytes.toString("hex", at, at + 16)),
        date: new Date(EPOCH_DAY + bytes.readUInt16BE(at + 16) * DAY_MILLISECONDS).toISOString().slice(0, 10),
        version: bytes.readUInt32BE(at + 18),
        adultFareMinorUnits: bytes.readBigUInt64BE(at + 22),
      }
    }),
  }
}

const signatureOf = (bytes: Uint8Array, key: string): Buffer =>
  new Bun.CryptoHasher("sha256", `offer:${key}`).update(bytes).digest().subarray(0, SIGNATURE_BYTES)

const uuidFromHex = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
