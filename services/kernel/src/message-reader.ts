import { BinaryReader } from "@bufbuild/protobuf/wire"

/** Longer texts hardly ever come again. */
const MOST_BYTES = 16
const SLOTS = 4096
const known = new Array<string | undefined>(SLOTS)

/**
 * Reads a message's texts with the runtime's own decoder: `SearchFlightsResponse.decode(new MessageReader(bytes))`. The
 * library puts short ones together byte by byte. An answer of search has five hundred of them, most of them names and
 * codes that were read a moment ago: these are remembered.
 */
export class MessageReader extends BinaryReader {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    super(bytes)
    this.#bytes = bytes
  }

  /** What is not UTF-8 becomes U+FFFD. Throws RangeError where the message ends too soon. */
  override string(): string {
    const length = this.uint32()
    const start = this.pos
    const end = start + length
    this.pos = end
    if (end > this.len) throw new RangeError("premature EOF")
    return length > MOST_BYTES ? this.#bytes.toString("utf8", start, end) : this.#shortText(start, end)
  }

  #shortText(start: number, end: number): string {
    const bytes = this.#bytes
    let hash = 0
    let all = 0
    for (let index = start; index < end; index++) {
      hash = (Math.imul(hash, 31) + bytes[index]!) | 0
      all |= bytes[index]!
    }
    const isAscii = all < 0x80
    const slot = hash & (SLOTS - 1)
    const text = known[slot]
    if (isAscii && text !== undefined && says(text, bytes, start, end)) return text
    const read = bytes.toString("utf8", start, end)
    if (isAscii) known[slot] = read
    return read
  }
}

function says(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let index = start; index < end; index++) {
    if (text.charCodeAt(index - start) !== bytes[index]) return false
  }
  return true
}
