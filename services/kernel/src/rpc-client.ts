import type { MethodDefinition } from "@grpc/grpc-js"
import type { PeerCredentials } from "./credentials.ts"
import { Failure } from "./errors.ts"
import { failpoint } from "./failpoints.ts"
import { grpcTransport } from "./grpc-client.ts"
import { grpcWebTransport } from "./grpc-web-client.ts"
import type { Call } from "./rpc-server.ts"

export interface RequestOptions {
  /** Identity token to call with; without one the client's own identity is used, if it has one. */
  token?: string
  /** The call that this one serves: its deadline and its cancellation hold here too. For reads only. */
  for?: Call
  deadlineSeconds?: number
  signal?: AbortSignal
  traceparent?: string
}

// biome-ignore lint/suspicious/noExplicitAny: the bound of a type parameter; every use is inferred exactly
type Definition = Record<string, MethodDefinition<any, any>>

/** One async function for each RPC; an async iterable for one that streams. They reject with a Failure. */
export type RpcClient<D extends Definition> = {
  [M in keyof D]: (
    request: Parameters<D[M]["requestSerialize"]>[0],
    options?: RequestOptions,
  ) => D[M]["responseStream"] extends true
    ? AsyncIterable<ReturnType<D[M]["responseDeserialize"]>>
    : Promise<ReturnType<D[M]["responseDeserialize"]>>
}

export interface ConnectOptions {
  credentials: PeerCredentials
  /** Token of the process itself. */
  identity?: () => Promise<string>
  /** Every call has a deadline; this one when the caller names none. */
  deadlineSeconds: number
}

/** A call on its way. */
export interface Outgoing {
  headers: Record<string, string>
  /** In milliseconds since 1970; a stream has none. */
  deadline?: number
  signal: AbortSignal | undefined
}

/** How a peer, or one of several, is asked. Both reject with a Failure: UNAVAILABLE when nobody was there. */
export interface Transport {
  call(method: MethodDefinition<unknown, unknown>, request: unknown, outgoing: Outgoing): Promise<unknown>
  /** Messages until the peer ends them, the connection breaks, or the caller stops listening. It has no deadline. */
  listen(method: MethodDefinition<unknown, unknown>, request: unknown, outgoing: Outgoing): AsyncGenerator<unknown>
  close(): void
}

const LONGEST_PAUSE_MILLISECONDS = 400

/**
 * A client of one service: by gRPC-Web at `http://host:port`, by gRPC at `host:port` and at several that take turns
 * (docs/decisions/0013). It connects when first used and again when a peer comes back.
 *
 * A call whose connection broke, or that found nobody, is made again for up to a quarter of its deadline, so that a
 * restart, or the loss of one peer of several, fails nobody. Every RPC of ours may be repeated: it reads, carries a
 * request_id, or, like SettleBooking and RecordWebhook, does once what it does. What a peer itself answered stands.
 */
export function connect<D extends Definition>(
  definition: D,
  address: string,
  { credentials, identity, deadlineSeconds }: ConnectOptions,
): RpcClient<D> & { close(): void } {
  const transport = /^https?:/.test(address)
    ? grpcWebTransport(address, credentials)
    : grpcTransport(address, credentials)
  const headersFor = async (options: RequestOptions) => headersOf(options.token ?? (await identity?.()), options)
  const calls = Object.entries(definition).map(([name, method]) => [
    name,
    method.responseStream
      ? async function* (request: unknown, options: RequestOptions = {}) {
          yield* transport.listen(method, request, { headers: await headersFor(options), signal: signalOf(options) })
        }
      : async (request: unknown, options: RequestOptions = {}) => {
          const milliseconds = (options.deadlineSeconds ?? deadlineSeconds) * 1000
          const start = Date.now()
          const parent = Number(options.for?.parent.getDeadline() ?? Number.POSITIVE_INFINITY)
          const deadline = Math.min(start + milliseconds, parent)
          const signal = signalOf(options)
          failpoint("before-foreign-call", method.path)
          const response = await untilAnswered(start + milliseconds * 0.25, async () =>
            transport.call(method, request, { headers: await headersFor(options), deadline, signal }),
          )
          failpoint("after-foreign-call", method.path)
          return response
        },
  ])
  return Object.assign(Object.fromEntries(calls), { close: () => transport.close() })
}

/** The caller's own, and that of the call which this one serves. */
function signalOf({ signal, for: served }: RequestOptions): AbortSignal | undefined {
  if (!served) return signal
  const left = new AbortController()
  served.parent.on("cancelled", () => left.abort())
  return signal ? AbortSignal.any([signal, left.signal]) : left.signal
}

async function untilAnswered<T>(giveUpTime: number, attempt: () => Promise<T>): Promise<T> {
  for (let pause = 10; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isUnanswered(error) || Date.now() + pause > giveUpTime) throw error
      await Bun.sleep(pause * (1 + Math.random()))
    }
  }
}

/** What a peer says of itself has a reason of its own. */
const isUnanswered = (error: unknown) =>
  error instanceof Failure && error.code === "UNAVAILABLE" && error.reason === "UNAVAILABLE"

function headersOf(token: string | undefined, options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {}
  if (token) {
    if (!/^[!-~]+$/.test(token))
      throw new Failure("UNAUTHENTICATED", "IDENTITY_INVALID", "The identity token is not valid.")
    headers.authorization = `Bearer ${token}`
  }
  const traceparent = options.traceparent ?? options.for?.traceparent
  if (traceparent) headers.traceparent = traceparent
  return headers
}
