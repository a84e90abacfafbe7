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
    }
  } finally {
    await server.stop(true)
  }
})

test("a short body stays as it is, and so keeps its length in the answer", () => {
  expect(lateBody("No flights")).toBe("No flights")
  expect(lateBody(LONG)).toBeInstanceOf(ReadableStream)
})
