import { invalidRequest } from "./errors.ts"

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Ids of rows: sorted by the time of their making (RFC 9562, version 7). */
export const newId = (): string => Bun.randomUUIDv7()

/** The same parts always give the same id (RFC 9562, version 5): ids that a repeated step must find again. */
export const derivedId = (...parts: (string | number)[]): string =>
  Bun.randomUUIDv5(parts.join(":"), "6ba7b812-9dad-11d1-80b4-00c04fd430c8")

export const isUuid = (text: string): boolean => UUID.test(text)

/** A request_id as callers must send it. Throws INVALID_REQUEST. */
export function parseRequestId(requestId: string): string {
  if (!isUuid(requestId))
    throw invalidRequest([{ field: "request_id", message: "must be a UUID that you make for this request" }])
  return requestId.toLowerCase()
}
