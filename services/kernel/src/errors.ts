import type { Any } from "@airside/protos/google/protobuf/any"
import { BadRequest, ErrorInfo } from "@airside/protos/google/rpc/error_details"
import { Status } from "@airside/protos/google/rpc/status"
import { Metadata, type ServiceError, status } from "@grpc/grpc-js"

const DOMAIN = "airside"
/** The trailer with google.rpc.Status. */
export const DETAILS = "grpc-status-details-bin"
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
/** Trailers are headers, and peers refuse large ones: no message may be as long as what somebody sent in. */
const LONGEST_MESSAGE = 500
const MOST_FIELDS = 20
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"

export type Code = Exclude<keyof typeof status, "OK">

/** What is wrong with one field, by its path in the request: `passengers[0].family_name`. */
export interface FieldProblem {
  field: string
  message: string
}

/**
 * The one error that callers are meant to read. `reason` is stable and for programs, `message` is for people,
 * `fields` names bad input, `metadata` carries facts that belong to the reason. Everything else that is thrown
 * becomes INTERNAL, with its detail in the log only.
 */
export class Failure extends Error {
  readonly code: Code
  readonly reason: string
  readonly fields: FieldProblem[]
  readonly metadata: Record<string, string>

  constructor(
    code: Code,
    reason: string,
    message: string,
    details: { fields?: FieldProblem[]; metadata?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = "Failure"
    this.code = code
    this.reason = reason
    this.fields = details.fields ?? []
    this.metadata = details.metadata ?? {}
  }
}

/** Turns a table of reasons into functions: `throw failures.SOLD_OUT()`. */
export function failuresOf<const Table extends Record<string, readonly [Code, string]>>(table: Table) {
  const make =
    (reason: string, [code, message]: readonly [Code, string]) =>
    (metadata: Record<string, string> = {}, fields: FieldProblem[] = []) =>
      new Failure(code, reason, message, { metadata, fields })
  return Object.fromEntries(Object.entries(table).map(([reason, entry]) => [reason, make(reason, entry)])) as {
    [Reason in keyof Table]: (metadata?: Record<string, string>, fields?: FieldProblem[]) => Failure
  }
}

/** Collects every problem of a request, so that one answer names them all. */
export class Problems {
  readonly fields: FieldProblem[] = []

  add(field: string, message: string) {
    this.fields.push({ field, message })
  }

  /** Throws INVALID_REQUEST when anything was added. */
  throwIfAny() {
    if (this.fields.length > 0) throw invalidRequest(this.fields)
  }
}

export function invalidRequest(fields: FieldProblem[]): Failure {
  const message = fields.map((problem) => `${problem.field}: ${problem.message}`).join("; ")
  return new Failure("INVALID_ARGUMENT", "INVALID_REQUEST", message, { fields })
}

/** A Failure as gRPC sends it: google.rpc.Status with ErrorInfo and BadRequest in the trailers. */
export function toServiceError(failure: Failure): Partial<ServiceError> {
  const message = shortened(failure.message)
  const details = [
    pack(ERROR_INFO, ErrorInfo.encode({ reason: failure.reason, domain: DOMAIN, metadata: failure.metadata }).finish()),
  ]
  if (failure.fields.length > 0) {
    const fieldViolations = failure.fields.slice(0, MOST_FIELDS).map(({ field, message }) => ({
      field: shortened(field),
      description: shortened(message),
      reason: "",
      localizedMessage: undefined,
    }))
    details.push(pack(BAD_REQUEST, BadRequest.encode({ fieldViolations }).finish()))
  }
  const code = status[failure.code]
  const metadata = new Metadata()
  metadata.set(DETAILS, Buffer.from(Status.encode({ code, message, details }).finish()))
  return { code, details: message, metadata }
}

/** The Failure that a peer sent, or one that says that the peer could not be asked. */
export function fromServiceError(error: ServiceError): Failure {
  const code = (status[error.code] ?? "UNKNOWN") as Code
  const encoded = error.metadata?.get(DETAILS)[0]
  const details = encoded instanceof Buffer ? decodeDetails(encoded) : undefined
  if (!details) return new Failure(code, code, error.details || error.message)
  let reason: string = code
  let metadata: Record<string, string> = {}
  let fields: FieldProblem[] = []
  for (const detail of details) {
    if (detail.typeUrl === ERROR_INFO) ({ reason, metadata } = ErrorInfo.decode(detail.value))
    if (detail.typeUrl === BAD_REQUEST) {
      fields = BadRequest.decode(detail.value).fieldViolations.map(({ field, description }) => ({
        field,
        message: description,
      }))
    }
  }
  return new Failure(code, reason, error.details, { fields, metadata })
}

/** True when asking again may help: nothing definite was said about the request itself. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Failure)) return true
  return [
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "ABORTED",
    "CANCELLED",
    "UNKNOWN",
    "INTERNAL",
    "RESOURCE_EXHAUSTED",
  ].includes(error.code)
}

/** Undefined for bytes that are no google.rpc.Status: a proxy or another implementation may put anything there. */
function decodeDetails(encoded: Buffer): Any[] | undefined {
  try {
    const { details } = Status.decode(encoded)
    for (const { typeUrl, value } of details) {
      if (typeUrl === ERROR_INFO) ErrorInfo.decode(value)
      if (typeUrl === BAD_REQUEST) BadRequest.decode(value)
    }
    return details
  } catch {
    return undefined
  }
}

/** Whole characters only: half of a pair cannot be sent. */
const shortened = (text: string) =>
  (text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text).toWellFormed()

function pack(typeUrl: string, value: Uint8Array): Any {
  return { typeUrl, value: Buffer.from(value) }
}
