import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { connectProbe, failureOf, startProbe } from "../test/probe.ts"
import type { Code, Failure } from "./errors.ts"
import { answerBody, CONTENT_TYPE, messageFrame, readFrame } from "./grpc-web.ts"
import type { RequestOptions } from "./rpc-client.ts"

const PATH = "/airside.bookings.v1.BookingService/HoldBooking"
const REQUEST = { requestId: "", text: "x" }
const MESSAGE = Buffer.from(JSON.stringify(REQUEST))

describe("the server", () => {
  let server: Awaited<ReturnType<typeof startProbe>>
  beforeAll(async () => {
    // JSON, the probe's language, cannot write a bigint.
    server = await startProbe(
      {},
      { act: async (_context, { text }) => ({ text: text === "big" ? (1n as never) : text }) },
    )
  })
  afterAll(() => server.drain())

  const post = (body: Uint8Array<ArrayBuffer>, { path = PATH, headers = {} } = {}) =>
    fetch(server.webAddress + path, { method: "POST", body, headers: { "content-type": CONTENT_TYPE, ...headers } })

  async function outcomeOf(response: Response) {
    expect(response.headers.get("content-type")).toBe(CONTENT_TYPE)
    const body = Buffer.from(await response.arrayBuffer())
    const first = readFrame(body, 0)!
    if (!first.message) return first.error?.code
    expect(readFrame(body, first.end)).toMatchObject({ message: undefined, error: undefined, end: body.length })
    return JSON.parse(first.message.toString())
  }

  test("answers a message, also where the content type says less or more", async () => {
    expect(await outcomeOf(await post(messageFrame(MESSAGE)))).toEqual({ text: "x" })
    for (const type of ["application/grpc-web", "application/grpc-web+proto; charset=utf-8"]) {
      const headers = { "content-type": type, "grpc-timeout": "2S" }
      expect(await outcomeOf(await post(messageFrame(MESSAGE), { headers }))).toEqual({ text: "x" })
    }
  })

  test("an answer that cannot be written is INTERNAL, and only the log says why", async () => {
    const client = connectProbe(server.webAddress)
    const error = (await failureOf(client.act({ ...REQUEST, text: "big" }))) as Failure
    expect(error).toMatchObject({ code: "INTERNAL", reason: "INTERNAL" })
    expect(error.message).not.toContain("BigInt")
    expect(server.lines.find((line) => line.includes(error.metadata.id!))).toContain("BigInt")
  })

  test("refuses what is no call of gRPC-Web", async () => {
    expect((await fetch(server.webAddress + PATH)).status).toBe(405)
    for (const type of ["application/grpc-web-text", "application/json", ""]) {
      expect((await post(messageFrame(MESSAGE), { headers: { "content-type": type } })).status).toBe(415)
    }
    expect((await post(Buffer.alloc(5 * 1024 * 1024))).status).toBe(413)
  })

  test("says what is wrong with a body", async () => {
    const whole = messageFrame(MESSAGE)
    const compressed = Buffer.from(whole)
    compressed[0] = 1
    const bodies: [Buffer<ArrayBuffer>, number][] = [
      [Buffer.alloc(0), 13],
      [Buffer.from(whole.subarray(0, 3)), 13],
      [Buffer.from(whole.subarray(0, whole.length - 1)), 13],
      [Buffer.concat([whole, whole]), 13],
      [messageFrame(Buffer.from("{")), 13],
      [compressed, 12],
    ]
    for (const [body, code] of bodies) expect(await outcomeOf(await post(body))).toBe(code)
    for (const path of ["/airside.bookings.v1.BookingService/Nothing", "/", "/%ff"]) {
      expect(await outcomeOf(await post(whole, { path }))).toBe(12)
    }
    const token = { authorization: "Bearer garbage" }
    expect(await outcomeOf(await post(whole, { headers: token }))).toBe(16)
    expect(await outcomeOf(await post(whole, { headers: { authorization: "Bearer é", traceparent: "é" } }))).toBe(16)
    expect(await outcomeOf(await post(whole, { headers: { "grpc-timeout": "soon" } }))).toEqual({ text: "x" })
  })
})

describe("the client", () => {
  async function askedOf(answer: () => Response, request = REQUEST, options: RequestOptions = {}) {
    const peer = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer })
    const client = connectProbe(`http://127.0.0.1:${peer.port}`, { deadlineSeconds: 0.4 })
    const outcome = (await failureOf(client.act(request, options))) as Failure
    await peer.stop(true)
    return outcome.code
  }

  test("tells a peer that is no service from one that is away", async () => {
    const statuses: Record<number, Code> = {
      400: "INTERNAL",
      403: "PERMISSION_DENIED",
      404: "UNIMPLEMENTED",
      418: "UNKNOWN",
    }
    for (const [status, code] of Object.entries(statuses)) {
      expect(await askedOf(() => new Response("<html>", { status: Number(status) }))).toBe(code)
    }
    expect(await askedOf(() => new Response("Bad gateway", { status: 502 }))).toBe("UNAVAILABLE")
    expect(await askedOf(() => Response.redirect("http://127.0.0.1:1/"))).toBe("UNKNOWN")
  })

  test("takes no half answer for a whole one", async () => {
    const whole = messageFrame(MESSAGE)
    for (const body of [new Uint8Array(0), whole.subarray(0, 4), whole]) {
      expect(await askedOf(() => new Response(body))).toBe("UNAVAILABLE")
    }
    expect(await askedOf(() => new Response(new Uint8Array([1, 0, 0, 0, 0])))).toBe("UNIMPLEMENTED")
    expect(await askedOf(() => new Response(answerBody(Buffer.from("{"))))).toBe("INTERNAL")
  })

  test("reads trailers where there is nothing else, as proxies send them", async () => {
    const headers = { "grpc-status": "5", "grpc-message": "none%20here" }
    expect(await askedOf(() => new Response(null, { headers }))).toBe("NOT_FOUND")
  })

  test("makes no second attempt of what it cannot say itself", async () => {
    let asked = 0
    const answer = () => new Response(answerBody(Buffer.from(String(asked++))))
    expect(await askedOf(answer, { ...REQUEST, text: 1n as never })).toBe("INTERNAL")
    expect(await askedOf(answer, REQUEST, { token: "ł" })).toBe("UNAUTHENTICATED")
    expect(asked).toBe(0)
  })

  test("asks its peer itself, whatever proxy the environment names", async () => {
    const before = process.env.HTTP_PROXY
    process.env.HTTP_PROXY = "http://127.0.0.1:1"
    try {
      expect(await askedOf(() => new Response(null, { headers: { "grpc-status": "5" } }))).toBe("NOT_FOUND")
    } finally {
      if (before === undefined) delete process.env.HTTP_PROXY
      else process.env.HTTP_PROXY = before
    }
  })

  test("a call whose peer is not there, or is nobody, is UNAVAILABLE", async () => {
    for (const address of ["http://127.0.0.1:1", "http://nobody.invalid:80"]) {
      const client = connectProbe(address, { deadlineSeconds: 0.4 })
      expect(await failureOf(client.act(REQUEST))).toMatchObject({ code: "UNAVAILABLE", reason: "UNAVAILABLE" })
    }
  })
})
