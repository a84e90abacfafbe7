import type { Problems } from "@airside/kernel/errors"

/**
 * What a JSON value must look like, once: requests are parsed by it, answers are typed by it, the OpenAPI document
 * prints it. Elysia's own schemas would read "5" as the number 5 and round integers that JSON cannot carry.
 */
export interface Shape<T> {
  /** JSON Schema, as OpenAPI 3.1 takes it. */
  schema: JsonSchema
  /** Set on a property that may be left out; null counts as left out. */
  optional?: true
  /** The value, or undefined after adding to the problems what is wrong with it, by its path. */
  parse(value: unknown, path: string, problems: Problems): T
}

export type JsonSchema = Record<string, unknown>
/** The type of a shape's values. */
export type Of<S> = S extends Shape<infer T> ? T : never

type Properties = Record<string, Shape<unknown>>
type OptionalKeys<P extends Properties> = { [K in keyof P]: undefined extends Of<P[K]> ? K : never }[keyof P]
type ObjectOf<P extends Properties> = { [K in Exclude<keyof P, OptionalKeys<P>>]: Of<P[K]> } & {
  [K in OptionalKeys<P>]?: Of<P[K]>
}
export type ObjectShape<T> = Shape<T> & { properties: Properties }

/** An object with these properties and no others. */
export function object<P extends Properties>(properties: P, about: JsonSchema = {}): ObjectShape<ObjectOf<P>> {
  const required = Object.keys(properties).filter((name) => !properties[name]!.optional)
  const schemas = Object.fromEntries(Object.entries(properties).map(([name, { schema }]) => [name, schema]))
  return {
    properties,
    schema: { type: "object", properties: schemas, required, additionalProperties: false, ...about },
    parse(value, path, problems) {
      if (value === null || typeof value !== "object" || Array.isArray(value)) {
        return wrong(problems, path, "must be an object")
      }
      const given = value as Record<string, unknown>
      for (const name of Object.keys(given)) {
        if (!Object.hasOwn(properties, name)) problems.add(join(path, name), "is not known here")
      }
      const parsed: Record<string, unknown> = {}
      for (const [name, shape] of Object.entries(properties)) {
        const property = Object.hasOwn(given, name) ? given[name] : undefined
        if (shape.optional && (property === undefined || property === null)) continue
        if (property === undefined) problems.add(join(path, name), "is missing")
        else parsed[name] = shape.parse(property, join(path, name), problems)
      }
      return parsed as ObjectOf<P>
    },
  }
}

export function list<T>(of: Shape<T>, { minimum = 0, maximum = 100, ...about }: Limits = {}): Shape<T[]> {
  return {
    schema: { type: "array", items: of.schema, minItems: minimum, maxItems: maximum, ...about },
    parse(value, path, problems) {
      if (!Array.isArray(value)) return wrong(problems, path, "must be a list")
      if (value.length < minimum || value.length > maximum) {
        return wrong(problems, path, `must have ${minimum} to ${maximum} entries`)
      }
      return value.map((each, index) => of.parse(each, `${path}[${index}]`, problems))
    },
  }
}

/** Text of so many characters. `pattern` and `check` come with `must`, what to say to people: "must be …". */
export function text({ minimum = 0, maximum = 1000, pattern, check, must, ...about }: TextLimits = {}): Shape<string> {
  return {
    schema: { type: "string", minLength: minimum, maxLength: maximum, pattern: pattern?.source, ...about },
    parse(value, path, problems) {
      if (typeof value !== "string") return wrong(problems, path, "must be text")
      if (minimum > 0 && value.trim() === "") return wrong(problems, path, "must not be empty")
      if (value.length < minimum || value.length > maximum) {
        return wrong(problems, path, `must have ${minimum} to ${maximum} characters`)
      }
      const fits = (!pattern || pattern.test(value)) && (!check || check(value))
      if (!fits) return wrong(problems, path, must ?? "is malformed")
      return value
    },
  }
}

/** A whole number that JSON carries exactly. */
export function integer({ minimum, maximum, ...about }: Limits = {}): Shape<number> {
  const least = minimum ?? Number.MIN_SAFE_INTEGER
  const most = maximum ?? Number.MAX_SAFE_INTEGER
  return {
    schema: { type: "integer", minimum, maximum, ...about },
    parse(value, path, problems) {
      if (typeof value !== "number" || !Number.isInteger(value)) {
        return wrong(problems, path, "must be a whole number")
      }
      if (!Number.isSafeInteger(value)) return wrong(problems, path, "is larger than JSON can carry exactly")
      if (value < least) return wrong(problems, path, `must be at least ${least}`)
      if (value > most) return wrong(problems, path, `must be at most ${most}`)
      return value
    },
  }
}

export const number = (about: JsonSchema = {}): Shape<number> => ({
  schema: { type: "number", ...about },
  parse: (value, path, problems) => (typeof value === "number" ? value : wrong(problems, path, "must be a number")),
})

export const flag = (about: JsonSchema = {}): Shape<boolean> => ({
  schema: { type: "boolean", ...about },
  parse: (value, path, problems) =>
    typeof value === "boolean" ? value : wrong(problems, path, "must be true or false"),
})

export function choice<const Word extends string>(words: readonly Word[], about: JsonSchema = {}): Shape<Word> {
  return {
    schema: { type: "string", enum: words, ...about },
    parse: (value, path, problems) =>
      words.includes(value as Word) ? (value as Word) : wrong(problems, path, `must be one of ${words.join(", ")}`),
  }
}

/** A property that may be left out. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({ ...shape, optional: true })

/** A property of an answer that is null where there is nothing to say. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  schema: { anyOf: [shape.schema, { type: "null" }] },
  parse: (value, path, problems) => (value === null ? null : shape.parse(value, path, problems)),
})

interface Limits extends JsonSchema {
  minimum?: number
  maximum?: number
}

interface TextLimits extends Limits {
  pattern?: RegExp
  check?: (value: string) => boolean
  must?: string
}

function wrong(problems: Problems, path: string, message: string): never {
  problems.add(path === "" ? "body" : path, message)
  // The caller throws once everything is collected and never sees this value.
  return undefined as never
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`)
