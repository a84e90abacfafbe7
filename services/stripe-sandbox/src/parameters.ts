/**
 * What an operation accepts, written as a table: each parameter's name and its reader. Unknown, missing and
 * malformed parameters are refused in Stripe's words; the operation receives plain typed values.
 */
import { invalidRequest } from "./errors.ts"
import type { Form, FormValue } from "./form.ts"

/** Reads one value; `name` is its full name for messages, such as `line_items[0][quantity]`. */
type Reader<T> = (value: FormValue, name: string) => T
type Required<T> = Reader<T> & { required: true }
export type Shape = Record<string, Reader<unknown>>

/** Required parameters are there; the others may be undefined. */
export type Parsed<S extends Shape> = {
  [Name in keyof S as S[Name] extends { required: true } ? Name : never]: ReturnType<S[Name]>
} & { [Name in keyof S as S[Name] extends { required: true } ? never : Name]?: ReturnType<S[Name]> | undefined }

/** Reads a form as the shape says. Codes: parameter_unknown, parameter_missing, parameter_invalid_…. */
export function readParameters<S extends Shape>(shape: S, form: Form, parent = ""): Parsed<S> {
  const values: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(form)) {
    const name = parent ? `${parent}[${key}]` : key
    const read = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (!read) throw invalidRequest(`Received unknown parameter: ${name}`, { code: "parameter_unknown", param: name })
    values[key] = read(value, name)
  }
  for (const [key, read] of Object.entries(shape)) {
    if (values[key] !== undefined || !("required" in read)) continue
    const name = parent ? `${parent}[${key}]` : key
    throw invalidRequest(`Missing required param: ${name}.`, { code: "parameter_missing", param: name })
  }
  return values as Parsed<S>
}

export function required<T>(read: Reader<T>): Required<T> {
  return Object.assign((value: FormValue, name: string) => read(value, name), { required: true as const })
}

export const text: Reader<string> = (value, name) => {
  if (typeof value !== "string") throw invalidRequest(`Invalid string: ${JSON.stringify(value)}`, { param: name })
  if (value === "") {
    const rule = "We assume empty values are an attempt to unset a parameter"
    throw invalidRequest(`You passed an empty string for '${name}'. ${rule}; however '${name}' cannot be unset.`, {
      code: "parameter_invalid_empty",
      param: name,
    })
  }
  if (value.length > 5000) {
    throw invalidRequest(`Invalid string: ${name} must be at most 5000 characters`, {
      code: "parameter_invalid_string",
      param: name,
    })
  }
  return value
}

/** Text that an empty value unsets: null. */
export const clearableText: Reader<string | null> = (value, name) => (value === "" ? null : text(value, name))

/** A link to a web page; Stripe's templates such as {CHECKOUT_SESSION_ID} may be part of it. */
export const webUrl: Reader<string> = (value, name) => {
  const url = text(value, name)
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url
  throw invalidRequest("Not a valid URL", { code: "url_invalid", param: name })
}

export const integer: Reader<number> = (value, name) => {
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(number)) {
    throw invalidRequest(`Invalid integer: ${value}`, { code: "parameter_invalid_integer", param: name })
  }
  return number
}

/** At least 1; money and quantities. */
export const positiveInteger: Reader<number> = (value, name) => {
  const number = integer(value, name)
  if (number < 1) {
    throw invalidRequest("This value must be greater than or equal to 1.", {
      code: "parameter_invalid_integer",
      param: name,
    })
  }
  return number
}

export const boolean: Reader<boolean> = (value, name) => {
  if (value !== "true" && value !== "false") throw invalidRequest(`Invalid boolean: ${value}`, { param: name })
  return value === "true"
}

export const oneOf =
  <const T extends string>(...choices: T[]): Reader<T> =>
  (value, name) => {
    if (choices.includes(value as T)) return value as T
    const list = choices.length > 1 ? `one of ${choices.slice(0, -1).join(", ")}, or ${choices.at(-1)}` : choices[0]
    throw invalidRequest(`Invalid ${name}: must be ${list}`, { param: name })
  }

export const list =
  <T>(read: Reader<T>): Reader<T[]> =>
  (value, name) => {
    if (value === "") return []
    if (!Array.isArray(value)) throw invalidRequest("Invalid array", { param: name })
    return value.filter((item) => item !== undefined).map((item, index) => read(item, `${name}[${index}]`))
  }

export const object =
  <S extends Shape>(shape: S): Reader<Parsed<S>> =>
  (value, name) => {
    if (typeof value === "string" || Array.isArray(value)) throw invalidRequest("Invalid object", { param: name })
    return readParameters(shape, value, name)
  }

/**
 * Of the listed ways to pay those that there are: cards. Stripe, too, leaves the others out without a word.
 * https://docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter
 */
export const paymentMethodTypes: Reader<"card"[]> = (value, name) => {
  if (list(text)(value, name).includes("card")) return ["card"]
  throw invalidRequest("No valid payment method types: the sandbox has cards only.", { param: name })
}

/** Not writable any more. https://docs.stripe.com/changelog/endive/2026-09-30 */
export const withdrawnPaymentMethodTypes: Reader<never> = (_, name) => {
  throw invalidRequest(`${name} is no longer supported. Use allowed_payment_method_types instead.`, {
    code: "payment_method_types_no_longer_supported",
    param: name,
  })
}

/** Changes to an object's metadata; an empty value removes its key. At most 50 keys of 40, values of 500 characters. */
export const metadata: Reader<Record<string, string>> = (value, name) => {
  if (value === "") return {}
  const entries = typeof value === "object" ? Object.entries(value) : undefined
  if (!entries) throw invalidRequest("Invalid hash", { param: name })
  for (const [key, item] of entries) {
    if (typeof item !== "string" || key.length > 40 || item.length > 500 || entries.length > 50) {
      const rule = "at most 50 keys of up to 40 characters with values of up to 500 characters"
      throw invalidRequest(`Invalid metadata: ${rule}`, { param: `${name}[${key}]` })
    }
  }
  return Object.fromEntries(entries) as Record<string, string>
}

/** Metadata after a change. */
export function mergeMetadata(before: Record<string, string>, change: Record<string, string> | undefined) {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ""))
}
