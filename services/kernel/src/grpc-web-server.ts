import { Metadata, type MethodDefinition } from "@grpc/grpc-js"
import type { OwnCredentials } from "./credentials.ts"
import { Failure, toServiceError } from "./errors.ts"
import { answerBody, CONTENT_TYPE, messageFrame, readFrame, trailersFrame } from "./grpc-web.ts"
import type { ServerCall } from "./rpc-server.ts"

/** What answers one RPC: once, or message by message. They reject with a Failure. */
export type WebHandler = { method: MethodDefinition<unknown, unknown> } & (
  | { answer(call: WebCall): Promise<unknown> }
  | { stream(call: WebCall, gone: AbortSignal): AsyncIterable<unknown> }
)

export type WebCall = ServerCall & { request: unknown }

export interface WebServerOptions {
  host: string
  port: number
  credentials: OwnCredentials
  /** By the method's full path. */
  handlers: ReadonlyMap<string, WebHandler>
  /** What may be said of an error. */
  publicFailure(error: unknown, path: string): Failure
}

const MOST_BODY_BYTES = 4 * 1024 * 1024 + 5
/** Longer than any call takes. */
const IDLE_SECONDS = 60
const UNITS: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** gRPC-Web by Bun's own HTTP server. Throws when the port is busy. */
export function startWebServer({ host, port, credentials: { tls }, handlers, publicFailure }: WebServerOptions) {
  return Bun.serve({
    hostname: host,
    port,
    development: false,
    // Said outright: `development: false` alone lets two processes share the port (Bun 1.4.5), and none would know.
    reusePort: false,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MOST_BODY_BYTES,
    ...(tls && { tls: { ...tls, requestCert: true, rejectUnauthorized: true } }),
    async fetch(request, server) {
      if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } })
      const contentType = request.headers.get("content-type")?.split(";")[0]
      if (contentType !== CONTENT_TYPE && contentType !== "application/grpc-web")
        return new Response(null, { status: 415, headers: { accept: CONTENT_TYPE } })
      const pathname = URL.parse(request.url)?.pathname ?? ""
      const trailersOf = (error: unknown) => trailersFrame(toServiceError(publicFailure(error, pathname)))
      try {
        const handler = handlers.get(pathname)
        if (!handler) throw new Failure("UNIMPLEMENTED", "UNIMPLEMENTED", `${pathname} is not served here.`)
        const call = await receive(request, handler.method, () => server.requestIP(request)?.address ?? "")
        const { responseSerialize } = handler.method
        if ("answer" in handler) return reply(answerBody(responseSerialize(await handler.answer(call))))
        server.timeout(request, 0)
        return reply(streamed(handler.stream(call, request.signal), responseSerialize, trailersOf))
      } catch (error) {
        return reply(trailersOf(error))
      }
    },
  })
}

const reply = (body: Buffer<ArrayBuffer> | ReadableStream) =>
  new Response(body, { headers: { "content-type": CONTENT_TYPE } })

/** The call that a request is. Throws a Failure for a body that is none. */
async function receive(request: Request, method: WebHandler["method"], getPeer: () => string): Promise<WebCall> {
  const body = Buffer.from(await request.arrayBuffer())
  const frame = readFrame(body, 0)
  if (!frame?.message || frame.end !== body.length) throw malformed("The body is not one message.")
  let message: unknown
  try {
    message = method.requestDeserialize(frame.message)
  } catch (error) {
    throw malformed(`The message cannot be read: ${(error as Error).message}`)
  }
  const deadline = deadlineOf(request.headers.get("grpc-timeout"))
  return {
    request: message,
    metadata: metadataOf(request.headers),
    getDeadline: () => deadline,
    getPeer,
    on: (_event: "cancelled", listener: () => void) => request.signal.addEventListener("abort", listener),
  }
}

const malformed = (message: string) => new Failure("INTERNAL", "INTERNAL", message)

/** "15000m": milliseconds from now. */
function deadlineOf(timeout: string | null): number {
  const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(timeout ?? "") ?? []
  return amount ? Date.now() + Number(amount) * UNITS[unit!]! : Number.POSITIVE_INFINITY
}

/** Of the headers those that operations look at. Throws IDENTITY_INVALID for a token that gRPC would not carry. */
function metadataOf(headers: Headers): Metadata {
  const metadata = new Metadata()
  const authorization = headers.get("authorization")
  if (authorization !== null) {
    if (!VISIBLE.test(authorization))
      throw new Failure("UNAUTHENTICATED", "IDENTITY_INVALID", "The identity token is not valid.")
    metadata.set("authorization", authorization)
  }
  const traceparent = headers.get("traceparent")
  if (traceparent !== null && VISIBLE.test(traceparent)) metadata.set("traceparent", traceparent)
  return metadata
}

const VISIBLE = /^[ -~]*$/

/** Messages as they come, no faster than the caller takes them, and then how it ended. */
function streamed(
  messages: AsyncIterable<unknown>,
  serialize: (message: unknown) => Buffer,
  trailersOf: (error: unknown) => Buffer,
): ReadableStream {
  const iterator = messages[Symbol.asyncIterator]()
  const leave = () => void iterator.return?.().catch(() => {})
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next()
          controller.enqueue(done ? trailersFrame() : messageFrame(serialize(value)))
          if (done) controller.close()
        } catch (error) {
          controller.enqueue(trailersOf(error))
          controller.close()
          leave()
        }
      },
      cancel: leave,
    },
    { highWaterMark: 1 },
  )
}
