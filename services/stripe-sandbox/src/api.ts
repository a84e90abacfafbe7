/** The way of an API request: key → parameters → one transaction → JSON, or an error object. */
import type { BunRequest } from "bun"
import { CardError, type ErrorBody, invalidRequest, StripeError } from "./errors.ts"
import { type Expansions, expand, takeExpansions } from "./expand.ts"
import { canonicalForm, decodeForm, type Form } from "./form.ts"
import { answerOnce, keyInUse } from "./idempotency.ts"
import { newId } from "./ids.ts"
import { type Parsed, readParameters, type Shape } from "./parameters.ts"
import { API_VERSION, type Call, type Sandbox } from "./sandbox.ts"

export interface Answer {
  status: number
  body: string
  replayed?: true
}

/** What a route does with the decoded form and the path's id. */
export type Operation = (call: Call, form: Form, id: string) => object

/** An operation that reads its parameters as the shape says before it runs. */
export function operation<S extends Shape>(
  shape: S,
  run: (call: Call, parameters: Parsed<S>, id: string) => object,
): Operation {
  return (call, form, id) => run(call, readParameters(shape, form), id)
}

/** Answers one API request; never rejects. */
export async function answer(sandbox: Sandbox, request: BunRequest, operate: Operation): Promise<Response> {
  const call: Call = { ...sandbox, request: { id: newId("req_"), idempotency_key: null } }
  try {
    authenticate(request)
    const handled =
      request.method === "POST" ? await answerPost(call, request, operate) : answerOther(call, request, operate)
    return respond(call, handled)
  } catch (error) {
    if (!(error instanceof StripeError)) call.log.error({ err: error, request: call.request.id }, "request failed")
    return respond(call, errorAnswer(error))
  }
}

/** A URL that is no route of Stripe's, or of Stripe's and not of ours. */
export function answerUnknown(sandbox: Sandbox, request: Request): Response {
  const call: Call = { ...sandbox, request: { id: newId("req_"), idempotency_key: null } }
  const path = new URL(request.url).pathname
  return respond(call, errorAnswer(invalidRequest(`Unrecognized request URL (${request.method}: ${path}).`, {}, 404)))
}

async function answerPost(call: Call, request: BunRequest, operate: Operation): Promise<Answer> {
  const key = request.headers.get("idempotency-key")
  const path = request.url.slice(request.url.indexOf("/", 8))
  if (key === null) return perform(call, await formBody(request), request, operate)
  if (key === "" || key.length > 255) throw invalidRequest("Idempotency keys are 1 to 255 characters long.")
  if (call.keysInUse.has(key)) throw keyInUse(key)
  call.keysInUse.add(key)
  try {
    const body = await formBody(request)
    call.request.idempotency_key = key
    return answerOnce(call, key, `${path} ${canonicalForm(body)}`, () => performSteps(call, body, request, operate))
  } finally {
    call.keysInUse.delete(key)
  }
}

function answerOther(call: Call, request: BunRequest, operate: Operation): Answer {
  const query = request.url.indexOf("?")
  return perform(call, query < 0 ? "" : request.url.slice(query + 1), request, operate)
}

function perform(call: Call, encoded: string, request: BunRequest, operate: Operation): Answer {
  return call.store.transaction(() => performSteps(call, encoded, request, operate))
}

/** Runs inside a transaction. A decline is an answer: what it did is kept; every other error undoes it. */
function performSteps(call: Call, encoded: string, request: BunRequest, operate: Operation): Answer {
  const form = decodeForm(encoded)
  const expansions: Expansions = takeExpansions(form)
  try {
    const result = operate(call, form, (request.params as { id?: string }).id ?? "")
    return { status: 200, body: JSON.stringify(expansions.length > 0 ? expand(call, result, expansions) : result) }
  } catch (error) {
    if (error instanceof CardError) return errorAnswer(error)
    throw error
  }
}

async function formBody(request: Request): Promise<string> {
  const body = await request.text()
  const type = request.headers.get("content-type")
  if (body !== "" && type !== null && !type.startsWith("application/x-www-form-urlencoded")) {
    throw invalidRequest(`Invalid request: the content type must be application/x-www-form-urlencoded, not ${type}`)
  }
  return body
}

function authenticate(request: Request): void {
  const authorization = request.headers.get("authorization") ?? ""
  const key = authorization.startsWith("Basic ")
    ? atob(authorization.slice(6).trim()).split(":")[0]
    : authorization.replace(/^Bearer\s+/, "")
  if (key && /^(sk|rk)_test_[\w-]+$/.test(key)) return
  const shown = key ? `Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(8)}` : "You did not provide an API key."
  throw new StripeError(401, {
    type: "invalid_request_error",
    message: `${shown} The sandbox takes any key that starts with sk_test_, as in: Authorization: Bearer sk_test_airside`,
  })
}

export function errorAnswer(error: unknown): Answer {
  const body: ErrorBody =
    error instanceof StripeError ? error.body : { type: "api_error", message: "An unexpected error occurred." }
  const documented = body.code
    ? { doc_url: `https://docs.stripe.com/error-codes/${body.code.replaceAll("_", "-")}` }
    : {}
  return {
    status: error instanceof StripeError ? error.status : 500,
    body: JSON.stringify({ error: { ...body, ...documented } }),
  }
}

function respond(call: Call, { status, body, replayed }: Answer): Response {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "request-id": call.request.id ?? "",
    "stripe-version": API_VERSION,
  }
  if (call.request.idempotency_key) headers["idempotency-key"] = call.request.idempotency_key.replace(/[^ -~]/g, "?")
  if (replayed) headers["idempotent-replayed"] = "true"
  return new Response(body, { status, headers })
}
