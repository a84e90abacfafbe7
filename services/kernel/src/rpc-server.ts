import { HealthService } from "@airside/protos/grpc/health/v1/health"
import {
  logVerbosity,
  type MethodDefinition,
  Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  setLogVerbosity,
} from "@grpc/grpc-js"
import { requireAllowed } from "./allow.ts"
import type { OwnCredentials } from "./credentials.ts"
import { Failure, toServiceError } from "./errors.ts"
import { failpoint } from "./failpoints.ts"
import { startWebServer, type WebHandler } from "./grpc-web-server.ts"
import { addHealth } from "./health.ts"
import { ANONYMOUS, type Caller, subjectOf, type Verifier } from "./identity.ts"
import type { Log } from "./log.ts"
import { addReflection } from "./reflection.ts"
import { databaseFailure } from "./sql.ts"

/** What an operation knows of the call that it answers. */
export interface Call {
  /** Full method, such as "/airside.bookings.v1.BookingService/HoldBooking". */
  method: string
  caller: Caller
  /** For propagation: the deadline and the cancellation of a call that only reads follow this one. */
  parent: ServerCall
  /** Aborted when the caller of a stream has gone, or when this process is about to. */
  gone: AbortSignal
  traceparent: string
  log: Log
  /** The bytes that stand for request and response in stored answers. */
  encodeRequest(request: unknown): Uint8Array
  encodeResponse(response: unknown): Uint8Array
  decodeResponse(bytes: Uint8Array): unknown
}

/** What either protocol tells of a call. */
export type ServerCall = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getDeadline" | "getPeer"> & {
  on(event: "cancelled", listener: () => void): unknown
}

// biome-ignore lint/suspicious/noExplicitAny: the bound of a type parameter; every use is inferred exactly
type Definition = Record<string, MethodDefinition<any, any>>

/** Each RPC of a service with the operation that answers it: once, or message by message until the caller has gone. */
export type Operations<D extends Definition, Context> = {
  [M in keyof D]: (
    context: Context & { call: Call },
    request: ReturnType<D[M]["requestDeserialize"]>,
  ) => D[M]["responseStream"] extends true
    ? AsyncIterable<Parameters<D[M]["responseSerialize"]>[0]>
    : Promise<Parameters<D[M]["responseSerialize"]>[0]>
}

type Operation<Context, Answer> = (context: Context & { call: Call }, request: never) => Answer

export interface Service<Context> {
  definition: Definition
  operations: Record<string, Operation<Context, Promise<unknown> | AsyncIterable<unknown>>>
}

export function service<D extends Definition, Context>(
  definition: D,
  operations: Operations<D, Context>,
): Service<Context> {
  return { definition, operations: operations as Service<Context>["operations"] }
}

export interface RpcServerOptions<Context> {
  host: string
  port: number
  /** Of gRPC-Web, which is served only where this is given. */
  webPort?: number | undefined
  credentials: OwnCredentials
  verifier: Verifier
  log: Log
  context: Context
  services: Service<Context>[]
  /** Asks what the service cannot do without; a rejection means NOT_SERVING. */
  checkDependencies: () => Promise<unknown>
  /** The deadline of a call that brought none. */
  deadlineSeconds?: number
  /** After so long a connection takes no new calls, and its client makes another: so that it finds new peers. */
  connectionSeconds?: number
}

export interface RpcServer {
  port: number
  webPort: number | undefined
  /** Refuses new calls, lets running operations end, then closes. */
  drain(): Promise<void>
}

/** Less than what leaveWithSupervisor allows, so that the pools can still be closed. */
const DRAIN_SECONDS = 3
const LAST_ANSWERS_MILLISECONDS = 200
const CONNECTION_SECONDS = 600
/** Longer than any call takes. */
const CONNECTION_GRACE_SECONDS = 30

/** Serves the operations together with health and reflection, by gRPC-Web too. Rejects when a port is busy. */
export async function startRpcServer<Context>(options: RpcServerOptions<Context>): Promise<RpcServer> {
  // grpc-js prints its errors as well as handing them over; a busy port is told in one line, by main.ts.
  setLogVerbosity(logVerbosity.NONE)
  const server = new Server({
    "grpc.max_receive_message_length": 4 * 1024 * 1024,
    "grpc.max_connection_age_ms": (options.connectionSeconds ?? CONNECTION_SECONDS) * 1000,
    "grpc.max_connection_age_grace_ms": CONNECTION_GRACE_SECONDS * 1000,
  })
  const running = new Set<Promise<unknown>>()
  const leaving = new AbortController()
  const web = new Map<string, WebHandler>()
  for (const { definition, operations } of options.services) {
    const handlers = Object.entries(definition).map(([name, method]) => {
      const operation = operations[name]
      if (!operation) throw new Error(`no operation for ${method.path}`)
      if (method.responseStream) {
        const stream = streamOf(
          options,
          method,
          operation as Operation<Context, AsyncIterable<unknown>>,
          leaving.signal,
        )
        web.set(method.path, { method, stream })
        return [name, handleStream(stream, leaving.signal)]
      }
      const answer = answerOf(options, method, operation as Operation<Context, Promise<unknown>>, running)
      web.set(method.path, { method, answer })
      return [name, handle(answer)]
    })
    server.addService(definition, Object.fromEntries(handlers))
  }
  const names = options.services.map((each) => Object.values(each.definition)[0]!.path.split("/")[1]!)
  const health = addHealth(server, names, options.checkDependencies)
  web.set(HealthService.check.path, {
    method: HealthService.check as MethodDefinition<unknown, unknown>,
    answer: health.check,
  })
  addReflection(server, [...names, "grpc.health.v1.Health"])
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${options.host}:${options.port}`, options.credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  const { host, webPort, credentials, log } = options
  const webServer =
    webPort === undefined
      ? undefined
      : startWebServer({
          ...{ host, port: webPort, credentials, handlers: web },
          publicFailure: (error, path) => publicFailure(error, path, log),
        })
  return {
    port,
    webPort: webServer?.port,
    async drain() {
      health.stop()
      leaving.abort()
      const webClosed = webServer?.stop()
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      await Promise.race([Promise.allSettled(running), Bun.sleep(DRAIN_SECONDS * 1000)])
      // What is left are streams of health and reflection, which may stay open for ever.
      await Promise.race([Promise.all([closed, webClosed]), Bun.sleep(LAST_ANSWERS_MILLISECONDS)])
      server.forceShutdown()
      webServer?.stop(true)
    },
  }
}

type Answer = (parent: ServerCall & { request: unknown }) => Promise<unknown>

/** One RPC, answered once and within its deadline. It rejects with a Failure. */
function answerOf<Context>(
  options: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  operation: Operation<Context, Promise<unknown>>,
  running: Set<Promise<unknown>>,
): Answer {
  return (parent) =>
    new Promise((resolve, reject) => {
      const run = answerCall(options, method, operation, parent).then(resolve, (error) =>
        reject(publicFailure(error, method.path, options.log)),
      )
      running.add(run)
      // The operation itself is not aborted: a step whose foreign call has begun must end and be recorded.
      const timer = setTimeout(
        () => reject(new Failure("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "The answer took too long.")),
        (options.deadlineSeconds ?? 12) * 1000,
      )
      run.finally(() => {
        clearTimeout(timer)
        running.delete(run)
      })
    })
}

const handle = (answer: Answer) => (parent: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) =>
  void answer(parent).then(
    (response) => callback(null, response),
    (failure) => callback(toServiceError(failure)),
  )

async function answerCall<Context>(
  options: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  operation: Operation<Context, Promise<unknown>>,
  parent: ServerCall & { request: unknown },
) {
  const call = await admit(options, method, parent, NEVER)
  const start = performance.now()
  try {
    const response = await operation({ ...options.context, call }, parent.request as never)
    failpoint("before-answer", method.path)
    return response
  } finally {
    options.log.debug(
      { method: method.path, subject: subjectOf(call.caller), ms: Math.round(performance.now() - start) },
      "rpc",
    )
  }
}

const NEVER = new AbortController().signal

/** The call of a caller who may make it. Throws UNAUTHENTICATED and PERMISSION_DENIED. */
async function admit<Context>(
  { verifier, log }: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  parent: ServerCall,
  gone: AbortSignal,
): Promise<Call> {
  const header = String(parent.metadata.get("authorization")[0] ?? "")
  const caller = header === "" ? ANONYMOUS : await verifier.verify(header.replace(/^Bearer /i, ""))
  requireAllowed(method.path, caller)
  return {
    method: method.path,
    caller,
    parent,
    gone,
    traceparent: String(parent.metadata.get("traceparent")[0] ?? ""),
    log,
    encodeRequest: method.requestSerialize,
    encodeResponse: method.responseSerialize,
    decodeResponse: (bytes) => method.responseDeserialize(Buffer.from(bytes)),
  }
}

type Stream = (parent: ServerCall & { request: unknown }, hungUp: AbortSignal) => AsyncIterable<unknown>

/** One RPC, message by message; ends with UNAVAILABLE when this process leaves. It throws a Failure. */
function streamOf<Context>(
  options: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  operation: Operation<Context, AsyncIterable<unknown>>,
  leaving: AbortSignal,
): Stream {
  return async function* (parent, hungUp) {
    const gone = AbortSignal.any([hungUp, leaving])
    try {
      const call = await admit(options, method, parent, gone)
      for await (const message of operation({ ...options.context, call }, parent.request as never)) {
        if (gone.aborted) break
        yield message
      }
      if (leaving.aborted)
        throw new Failure("UNAVAILABLE", "LEAVING", "This process is about to stop; ask another one.")
    } catch (error) {
      throw publicFailure(error, method.path, options.log)
    }
  }
}

/** Messages as they come, no faster than the caller takes them. */
const handleStream =
  (stream: Stream, leaving: AbortSignal) => async (parent: ServerWritableStream<unknown, unknown>) => {
    const hungUp = new AbortController()
    const gone = AbortSignal.any([hungUp.signal, leaving])
    parent.once("cancelled", () => hungUp.abort())
    try {
      for await (const message of stream(parent, hungUp.signal)) {
        if (!parent.write(message)) await room(parent, gone)
      }
      parent.end()
    } catch (error) {
      if (!hungUp.signal.aborted) parent.emit("error", toServiceError(error as Failure))
    }
  }

/** Until the caller has taken what is on the way, or does not want it any more. */
const room = (parent: ServerWritableStream<unknown, unknown>, gone: AbortSignal) =>
  new Promise<void>((resolve) => {
    const go = () => {
      parent.off("drain", go)
      gone.removeEventListener("abort", go)
      resolve()
    }
    parent.on("drain", go)
    gone.addEventListener("abort", go)
  })

function publicFailure(error: unknown, method: string, log: Log): Failure {
  const known = error instanceof Failure ? error : databaseFailure(error)
  if (known) return known
  const id = crypto.randomUUID().slice(0, 8)
  log.error({ err: error, method, id }, "unexpected error")
  return new Failure("INTERNAL", "INTERNAL", `Something went wrong on our side (${id}).`, { metadata: { id } })
}
