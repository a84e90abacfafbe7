/**
 * Markup that stands in a page as it is. Only `html` makes it, and layout.tsx of jsx, so whatever is in there was written
 * by us or escaped.
 */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

type Value = Markup | readonly Markup[] | string | number | false | undefined

/**
 * A template for what is rendered often, where jsx costs several times as much: html`<b>${name}</b>`. Every text
 * is escaped, in attributes too if they are quoted; false and undefined leave nothing, and so do a line's break and its
 * indentation. What a template itself says beyond ASCII becomes character references: one wider character doubles every
 * character of a page in memory, and has all of it encoded anew when it is sent.
 */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Markup => joined(asSent(strings), values)

function joined(parts: readonly string[], values: readonly Value[]): Markup {
  let text = parts[0]!
  for (let index = 0; index < values.length; index++) {
    text = `${text}${markupOf(values[index])}${parts[index + 1]!}`
  }
  return new Markup(text)
}

/**
 * A template of which most is known beforehand: `make` is called once, and what stands between the values that are not
 * known yet is one piece each. Throws unless each of them stands there once, in the order in which they are named.
 */
export function prepared<Values extends Value[]>(
  make: (...values: { [Index in keyof Values]: Markup }) => Markup,
): (...values: Values) => Markup {
  const gaps = Array.from({ length: make.length }, (_, index) => new Markup(`\0${index}\0`))
  const pieces = make(...(gaps as never)).text.split(/\0(\d+)\0/)
  const parts = pieces.filter((_, index) => index % 2 === 0)
  const found = pieces.filter((_, index) => index % 2 === 1)
  if (found.join() !== [...gaps.keys()].join()) throw new Error(`a prepared template has its values as ${found}`)
  return (...values) => joined(parts, values)
}

/**
 * Markup that stands in many pages, or many times in one. A text is a tree of its parts until somebody looks into it, and
 * whoever sends a page walks through all of them, at each place anew.
 */
export const inOnePiece = (markup: Markup): Markup => (markup.text.charCodeAt(0) > 0 ? markup : NOTHING)

const NOTHING = new Markup("")

/** By the template, which is the same object at every use of it. */
const known = new WeakMap<TemplateStringsArray, string[]>()

function asSent(strings: TemplateStringsArray): string[] {
  let parts = known.get(strings)
  if (!parts) {
    parts = strings.map((part) => part.replace(/\s*\n\s*/g, "").replace(/\P{ASCII}/gu, referenceTo))
    known.set(strings, parts)
  }
  return parts
}

const referenceTo = (character: string) => `&#${character.codePointAt(0)};`

function markupOf(value: Value): string {
  if (typeof value === "string") return Bun.escapeHTML(value)
  if (value instanceof Markup) return value.text
  if (value === undefined || value === false) return ""
  if (typeof value === "number") return String(value)
  let text = ""
  for (const each of value) text += each.text
  return text
}
