import { invalidRequest } from "@airside/kernel/errors"
import { isUuid } from "@airside/kernel/ids"

const DEFAULT_SIZE = 20
const LARGEST_SIZE = 100
const INSTANT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?[+-]\d{2}(:?\d{2})?$/

/** Where a list, newest first, goes on: after this row. `time` is PostgreSQL's text, which keeps the microseconds. */
export interface Position {
  time: string
  id: string
}

/** Reads page_size and page_token. Reasons: INVALID_REQUEST. */
export function parsePage(request: { pageSize: number; pageToken: string }): { size: number; after: Position } {
  const size = request.pageSize || DEFAULT_SIZE
  if (size < 1 || size > LARGEST_SIZE) {
    throw invalidRequest([{ field: "page_size", message: `must be from 1 to ${LARGEST_SIZE}` }])
  }
  return { size, after: request.pageToken ? parseToken(request.pageToken) : START }
}

/** Before the newest row. */
const START: Position = { time: "infinity", id: "ffffffff-ffff-ffff-ffff-ffffffffffff" }

function parseToken(token: string): Position {
  const [time = "", id = ""] = Buffer.from(token, "base64url").toString().split("/")
  if (!INSTANT.test(time) || !isUuid(id)) {
    throw invalidRequest([{ field: "page_token", message: "is not one that this list has given out" }])
  }
  return { time, id }
}

/** Splits `size + 1` rows into the page and the token of the next one; empty when this is the last. */
export function splitPage<Row extends { position: string; id: string }>(rows: Row[], size: number) {
  const page = rows.slice(0, size)
  const last = page.at(-1)
  const hasMore = rows.length > size && last
  return { page, nextPageToken: hasMore ? Buffer.from(`${last.position}/${last.id}`).toString("base64url") : "" }
}
