import { Problems } from "@airside/kernel/errors"
import { isUuid, newId } from "@airside/kernel/ids"
import type { RequestOptions } from "@airside/kernel/rpc-client"
import { Elysia } from "elysia"
import { readJson, readQuery } from "../body.ts"
import type { UiContext } from "../context.ts"
import { lateBody } from "../late-body.ts"
import type { Identity } from "../session.ts"
import type { ObjectShape, Shape } from "./shape.ts"

/** What an endpoint knows of the request that it answers. */
export interface Call<Path extends string, Query, Body> extends UiContext {
  request: Request
  params: ParamsOf<Path>
  query: Query
  body: Body
  /** The Idempotency-Key: the same one on a repeated request gives the same answer. */
  requestId: string
  identity(): Promise<Identity>
  /** The caller as RPC options; anonymous where nobody is logged in. */
  caller(): Promise<RequestOptions>
}

type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Record<Name, string>
    : unknown

type Method = "GET" | "POST" | "DELETE"

/** One entry of API.md: parsed, answered and documented from the same words. */
export interface Endpoint {
  method: Method
  /** With parameters as `:name`. */
  path: string
  summary: string
  query?: ObjectShape<unknown>
  body?: Shape<unknown>
  success: { status: number; answer?: Shape<unknown> }
  /** Reasons that it can answer beside INVALID_REQUEST, with the HTTP status. */
  reasons: Record<string, number>
  /** An example request body. */
  example?: unknown
  run(call: Call<string, unknown, unknown>): Promise<unknown>
}

interface Definition<Path extends string, Query, Body, Answer>
  extends Omit<Endpoint, "query" | "body" | "success" | "reasons" | "run"> {
  path: Path
  query?: ObjectShape<Query>
  body?: Shape<Body>
  success: { status: number; answer?: Shape<Answer> }
  reasons?: Record<string, number>
  run(call: Call<Path, Query, Body>): Promise<Answer>
}

/** Names an endpoint and lets the compiler hold what it answers against its documented shape. */
export function endpoint<const Path extends string, Query = unknown, Body = unknown, Answer = void>(
  definition: Definition<Path, Query, Body, Answer>,
): Endpoint {
  return { reasons: {}, ...definition } as unknown as Endpoint
}

/** Serves the endpoints. Bad input in query, body and header is answered once, with every bad field named. */
export function serveEndpoints(context: UiContext, endpoints: readonly Endpoint[]) {
  const app = new Elysia()
  for (const each of endpoints) {
    app.route(each.method, each.path, ({ request, params }) => answer(context, each, request, params), {
      parse: "none",
    })
  }
  return app
}

async function answer(
  context: UiContext,
  { method, query, body, success, run }: Endpoint,
  request: Request,
  params: Record<string, string>,
): Promise<Response> {
  const problems = new Problems()
  const requestId = requestIdOf(request)
  if (!isUuid(requestId)) problems.add("Idempotency-Key", "must be a UUID")
  const given = {
    query: query?.parse(readQuery(request, query, problems), "", problems),
    body: body && (await readBody(request, body, problems)),
  }
  problems.throwIfAny()
  const identity = () => context.sessions.identityOf(request)
  const caller = async () => ({ token: (await identity()).token })
  const said = await run({ ...context, ...given, request, params, requestId, identity, caller })
  const headers: Record<string, string> = { "cache-control": "no-store" }
  if (success.answer) headers["content-type"] = "application/json;charset=utf-8"
  if (method !== "GET") headers["idempotency-key"] = requestId
  const json = success.answer ? lateBody(JSON.stringify(said)) : null
  return new Response(json, { status: success.status, headers })
}

const minted = new WeakMap<Request, string>()

/** The Idempotency-Key, or an id minted for this request: it names the request in answers and logs. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("idempotency-key")
  if (given !== null) return isUuid(given) ? given.toLowerCase() : given
  const known = minted.get(request) ?? newId()
  minted.set(request, known)
  return known
}

async function readBody(request: Request, shape: Shape<unknown>, problems: Problems): Promise<unknown> {
  const value = await readJson(request)
  if (value === undefined && !shape.optional) {
    problems.add("body", "is missing: send a JSON object")
    return undefined
  }
  return value === undefined ? undefined : shape.parse(value, "", problems)
}
