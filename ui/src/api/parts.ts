import { invalidRequest } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"
import { integer, optional, text } from "./shape.ts"

/** Words of requests and answers that several endpoints share. */
export const dateShape = text({
  format: "date",
  pattern: /^\d{4}-\d{2}-\d{2}$/,
  must: "must be a date that exists, as YYYY-MM-DD",
  check: isDate,
  example: "2027-01-10",
})
export const instantShape = text({ format: "date-time", example: "2027-01-10T02:30:00.000Z" })
export const idShape = text({ pattern: /^[0-9a-f-]{36}$/i, must: "must be a UUID", format: "uuid" })
export const codeShape = text({
  pattern: /^[A-Za-z]{3}$/,
  must: "must be the three letters of an airport",
  example: "DEL",
})
export const pageShapes = {
  page_size: optional(integer({ minimum: 1, maximum: 100, default: 20 })),
  page_token: optional(text({ maximum: 500, description: "next_page_token of the page before" })),
}
export const nextPageShape = optional(text({ description: "Left out on the last page." }))

export const pageOf = (query: { page_size?: number | undefined; page_token?: string | undefined }) => ({
  pageSize: query.page_size ?? 0,
  pageToken: query.page_token ?? "",
})

/** `{user_id}` of a path: a UUID, or "me" for the caller, which services spell as nothing. */
export function userIdOf(text: string): string {
  if (text === "me") return ""
  if (!isUuid(text)) throw invalidRequest([{ field: "user_id", message: "must be a UUID or me" }])
  return text
}

export function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString() === text
  } catch {
    return false
  }
}
