/** Stripe's own declarations, read from the `stripe` package, as a judge of what the sandbox answers. */
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"

const RESOURCES = join(dirname(Bun.resolveSync("stripe", import.meta.dir)), "resources")

interface Field {
  isOptional: boolean
  type: string
}

/** Interfaces by their full name, such as "Charge.Outcome", and types such as "Charge.Status" by their text. */
interface Declarations {
  interfaces: Map<string, Map<string, Field>>
  aliases: Map<string, string>
}

/**
 * Where the value is not what Stripe declares: a required field is missing, null where it may not be, or of another
 * type. `file` is one of the package's resources, such as "Charges"; `name` an interface in it.
 */
export function deviations(value: unknown, file: string, name: string): string[] {
  const declarations = readDeclarations(file)
  if (!declarations.interfaces.has(name)) throw new Error(`${file}.d.ts declares no interface ${name}`)
  const found: string[] = []
  walk(declarations, value, name, "", name, found)
  return found
}

function readDeclarations(file: string): Declarations {
  const interfaces: Declarations["interfaces"] = new Map()
  const aliases: Declarations["aliases"] = new Map()
  const namespaces: string[] = []
  let fields: Map<string, Field> | undefined
  const text = readFileSync(join(RESOURCES, `${file}.d.ts`), "utf8").replace(/\/\*[\s\S]*?\*\//g, "")
  for (const line of text.split("\n").map((each) => each.trim())) {
    const opened = /^(?:export )?(?:declare )?(interface|namespace|class) (\w+).*\{(\})?$/.exec(line)
    if (opened) {
      const name = [...namespaces, opened[2]].join(".")
      if (opened[1] === "namespace") namespaces.push(opened[2]!)
      else fields = new Map()
      if (opened[1] === "interface") interfaces.set(name, fields!)
      if (opened[3]) fields = undefined
    } else if (line === "}") {
      if (fields) fields = undefined
      else namespaces.pop()
    } else if (fields) {
      const field = /^(\w+)(\?)?: (.+);$/.exec(line)
      if (field) fields.set(field[1]!, { isOptional: field[2] === "?", type: field[3]! })
    } else {
      const alias = /^(?:export )?type (\w+) = (.+);$/.exec(line)
      if (alias) aliases.set([...namespaces, alias[1]].join("."), alias[2]!)
    }
  }
  return { interfaces, aliases }
}

/** Checks the value against the type's text, which stands in the named scope; true when one alternative takes it. */
function walk(all: Declarations, value: unknown, type: string, scope: string, path: string, found: string[]): void {
  const known = resolve(all, type, scope)
  const list = /^Array<(.+)>$/.exec(type)
  if (known?.alias) {
    walk(all, value, known.alias, parentOf(known.name), path, found)
  } else if (type.includes(" | ")) {
    walkUnion(all, value, type.split(" | "), scope, path, found)
  } else if (list) {
    if (!Array.isArray(value)) found.push(`${path}: no list`)
    else for (const [index, item] of value.entries()) walk(all, item, list[1]!, scope, `${path}[${index}]`, found)
  } else if (known?.fields) {
    if (typeof value !== "object" || value === null) found.push(`${path}: no object`)
    else walkFields(all, value as Record<string, unknown>, known.fields, known.name, path, found)
  } else if (!isPrimitive(value, type)) {
    found.push(`${path}: ${JSON.stringify(value)} is no ${type}`)
  }
}

function walkFields(
  all: Declarations,
  value: Record<string, unknown>,
  fields: Map<string, Field>,
  scope: string,
  path: string,
  found: string[],
): void {
  for (const [name, { isOptional, type }] of fields) {
    if (value[name] !== undefined) walk(all, value[name], type, scope, `${path}.${name}`, found)
    else if (!isOptional) found.push(`${path}.${name}: missing`)
  }
  // What is declared as an empty interface may be any object.
  if (fields.size === 0) return
  for (const name of Object.keys(value)) if (!fields.has(name)) found.push(`${path}.${name}: not declared`)
}

function walkUnion(all: Declarations, value: unknown, types: string[], scope: string, path: string, found: string[]) {
  const attempts = types.map((type) => {
    const complaints: string[] = []
    walk(all, value, type, scope, path, complaints)
    return complaints
  })
  if (attempts.some((complaints) => complaints.length === 0)) return
  // The alternative that says most about the value: the others are of another kind altogether.
  found.push(...attempts.toSorted((one, other) => other.length - one.length)[0]!)
}

function isPrimitive(value: unknown, type: string): boolean {
  if (type === "null") return value === null
  if (type === "OtherString") return typeof value === "string"
  if (["string", "number", "boolean"].includes(type)) return typeof value === type
  const literal = /^'(.*)'$/.exec(type)
  if (literal) return value === literal[1]
  if (type === "true" || type === "false") return value === (type === "true")
  // Declared elsewhere: an object, and nothing more is known here.
  return typeof value === "object" && value !== null
}

/** A name as it is seen from inside a scope: innermost first. */
function resolve({ interfaces, aliases }: Declarations, type: string, scope: string) {
  if (!/^[A-Z][\w.]*$/.test(type)) return undefined
  for (let within = scope; ; within = parentOf(within)) {
    const name = within ? `${within}.${type}` : type
    if (interfaces.has(name)) return { name, fields: interfaces.get(name) }
    if (aliases.has(name)) return { name, alias: aliases.get(name) }
    if (!within) return undefined
  }
}

const parentOf = (name: string) => name.split(".").slice(0, -1).join(".")
