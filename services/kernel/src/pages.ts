import { invalidRequest } from "./errors.ts"

const DEFAULT_SIZE = 20
const LARGEST_SIZE = 100

export interface Page {
  size: number
  offset: number
}

/** Reads page_size and page_token of a List request. Reasons: INVALID_REQUEST. */
export function parsePage(request: { pageSize: number; pageToken: string }): Page {
  if (request.pageSize < 0 || request.pageSize > LARGEST_SIZE) {
    throw invalidRequest([{ field: "page_size", message: `must be from 1 to ${LARGEST_SIZE}` }])
  }
  const text = Buffer.from(request.pageToken, "base64url").toString()
  if (request.pageToken !== "" && !/^o[1-9]\d{0,8}$/.test(text)) {
    throw invalidRequest([{ field: "page_token", message: "is not one that was answered here" }])
  }
  return { size: request.pageSize || DEFAULT_SIZE, offset: Number(text.slice(1)) }
}

/** Cuts rows that were read with `limit size + 1` to the page, and says whether another one follows. */
export function pageOf<Row>(rows: readonly Row[], page: Page): { items: Row[]; nextPageToken: string } {
  const more = rows.length > page.size
  return {
    items: rows.slice(0, page.size),
    nextPageToken: more ? Buffer.from(`o${page.offset + page.size}`).toString("base64url") : "",
  }
}
