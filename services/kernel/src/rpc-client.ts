import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  Metadata,
  type MethodDefinition,
  propagate,
  type ServiceError,
} from "@grpc/grpc-js"
import { Failure, fromServiceError } from "./errors.ts"
import { failpoint } from "./failpoints.ts"
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
  credentials: ChannelCredentials
  /** Token of the process itself. */
  identity?: () => Promise<string>
  /** Every call has a deadline; this one when the caller names none. */
  deadlineSeconds: number
}

const LONGEST_PAUSE_MILLISECONDS = 400
/**
 * Of a connection, and of each stream in it: more than what a hundred callers are sent at once. HTTP/2's own 64 KB are
 * full with three pages of search results, and Bun's server then serves some streams again and again while others wait
 * for seconds.
 */
const RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024

/**
 * A client of one service at `host:port`, or at several that take turns: `10.0.0.1:8001,10.0.0.2:8001`, or a name with
 * several addresses. It connects when first used and again when a peer comes back.
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
  const client = new Client(targetOf(address), credentials, {
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.dns_min_time_between_resolutions_ms": 5000,
    // A peer that is frozen, or whose machine is gone, says nothing: then its connection is given up.
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_receive_message_length": 16 * 1024 * 1024,
    "grpc-node.flow_control_window": RECEIVE_WINDOW_BYTES,
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // gRPC's own retries cannot tell a broken connection from a peer that answers UNAVAILABLE.
    "grpc.enable_retries": 0,
  })
  const calls = Object.entries(definition).map(([name, method]) => [
    name,
    method.responseStream
      ? (request: unknown, options: RequestOptions = {}) => listen(client, method, request, identity, options)
      : async (request: unknown, options: RequestOptions = {}) => {
          const milliseconds = (options.deadlineSeconds ?? deadlineSeconds) * 1000
          const deadline = Date.now() + milliseconds
          failpoint("before-foreign-call", method.path)
          const response = await untilAnswered(deadline - milliseconds * 0.75, async () => {
            const token = options.token ?? (await identity?.())
            return call(client, method, request, token, options, deadline)
          })
          failpoint("after-foreign-call", method.path)
          return response
        },
  ])
  return Object.assign(Object.fromEntries(calls), { close: () => client.close() })
}

/** Messages until the peer ends them, the connection breaks, or the caller stops listening. It has no deadline. */
async function* listen(
  client: Client,
  method: MethodDefinition<unknown, unknown>,
  request: unknown,
  identity: ConnectOptions["identity"],
  options: RequestOptions,
): AsyncGenerator<unknown> {
  const metadata = metadataOf(options.token ?? (await identity?.()), options)
  const { path, requestSerialize, responseDeserialize } = method
  const messages = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata)
  const cancel = () => messages.cancel()
  options.signal?.addEventListener("abort", cancel, { once: true })
  try {
    for await (const message of messages) yield message
  } catch (error) {
    throw fromServiceError(error as ServiceError)
  } finally {
    options.signal?.removeEventListener("abort", cancel)
    cancel()
  }
}

/** Several addresses as gRPC names them. https://github.com/grpc/grpc/blob/master/doc/naming.md */
const targetOf = (address: string) => (address.includes(",") ? `ipv4:${address}` : address)

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

function call(
  client: Client,
  method: MethodDefinition<unknown, unknown>,
  request: unknown,
  token: string | undefined,
  options: RequestOptions,
  deadline: number,
): Promise<unknown> {
  const metadata = metadataOf(token, options)
  const callOptions: CallOptions = { deadline }
  if (options.for) {
    callOptions.parent = options.for.parent as CallOptions["parent"]
    callOptions.propagate_flags = propagate.DEADLINE | propagate.CANCELLATION
  }
  const { signal } = options
  if (signal?.aborted) return Promise.reject(new Failure("CANCELLED", "CANCELLED", "The caller has gone."))
  return new Promise((resolve, reject) => {
    const running = client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      callOptions,
      (error, response) => {
        signal?.removeEventListener("abort", cancel)
        if (error) reject(fromServiceError(error))
        else resolve(response)
      },
    )
    const cancel = () => running.cancel()
    signal?.addEventListener("abort", cancel, { once: true })
  })
}

function metadataOf(token: string | undefined, options: RequestOptions): Metadata {
  const metadata = new Metadata()
  if (token) metadata.set("authorization", `Bearer ${token}`)
  const traceparent = options.traceparent ?? options.for?.traceparent
  if (traceparent) metadata.set("traceparent", traceparent)
  return metadata
}
