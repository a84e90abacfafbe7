import { type Code, Failure, type FieldProblem } from "@airside/kernel/errors"

/** What a page or the JSON API says when something was not done. Nothing in it is secret. */
export interface Problem {
  /** HTTP status. */
  status: number
  /** The status in words: "Conflict". */
  title: string
  /** A sentence for people. */
  detail: string
  /** Stable, for programs: "SOLD_OUT". */
  reason: string
  /** What is wrong with which field of the request, snake_case paths: `passengers[0].family_name`. */
  fields: FieldProblem[]
  /** Facts that belong to the reason, such as decline_code. */
  metadata: Record<string, string>
  /** Set on 429 and 503. */
  retryAfterSeconds?: number
}

/** DESIGN §6: the one table from gRPC to HTTP. */
const STATUS: Record<Code, number> = {
  INVALID_ARGUMENT: 422,
  OUT_OF_RANGE: 422,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  FAILED_PRECONDITION: 409,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 503,
  CANCELLED: 503,
  UNIMPLEMENTED: 500,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
}

const TITLE: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
}

const UNAVAILABLE = "This cannot be answered just now. Nothing is lost: please try again in a moment."
const UNEXPECTED = "Something went wrong on our side."
const TOO_MANY_SECONDS = 30
const UNAVAILABLE_SECONDS = 2

/** A problem that ui itself states: `throw new HttpProblem(413, "BODY_TOO_LARGE", "…")`. */
export class HttpProblem extends Error {
  readonly status: number
  readonly reason: string
  readonly fields: FieldProblem[]

  constructor(status: number, reason: string, message: string, fields: FieldProblem[] = []) {
    super(message)
    this.status = status
    this.reason = reason
    this.fields = fields
  }
}

/** True when an operation answered with one of these reasons: `if (hasReason(error, "SOLD_OUT")) …`. */
export function hasReason(error: unknown, ...reasons: string[]): boolean {
  return (error instanceof Failure || error instanceof HttpProblem) && reasons.includes(error.reason)
}

/**
 * True when nobody knows yet whether it was done: a service was silent, or is still at it. The same request with the same
 * request_id may be sent again, and is carried out once.
 */
export const isUndecided = (error: unknown): boolean =>
  problemOf(error).status === 503 || hasReason(error, "REQUEST_IN_PROGRESS", "BOOKING_BUSY", "PAYMENT_BUSY")

/** What may be said about anything that was thrown. What is not a Failure is INTERNAL, and its text stays in the log. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return problem(error.status, error.reason, error.message, error.fields)
  if (!(error instanceof Failure)) return problem(500, "INTERNAL", UNEXPECTED)
  const status = STATUS[error.code]
  if (status === 500) {
    // A service gives its unexpected errors an id, by which they are found in its log.
    const id = error.metadata.id
    return problem(500, "INTERNAL", id ? `${UNEXPECTED.slice(0, -1)} (${id}).` : UNEXPECTED)
  }
  if (status === 503) {
    // The transport's own words name addresses; a service's reason is meant to be read.
    const said = error.reason === error.code ? UNAVAILABLE : error.message
    return { ...problem(503, error.reason, said), retryAfterSeconds: UNAVAILABLE_SECONDS }
  }
  const answer = problem(status, error.reason, error.message, error.fields, error.metadata)
  return status === 429 ? { ...answer, retryAfterSeconds: retrySeconds(error) } : answer
}

/** `application/problem+json` (RFC 9457), as every endpoint below /api answers it. */
export function problemResponse(answer: Problem, requestId: string): Response {
  const { status, title, detail, reason, fields, metadata, retryAfterSeconds } = answer
  const body = {
    // Facts first: none of them can take the place of what the format defines.
    ...metadata,
    type: `urn:airside:problem:${reason.toLowerCase()}`,
    title,
    status,
    detail,
    reason,
    request_id: requestId,
    ...(fields.length > 0 && { errors: fields }),
  }
  const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" }
  if (retryAfterSeconds) headers["retry-after"] = String(retryAfterSeconds)
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="airside"'
  return new Response(JSON.stringify(body), { status, headers })
}

/** The message beside one field of a form, if there is one. */
export function messageFor(answer: Problem | undefined, field: string): string | undefined {
  return answer?.fields.find((each) => each.field === field)?.message
}

function problem(
  status: number,
  reason: string,
  detail: string,
  fields: FieldProblem[] = [],
  metadata: Record<string, string> = {},
): Problem {
  return { status, title: TITLE[status] ?? "Error", detail, reason, fields, metadata }
}

function retrySeconds(failure: Failure): number {
  const said = Number(failure.metadata.retry_after_seconds)
  return Number.isInteger(said) && said > 0 ? said : TOO_MANY_SECONDS
}
