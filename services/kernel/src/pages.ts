import { Problems } from "./errors.ts"
import { isUuid } from "./ids.ts"

const DEFAULT_SIZE = 20
const LARGEST_SIZE = 100
const LONGEST_TOKEN = 500
const INSTANT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?[+-]\d{2}(:\d{2})?$/

/** What a part of a sort key may look like: only what PostgreSQL can compare gets to it. */
const PARTS = {
  uuid: isUuid,
  /** An int8 that is not negative. */
  number: (text: string) => /^\d{1,18}$/.test(text),
  /** `create_time::text`: PostgreSQL's text keeps the microseconds, a Date does not. */
  instant: isInstant,
  text: (text: string) => text !== "" && !text.includes("\0"),
} satisfies Record<string, (text: string) => boolean>

type Part = keyof typeof PARTS
type KeyOf<Parts extends readonly [Part, ...Part[]]> = { [Index in keyof Parts]: string }

/**
 * One page of a list, by its sort key: rows that come or go meanwhile neither repeat nor hide others, and the hundredth
 * page costs what the first one does. `after` is the key of the last row of the page before; undefined at the start.
 */
export interface Page<Key extends readonly [string, ...string[]]> {
  size: number
  after: Key | undefined
}

/**
 * Reads page_size (0: 20; at most 100) and page_token of a List request, whose rows are sorted by a unique key of these
 * parts: `parsePage(request, ["instant", "uuid"])`. Reasons: INVALID_REQUEST.
 */
export function parsePage<const Parts extends readonly [Part, ...Part[]]>(
  request: { pageSize: number; pageToken: string },
  parts: Parts,
): Page<KeyOf<Parts>> {
  const problems = new Problems()
  if (request.pageSize < 0 || request.pageSize > LARGEST_SIZE) {
    problems.add("page_size", `must be from 1 to ${LARGEST_SIZE}, or 0 for ${DEFAULT_SIZE}`)
  }
  const after = request.pageToken === "" ? undefined : readToken(request.pageToken, parts)
  if (request.pageToken !== "" && !after) problems.add("page_token", "must be the next_page_token of an earlier answer")
  problems.throwIfAny()
  return { size: request.pageSize || DEFAULT_SIZE, after }
}

/** Cuts rows that were read with `limit ${page.size + 1}` to the page, with the token of the next one, "" at the end. */
export function cutPage<Row, Key extends readonly [string, ...string[]]>(
  rows: readonly Row[],
  page: Page<Key>,
  keyOf: (row: Row) => Key,
): { items: Row[]; nextPageToken: string } {
  const items = rows.slice(0, page.size)
  const last = items.at(-1)
  return { items, nextPageToken: last && rows.length > page.size ? writeToken(keyOf(last)) : "" }
}

const writeToken = (key: readonly string[]) => Buffer.from(JSON.stringify(key)).toString("base64url")

function readToken<Parts extends readonly [Part, ...Part[]]>(token: string, parts: Parts): KeyOf<Parts> | undefined {
  if (token.length > LONGEST_TOKEN) return undefined
  try {
    const key: unknown = JSON.parse(Buffer.from(token, "base64url").toString())
    const fits =
      Array.isArray(key) &&
      key.length === parts.length &&
      parts.every((part, index) => typeof key[index] === "string" && PARTS[part](key[index]))
    return fits && writeToken(key) === token ? (key as unknown as KeyOf<Parts>) : undefined
  } catch {
    return undefined
  }
}

function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false
  try {
    Temporal.Instant.from(text.replace(" ", "T"))
    return true
  } catch {
    return false
  }
}
