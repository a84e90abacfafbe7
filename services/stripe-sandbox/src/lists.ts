/** Lists with Stripe's cursors, newest first. https://docs.stripe.com/api/pagination */
import { invalidRequest, noSuch } from "./errors.ts"
import { integer, object, type Parsed, text } from "./parameters.ts"
import type { Call } from "./sandbox.ts"
import { type Entry, FACETS, type Kind } from "./store.ts"

/** What every list takes, beside its own filters. */
export const pageParameters = {
  limit: integer,
  starting_after: text,
  ending_before: text,
  created: object({ gt: integer, gte: integer, lt: integer, lte: integer }),
}

type Page = Parsed<typeof pageParameters>
const COMPARISONS = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const

/** One page of a kind, narrowed by its customer, payment intent or facet; filters that are undefined do not count. */
export function listObjects<K extends Kind>(
  call: Call,
  kind: K,
  url: string,
  page: Page,
  filters: { [name: string]: string | undefined } = {},
): { object: "list"; data: Entry<K>["object"][]; has_more: boolean; url: string } {
  const limit = page.limit ?? 10
  if (limit < 1 || limit > 100) {
    throw invalidRequest("Limits must be between 1 and 100.", { code: "parameter_invalid_integer", param: "limit" })
  }
  if (page.starting_after && page.ending_before) {
    throw invalidRequest("You may only specify one of these parameters: starting_after, ending_before.")
  }
  const conditions = ["kind = ?", "hidden ->> '$.deleted' is null"]
  const values: (string | number)[] = [kind]
  for (const [name, value] of Object.entries(filters)) {
    if (value === undefined) continue
    conditions.push(`${FACETS[kind] === name ? "facet" : name} = ?`)
    values.push(value)
  }
  for (const [name, comparison] of Object.entries(COMPARISONS)) {
    const bound = page.created?.[name as keyof typeof COMPARISONS]
    if (bound === undefined) continue
    conditions.push(`body ->> '$.created' ${comparison} ?`)
    values.push(bound)
  }
  if (page.starting_after) {
    conditions.push("sequence < ?")
    values.push(sequenceOf(call, kind, page.starting_after, "starting_after"))
  }
  if (page.ending_before) {
    conditions.push("sequence > ?")
    values.push(sequenceOf(call, kind, page.ending_before, "ending_before"))
  }
  const rows = call.store.sqlite
    .query<{ body: string }, (string | number)[]>(
      `select body
       from objects
       where ${conditions.join(" and ")}
       order by sequence ${page.ending_before ? "asc" : "desc"}
       limit ?`,
    )
    .all(...values, limit + 1)
  const data = rows.slice(0, limit).map(({ body }) => JSON.parse(body))
  if (page.ending_before) data.reverse()
  return { object: "list", data, has_more: rows.length > limit, url }
}

function sequenceOf(call: Call, kind: Kind, id: string, param: string): number {
  const row = call.store.sqlite
    .query<{ sequence: number }, [string, string]>("select sequence from objects where id = ? and kind = ?")
    .get(id, kind)
  if (!row) throw noSuch(kind, id, param, 400)
  return row.sequence
}
