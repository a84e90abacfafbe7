/** Idempotency-Key: the first answer is the only one. https://docs.stripe.com/api/idempotent_requests */
import { type Answer, errorAnswer } from "./api.ts"
import { StripeError } from "./errors.ts"
import { type Call, nowSeconds, type Sandbox } from "./sandbox.ts"

const KEPT_SECONDS = 24 * 3600

/**
 * Performs the request, or replays what its key was first answered, refusals and declines included. The answer is
 * written in the operation's own transaction, so that a crash keeps both or neither.
 * Refuses a key that comes with another request; errors of validation leave the key unused.
 */
export function answerOnce(call: Call, key: string, request: string, perform: () => Answer): Answer {
  try {
    return call.store.transaction(() => {
      const first = recall(call, key, request)
      if (first) return first
      const answer = perform()
      keep(call, key, request, answer)
      return answer
    })
  } catch (error) {
    if (!(error instanceof StripeError) || error.isValidation || error.body.type === "idempotency_error") throw error
    const answer = errorAnswer(error)
    keep(call, key, request, answer)
    return answer
  }
}

export function keyInUse(key: string): StripeError {
  return new StripeError(409, {
    type: "idempotency_error",
    code: "idempotency_key_in_use",
    message: `There is currently another in-progress request using this Idempotent Key: ${key}. Please try again later.`,
  })
}

export function forgetOldAnswers(sandbox: Sandbox): void {
  sandbox.store.sqlite.query("delete from answers where create_time <= ?").run(nowSeconds(sandbox) - KEPT_SECONDS)
}

function recall(call: Call, key: string, request: string): Answer | undefined {
  const first = call.store.sqlite
    .query<{ request: string; status: number; body: string }, [string, number]>(
      "select request, status, body from answers where key = ? and create_time > ?",
    )
    .get(key, nowSeconds(call) - KEPT_SECONDS)
  if (!first) return undefined
  if (first.request !== fingerprint(request)) {
    const rule = "Keys for idempotent requests can only be used with the same parameters they were first used with."
    throw new StripeError(400, {
      type: "idempotency_error",
      message: `${rule} Try using a key other than '${key}' if you meant to execute a different request.`,
    })
  }
  return { status: first.status, body: first.body, replayed: true }
}

function keep(call: Call, key: string, request: string, { status, body }: Answer): void {
  call.store.sqlite
    .query("insert or replace into answers (key, request, status, body, create_time) values (?, ?, ?, ?, ?)")
    .run(key, fingerprint(request), status, body, nowSeconds(call))
}

/** Of fixed length, and card numbers in a request's parameters are not written down. */
function fingerprint(request: string): string {
  return new Bun.CryptoHasher("sha256").update(request).digest("base64")
}
