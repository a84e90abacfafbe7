import {
  logVerbosity,
  type MethodDefinition,
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  setLogVerbosity,
  status,
} from "@grpc/grpc-js"
import { HealthImplementation } from "grpc-health-check"
import { requireAllowed } from "./allow.ts"
import { Failure, toServiceError } from "./errors.ts"
import { failpoint } from "./failpoints.ts"
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

type ServerCall = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getDeadline" | "getPeer" | "on">

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
  credentials: ServerCredentials
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
  /** Refuses new calls, lets running operations end, then closes. */
  drain(): Promise<void>
}

const HEALTH_CHECK_SECONDS = 1
/** A check that takes longer has failed: nobody can be served by a service that waits for its database. */
const HEALTH_CHECK_LIMIT_SECONDS = 5
/** Less than what leaveWithSupervisor allows, so that the pools can still be closed. */
const DRAIN_SECONDS = 3
const LAST_ANSWERS_MILLISECONDS = 200
const CONNECTION_SECONDS = 600
/** Longer than any call takes. */
const CONNECTION_GRACE_SECONDS = 30

/** Serves the operations together with health and reflection. Rejects when the port is busy. */
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
  for (const { definition, operations } of options.services) {
    const handlers = Object.entries(definition).map(([name, method]) => {
      const operation = operations[name]
      if (!operation) throw new Error(`no operation for ${method.path}`)
      return [
        name,
        method.responseStream
          ? handleStream(options, method, operation as Operation<Context, AsyncIterable<unknown>>, leaving.signal)
          : handle(options, method, operation as Operation<Context, Promise<unknown>>, running),
      ]
    })
    server.addService(definition, Object.fromEntries(handlers))
  }
  const names = options.services.map((each) => Object.values(each.definition)[0]!.path.split("/")[1]!)
  const stopHealth = addHealth(server, names, options.checkDependencies)
  addReflection(server, [...names, "grpc.health.v1.Health"])
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${options.host}:${options.port}`, options.credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  return {
    port,
    async drain() {
      stopHealth()
      leaving.abort()
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      await Promise.race([Promise.allSettled(running), Bun.sleep(DRAIN_SECONDS * 1000)])
      // What is left are streams of health and reflection, which may stay open for ever.
      await Promise.race([closed, Bun.sleep(LAST_ANSWERS_MILLISECONDS)])
      server.forceShutdown()
    },
  }
}

function handle<Context>(
  options: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  operation: Operation<Context, Promise<unknown>>,
  running: Set<Promise<unknown>>,
) {
  return (parent: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
    let answered = false
    const answer: typeof callback = (error, value) => {
      if (answered) return
      answered = true
      callback(error, value)
    }
    const run = answerCall(options, method, operation, parent).then(
      (response) => answer(null, response),
      (error) => answer(toServiceError(publicFailure(error, method.path, options.log))),
    )
    running.add(run)
    // The operation itself is not aborted: a step whose foreign call has begun must end and be recorded.
    const timer = setTimeout(
      () => answer({ code: status.DEADLINE_EXCEEDED, details: "The answer took too long." }),
      (options.deadlineSeconds ?? 12) * 1000,
    )
    run.finally(() => {
      clearTimeout(timer)
      running.delete(run)
    })
  }
}

async function answerCall<Context>(
  options: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  operation: Operation<Context, Promise<unknown>>,
  parent: ServerUnaryCall<unknown, unknown>,
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

/** Messages as they come, no faster than the caller takes them; ends with UNAVAILABLE when this process leaves. */
function handleStream<Context>(
  options: RpcServerOptions<Context>,
  method: MethodDefinition<unknown, unknown>,
  operation: Operation<Context, AsyncIterable<unknown>>,
  leaving: AbortSignal,
) {
  return async (parent: ServerWritableStream<unknown, unknown>) => {
    const hungUp = new AbortController()
    parent.once("cancelled", () => hungUp.abort())
    const gone = AbortSignal.any([hungUp.signal, leaving])
    try {
      const call = await admit(options, method, parent, gone)
      for await (const message of operation({ ...options.context, call }, parent.request as never)) {
        if (gone.aborted) break
        if (!parent.write(message)) await room(parent, gone)
      }
      if (leaving.aborted)
        throw new Failure("UNAVAILABLE", "LEAVING", "This process is about to stop; ask another one.")
      parent.end()
    } catch (error) {
      if (!hungUp.signal.aborted) parent.emit("error", toServiceError(publicFailure(error, method.path, options.log)))
    }
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

function addHealth(server: Server, names: string[], checkDependencies: () => Promise<unknown>): () => void {
  const health = new HealthImplementation({ "": "NOT_SERVING" })
  const setAll = (serving: boolean) => {
    for (const name of ["", ...names]) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING")
  }
  let stopped = false
  let timer: Timer | undefined
  const check = async () => {
    const serving = await within(HEALTH_CHECK_LIMIT_SECONDS, checkDependencies)
    if (stopped) return
    setAll(serving)
    timer = setTimeout(check, HEALTH_CHECK_SECONDS * 1000)
  }
  check()
  health.addToServer(server)
  return () => {
    stopped = true
    clearTimeout(timer)
    setAll(false)
  }
}

/** True when the work ends well in time. */
async function within(seconds: number, work: () => Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000)
  })
  const done = Promise.try(work).then(
    () => true,
    () => false,
  )
  return Promise.race([done, tooLate]).finally(() => clearTimeout(timer))
}
