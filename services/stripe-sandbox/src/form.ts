/**
 * Stripe's request encoding: `a[b][0]=c` in a query or a form body becomes nested objects and lists.
 * Values stay text; `parameters.ts` turns them into numbers and booleans.
 */
import { invalidRequest } from "./errors.ts"

export type FormValue = string | FormValue[] | { [name: string]: FormValue }
export type Form = { [name: string]: FormValue }

const MOST_NESTED = 8

/** Decodes a form. A key that is used both as a value and as an object is refused. */
export function decodeForm(encoded: string | URLSearchParams): Form {
  const form: Form = Object.create(null)
  for (const [key, value] of new URLSearchParams(encoded)) place(form, pathOf(key), value)
  return form
}

/** The same parameters in one spelling, whatever their order: what an idempotency key is compared by. */
export function canonicalForm(encoded: string): string {
  if (encoded === "") return ""
  const parameters = new URLSearchParams(encoded)
  parameters.sort()
  return parameters.toString()
}

/** `a[b][]` → ["a", "b", ""] */
function pathOf(key: string): string[] {
  const bracket = key.indexOf("[")
  if (bracket <= 0 || !key.endsWith("]")) return [key]
  const path = [key.slice(0, bracket), ...key.slice(bracket + 1, -1).split("][")]
  if (path.length > MOST_NESTED) throw invalidRequest(`Parameters are nested too deeply: ${key}`, { param: key })
  return path
}

function place(form: Form, path: string[], value: string): void {
  let level: Form | FormValue[] = form
  for (const [index, name] of path.entries()) {
    const container = level as Form
    const key = Array.isArray(level) && name === "" ? String(level.length) : name
    const below = path[index + 1]
    if (below === undefined) {
      container[key] = value
      return
    }
    level = containerFor(container[key], below, path)
    container[key] = level
  }
}

/** A list as long as only indexes are put into it; an object from the first name on, as in `metadata[1]`, `metadata[a]`. */
function containerFor(present: FormValue | undefined, below: string, path: string[]): Form | FormValue[] {
  if (typeof present === "string") throw invalidRequest("Invalid object", { param: path[0] })
  const isIndex = /^\d{0,3}$/.test(below)
  if (present === undefined) return isIndex ? [] : Object.create(null)
  return Array.isArray(present) && !isIndex ? Object.assign(Object.create(null), present) : present
}
