import { BinaryReader } from "@bufbuild/protobuf/wire"

/**
 * Reads a message's texts with the runtime's own decoder: `SearchFlightsResponse.decode(new MessageReader(bytes))`. The
 * library puts short ones together byte by byte, and an answer of search has five hundred of them.
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
    this.pos += length
    if (this.pos > this.len) throw new RangeError("premature EOF")
    return this.#bytes.toString("utf8", start, this.pos)
  }
}
