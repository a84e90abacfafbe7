import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  Metadata,
  type MethodDefinition,
  propagate,
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

/** One async function for each RPC. They reject with a Failure. */
export type RpcClient<D extends Definition> = {
  [M in keyof D]: (
    request: Parameters<D[M]["requestSerialize"]>[0],
    options?: RequestOptions,
  ) => Promise<ReturnType<D[M]["responseDeserialize"]>>
}

export interface ConnectOptions {
  credentials: ChannelCredentials
  /** Token of the process itself. */
  identity?: () => Promise<string>
  /** Every call has a deadline; this one when the caller names none. */
  deadlineSeconds: number
}

/** A client of one service at `host:port`. It connects when first used and again when the peer comes back. */
export function connect<D extends Definition>(
  definition: D,
  address: string,
  { credentials, identity, deadlineSeconds }: ConnectOptions,
): RpcClient<D> & { close(): void } {
  const client = new Client(address, credentials, {
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.max_receive_message_length": 16 * 1024 * 1024,
  })
  const calls = Object.entries(definition).map(([name, method]) => [
    name,
    async (request: unknown, options: RequestOptions = {}) => {
      const token = options.token ?? (await identity?.())
      failpoint("before-foreign-call", method.path)
      const response = await call(client, method, request, token, options, deadlineSeconds)
      failpoint("after-foreign-call", method.path)
      return response
    },
  ])
  return Object.assign(Object.fromEntries(calls), { close: () => client.close() })
}

function call(
  client: Client,
  method: MethodDefinition<unknown, unknown>,
  request: unknown,
  token: string | undefined,
  options: RequestOptions,
  deadlineSeconds: number,
): Promise<unknown> {
  const metadata = new Metadata()
  if (token) metadata.set("authorization", `Bearer ${token}`)
  const traceparent = options.traceparent ?? options.for?.traceparent
  if (traceparent) metadata.set("traceparent", traceparent)
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
