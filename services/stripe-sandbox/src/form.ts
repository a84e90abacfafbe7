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
  const last = path.length - 1
  let level: Form | FormValue[] = form
  for (const [index, name] of path.entries()) {
    const key: string = Array.isArray(level) && name === "" ? String(level.length) : name
    const container = level as Form
    if (index === last) {
      container[key] = value
      return
    }
    const next = container[key] ?? (/^\d*$/.test(path[index + 1] ?? "") ? [] : Object.create(null))
    if (typeof next === "string" || (Array.isArray(next) && !/^\d{0,3}$/.test(path[index + 1] ?? ""))) {
      throw invalidRequest(`Invalid object: ${path.join(".")}`, { param: path[0] })
    }
    container[key] = next
    level = next as Form
  }
}
