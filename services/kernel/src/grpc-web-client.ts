import type { MethodDefinition, ServiceError } from "@grpc/grpc-js"
import type { PeerCredentials, TlsSecrets } from "./credentials.ts"
import { type Code, Failure, fromServiceError } from "./errors.ts"
import { CONTENT_TYPE, errorIn, messageFrame, readFrame } from "./grpc-web.ts"
import type { Outgoing, Transport } from "./rpc-client.ts"

interface Peer {
  /** "http://host:port", or with https. */
  url: string
  tls: TlsSecrets | undefined
}

type Method = MethodDefinition<unknown, unknown>

/** What gRPC says of a peer's HTTP status: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
const CODES: Record<number, Code> = {
  400: "INTERNAL",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "UNIMPLEMENTED",
  413: "RESOURCE_EXHAUSTED",
  429: "UNAVAILABLE",
  431: "RESOURCE_EXHAUSTED",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "UNAVAILABLE",
}

/** gRPC-Web to the peer at `http://host:port`, or with https. Bun keeps its connections and closes them. */
export function grpcWebTransport(url: string, { tls }: PeerCredentials): Transport {
  const peer = { url, tls }
  return {
    call: (method, request, outgoing) => call(peer, method, request, outgoing),
    listen: (method, request, outgoing) => listen(peer, method, request, outgoing),
    close() {},
  }
}

async function call(peer: Peer, method: Method, request: unknown, outgoing: Outgoing): Promise<unknown> {
  const message = written(method, request)
  const patience = createPatience(outgoing)
  let body: Buffer
  try {
    const response = await send(peer, method, message, outgoing, patience.signal)
    body = Buffer.from(await response.arrayBuffer())
  } catch (error) {
    throw patience.failureOf(error)
  } finally {
    patience.end()
  }
  const first = readFrame(body, 0)
  if (first?.error) throw fromServiceError(first.error as ServiceError)
  const trailers = first && readFrame(body, first.end)
  if (trailers?.error) throw fromServiceError(trailers.error as ServiceError)
  if (!first?.message || !trailers) throw unavailable("The answer broke off.")
  return read(method, first.message)
}

async function* listen(peer: Peer, method: Method, request: unknown, outgoing: Outgoing): AsyncGenerator<unknown> {
  const message = written(method, request)
  const patience = createPatience(outgoing)
  let isLeft = false
  try {
    const response = await send(peer, method, message, outgoing, patience.signal)
    let rest = Buffer.alloc(0)
    for await (const chunk of response.body ?? []) {
      rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
      let start = 0
      for (let frame = readFrame(rest, 0); frame; frame = readFrame(rest, start)) {
        if (frame.error) throw fromServiceError(frame.error as ServiceError)
        if (!frame.message) return
        start = frame.end
        const answer = read(method, frame.message)
        isLeft = true
        yield answer
        isLeft = false
      }
      rest = rest.subarray(start)
    }
    throw unavailable("The stream broke off.")
  } catch (error) {
    // Who does not listen any more is not told how it ended.
    if (isLeft) return
    throw patience.failureOf(error)
  } finally {
    patience.end({ leave: true })
  }
}

async function send(
  { url, tls }: Peer,
  { path }: Method,
  message: Uint8Array,
  { headers, deadline }: Outgoing,
  signal: AbortSignal,
): Promise<Response> {
  const timeout: Record<string, string> = deadline ? { "grpc-timeout": `${Math.max(deadline - Date.now(), 1)}m` } : {}
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": CONTENT_TYPE, ...timeout, ...headers },
    body: messageFrame(message),
    redirect: "manual",
    signal,
    // The deadline is ours; a stream has none.
    timeout: false,
    // Between processes there is none, whatever the environment says for the way to Stripe.
    proxy: false,
    ...(tls && { tls }),
  } as RequestInit)
  if (response.status === 200) {
    const error = response.headers.has("grpc-status") ? errorIn(response.headers) : undefined
    if (error) throw fromServiceError(error as ServiceError)
    return response
  }
  await response.body?.cancel()
  const code = CODES[response.status] ?? "UNKNOWN"
  throw new Failure(code, code, `${path} was answered with HTTP status ${response.status}.`)
}

function written({ path, requestSerialize }: Method, request: unknown): Uint8Array {
  try {
    return requestSerialize(request)
  } catch (error) {
    throw new Failure("INTERNAL", "INTERNAL", `The request of ${path} cannot be written: ${error}`)
  }
}

function read({ path, responseDeserialize }: Method, message: Buffer): unknown {
  try {
    return responseDeserialize(message)
  } catch (error) {
    throw new Failure("INTERNAL", "INTERNAL", `The answer of ${path} cannot be read: ${error}`)
  }
}

/** How long a call is waited for: until its deadline, or until its signal. */
function createPatience({ deadline, signal }: Outgoing) {
  const controller = new AbortController()
  let ended: Failure | undefined
  const cancel = () => {
    ended ??= new Failure("CANCELLED", "CANCELLED", "The caller has gone.")
    controller.abort()
  }
  const expire = () => {
    ended ??= new Failure("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "The answer took too long.")
    controller.abort()
  }
  const timer = deadline && setTimeout(expire, Math.max(deadline - Date.now(), 0))
  signal?.addEventListener("abort", cancel, { once: true })
  if (signal?.aborted) cancel()
  return {
    signal: controller.signal,
    /** Why there is no answer: what a peer said stands, all else is that it could not be asked. */
    failureOf: (error: unknown) =>
      ended ?? (error instanceof Failure ? error : unavailable(`The peer cannot be reached: ${error}`)),
    end({ leave = false } = {}) {
      clearTimeout(timer)
      signal?.removeEventListener("abort", cancel)
      if (leave) controller.abort()
    },
  }
}

const unavailable = (message: string) => new Failure("UNAVAILABLE", "UNAVAILABLE", message)
