import { expect, test } from "bun:test"
import { lateBody } from "./late-body.ts"

const LONG = "Zürich – Łódź, ".repeat(20_000)

test("a long body arrives whole, as text and as bytes, also beyond ASCII and more than a socket takes at once", async () => {
  const bytes = new Uint8Array(new TextEncoder().encode(LONG))
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch({ url }) {
      await Bun.sleep(1)
      return new Response(lateBody(url.endsWith("/bytes") ? bytes : LONG))
    },
  })
  try {
    for (const path of ["text", "bytes"]) {
      const response = await fetch(new URL(path, server.url))
      expect(await response.text()).toBe(LONG)
      expect(response.headers.get("content-length")).toBe(String(bytes.length))
    }
  } finally {
    await server.stop(true)
  }
})

test("a short body stays as it is, and so keeps its length in the answer", () => {
  expect(lateBody("No flights")).toBe("No flights")
  expect(lateBody(LONG)).toBeInstanceOf(ReadableStream)
})

test("a long body arrives whole also when the server stops meanwhile, and whoever reads it takes their time", async () => {
  const body = "x".repeat(20_000_000)
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch() {
      await Bun.sleep(1)
      return new Response(lateBody(body))
    },
  })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  let received = 0
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port!,
    socket: {
      open: (opened) => void opened.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      data(reading, bytes) {
        if (received === 0) {
          reading.pause()
          begin()
        }
        received += bytes.length
      },
      close: () => end(),
    },
  })
  await begun
  const stopped = server.stop()
  await Bun.sleep(20)
  socket.resume()
  await Promise.all([stopped, ended])
  expect(received).toBeGreaterThan(body.length)
})
