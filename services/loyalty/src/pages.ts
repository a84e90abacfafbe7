import { Problems } from "@airside/kernel/errors"

const DEFAULT_SIZE = 20
const LARGEST_SIZE = 100

export interface Page {
  size: number
  /** Key of the last row of the page before; undefined for the first page. */
  after: bigint | undefined
}

/** A list request's page. Throws INVALID_REQUEST for page_size and page_token. */
export function parsePage(request: { pageSize: number; pageToken: string }): Page {
  const problems = new Problems()
  const { pageSize } = request
  if (pageSize < 0 || pageSize > LARGEST_SIZE) problems.add("page_size", `must be 1 to ${LARGEST_SIZE}, or 0`)
  const key = Buffer.from(request.pageToken, "base64url").toString()
  const isKey = /^\d{1,18}$/.test(key) && pageToken(BigInt(key)) === request.pageToken
  if (request.pageToken !== "" && !isKey) problems.add("page_token", "must be the next_page_token of an earlier answer")
  problems.throwIfAny()
  return { size: pageSize || DEFAULT_SIZE, after: isKey ? BigInt(key) : undefined }
}

/** Splits rows, of which one more than the page was asked for, into the page and the token of the next one. */
export function cutPage<Row>(page: Page, rows: readonly Row[], keyOf: (row: Row) => bigint) {
  const shown = rows.slice(0, page.size)
  const last = shown.at(-1)
  return { rows: shown, nextPageToken: last && rows.length > page.size ? pageToken(keyOf(last)) : "" }
}

const pageToken = (key: bigint) => Buffer.from(String(key)).toString("base64url")
