import type { Problems } from "@airside/kernel/errors"
import type { ObjectShape } from "./api/shape.ts"
import { HttpProblem } from "./problems.ts"

/** Nothing that anybody sends us is larger. */
export const BODY_BYTES = 1024 * 1024

export const bodyTooLarge = () =>
  new HttpProblem(413, "BODY_TOO_LARGE", "The request is larger than 1 MiB, the most that is accepted.")

/** The body byte for byte. Throws BODY_TOO_LARGE, also for one that came without its length. */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.byteLength > BODY_BYTES) throw bodyTooLarge()
  return bytes
}

/** The body as JSON, undefined when there is none. Throws BODY_TOO_LARGE, CONTENT_TYPE and MALFORMED_JSON. */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request)
  if (bytes.byteLength === 0) return undefined
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? ""
  if (type !== "application/json" && !/^application\/[\w.-]+\+json$/.test(type)) {
    throw new HttpProblem(415, "CONTENT_TYPE", "Send the body as JSON, with Content-Type: application/json.")
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    throw new HttpProblem(400, "MALFORMED_JSON", "The body is not well-formed JSON in UTF-8.")
  }
}

/**
 * The query as an object for its shape: numbers as numbers, true and false as such, lists where a list is wanted; what is
 * empty is left out, and what is given twice is refused where one is wanted.
 */
export function readQuery(request: Request, shape: ObjectShape<unknown>, problems: Problems): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  for (const [name, value] of new URL(request.url).searchParams) {
    const type = shape.properties[name]?.schema.type
    if (type !== "array" && Object.hasOwn(given, name)) problems.add(name, "is given more than once")
    if (value === "") continue
    if (type === "array") given[name] = [...((given[name] as string[] | undefined) ?? []), value]
    else if (type === "integer" && /^-?\d+$/.test(value)) given[name] = Number(value)
    else if (type === "boolean" && /^(true|false)$/.test(value)) given[name] = value === "true"
    else given[name] = value
  }
  return given
}
