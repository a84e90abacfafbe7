import { Client, Metadata, type MethodDefinition, type ServiceError } from "@grpc/grpc-js"
import type { PeerCredentials } from "./credentials.ts"
import { Failure, fromServiceError } from "./errors.ts"
import type { Outgoing, Transport } from "./rpc-client.ts"

type Method = MethodDefinition<unknown, unknown>

/**
 * Of a connection, and of each stream in it: more than what a hundred callers are sent at once. HTTP/2's own 64 KB are
 * full with three pages of search results, and Bun's server then serves some streams again and again while others wait
 * for seconds.
 */
const RECEIVE_WINDOW_BYTES = 4 * 1024 * 1024

/** gRPC to `host:port`, or to several that take turns: `10.0.0.1:8001,10.0.0.2:8001`, or a name with several addresses. */
export function grpcTransport(address: string, credentials: PeerCredentials): Transport {
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
  return {
    call: (method, request, outgoing) => call(client, method, request, outgoing),
    listen: (method, request, outgoing) => listen(client, method, request, outgoing),
    close: () => client.close(),
  }
}

/** Several addresses as gRPC names them. https://github.com/grpc/grpc/blob/master/doc/naming.md */
const targetOf = (address: string) => (address.includes(",") ? `ipv4:${address}` : address)

function call(client: Client, method: Method, request: unknown, outgoing: Outgoing): Promise<unknown> {
  const { signal, deadline } = outgoing
  if (signal?.aborted) return Promise.reject(new Failure("CANCELLED", "CANCELLED", "The caller has gone."))
  return new Promise((resolve, reject) => {
    const running = client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadataOf(outgoing),
      { ...(deadline !== undefined && { deadline }) },
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

async function* listen(client: Client, method: Method, request: unknown, outgoing: Outgoing): AsyncGenerator<unknown> {
  const { path, requestSerialize, responseDeserialize } = method
  const metadata = metadataOf(outgoing)
  const messages = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata)
  const cancel = () => messages.cancel()
  outgoing.signal?.addEventListener("abort", cancel, { once: true })
  if (outgoing.signal?.aborted) cancel()
  try {
    for await (const message of messages) yield message
  } catch (error) {
    throw fromServiceError(error as ServiceError)
  } finally {
    outgoing.signal?.removeEventListener("abort", cancel)
    cancel()
  }
}

function metadataOf({ headers }: Outgoing): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return metadata
}
