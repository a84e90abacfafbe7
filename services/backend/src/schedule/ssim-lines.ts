import { RECORD_BYTES } from "./ssim-records.ts"

const CARRIAGE_RETURN = 13
/** Ended files once. */
const CONTROL_Z = "\u001a"
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf"
/** Longer ones are none of ours: they are cut, so that a file without line breaks does not fill the memory. */
const LONGEST_LINE = 4 * RECORD_BYTES

/**
 * The lines of a file, as many at a time as a chunk of it holds, so that the file is never in memory as a whole. A byte
 * is a character, whatever it means: columns count bytes. Lines end with LF or CRLF; a file without any, as tapes had
 * them, is cut into records.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void = () => {},
): AsyncGenerator<string[]> {
  let rest = ""
  let beginning = true
  let unbroken = false
  for await (const chunk of chunks) {
    onRead(chunk.byteLength)
    let text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1")
    if (beginning && text.length <= RECORD_BYTES + BYTE_ORDER_MARK.length) {
      rest = text
      continue
    }
    if (beginning) {
      if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(BYTE_ORDER_MARK.length)
      unbroken = text[RECORD_BYTES] === "2" && !/[\r\n]/.test(text.slice(0, RECORD_BYTES))
      beginning = false
    }
    const lines = unbroken ? cut(text) : split(text)
    rest = lines.pop()!
    if (lines.length > 0) yield lines
  }
  const last = (unbroken ? [rest] : split(rest)).map(withoutReturn)
  if (["", CONTROL_Z].includes(last.at(-1)!)) last.pop()
  yield last
}

/** The last one is the beginning of what the next chunk goes on with. */
function split(text: string): string[] {
  const lines: string[] = []
  let start = 0
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    lines.push(text.slice(start, text.charCodeAt(end - 1) === CARRIAGE_RETURN && end > start ? end - 1 : end))
    start = end + 1
  }
  const rest = text.slice(start)
  return rest.length > LONGEST_LINE ? [...lines, rest, ""] : [...lines, rest]
}

function cut(text: string): string[] {
  const lines: string[] = []
  let start = 0
  for (; start + RECORD_BYTES <= text.length; start += RECORD_BYTES) lines.push(text.slice(start, start + RECORD_BYTES))
  return [...lines, text.slice(start)]
}

function withoutReturn(text: string): string {
  return text.charCodeAt(text.length - 1) === CARRIAGE_RETURN ? text.slice(0, -1) : text
}
