/** Below it Bun itself sends headers and body together. */
const FEW = 15_000

/**
 * A body for an answer that comes after its request's handler has waited for something. With as much as this as text or
 * bytes, Bun (1.4.5) sends the headers of a late answer in pieces, each name, colon, value and line break in a packet of
 * its own, which costs four times as much as the rest of sending: https://github.com/oven-sh/bun/pull/41341. Those of a
 * stream leave in one, and where the stream may hold all of the body back, with the body and its length.
 */
export function lateBody<Body extends string | Uint8Array<ArrayBuffer>>(body: Body): Body | ReadableStream {
  if (body.length < FEW) return body
  const source: Bun.DirectUnderlyingSource = {
    type: "direct",
    pull(sink) {
      sink.write(body)
      // It ends when the socket has taken all of it: a server that stops waits for that.
      sink.end()
    },
  }
  // The library of types that knows browsers does not know Bun's own kind of source.
  return new ReadableStream(source as unknown as UnderlyingDefaultSource, {
    highWaterMark: Buffer.byteLength(body) + 1,
  })
}
