import type { Problems } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"

/** Far more than anybody's points or fare, and far less than what a bigint of the database holds. */
export const LARGEST_AMOUNT = 1_000_000_000_000n

const REASON_LENGTH = 200

/** A UUID in lower case; adds a problem when it is none. */
export function parseUuid(problems: Problems, field: string, value: string): string {
  if (!isUuid(value)) problems.add(field, "must be a UUID")
  return value.toLowerCase()
}

/** A booking reference as backend makes them. */
export function parseBookingReference(problems: Problems, value: string): string {
  if (!/^[A-Za-z0-9-]{1,40}$/.test(value)) problems.add("booking_reference", "must be a booking's reference")
  return value
}

/** Text for the traveller's history, kept as typed; may be empty. */
export function parseReason(problems: Problems, value: string): string {
  const reason = value.trim()
  if (reason.length > REASON_LENGTH) problems.add("reason", `must be at most ${REASON_LENGTH} characters long`)
  if (/\p{Cc}/u.test(reason)) problems.add("reason", "must be one line of text")
  return reason
}
