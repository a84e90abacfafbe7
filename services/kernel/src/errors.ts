import type { Any } from "@airside/protos/google/protobuf/any"
import { BadRequest, ErrorInfo } from "@airside/protos/google/rpc/error_details"
import { Status } from "@airside/protos/google/rpc/status"
import { Metadata, type ServiceError, status } from "@grpc/grpc-js"

const DOMAIN = "airside"
const DETAILS = "grpc-status-details-bin"
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
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
  const details = [
    pack(ERROR_INFO, ErrorInfo.encode({ reason: failure.reason, domain: DOMAIN, metadata: failure.metadata }).finish()),
  ]
  if (failure.fields.length > 0) {
    const fieldViolations = failure.fields.map(({ field, message }) => ({
      field,
      description: message,
      reason: "",
      localizedMessage: undefined,
    }))
    details.push(pack(BAD_REQUEST, BadRequest.encode({ fieldViolations }).finish()))
  }
  const code = status[failure.code]
  const metadata = new Metadata()
  metadata.set(DETAILS, Buffer.from(Status.encode({ code, message: failure.message, details }).finish()))
  return { code, details: failure.message, metadata }
}

/** The Failure that a peer sent, or one that says that the peer could not be asked. */
export function fromServiceError(error: ServiceError): Failure {
  const code = (status[error.code] ?? "UNKNOWN") as Code
  const encoded = error.metadata?.get(DETAILS)[0]
  if (!(encoded instanceof Buffer)) return new Failure(code, code, error.details || error.message)
  let reason: string = code
  let metadata: Record<string, string> = {}
  let fields: FieldProblem[] = []
  for (const detail of Status.decode(encoded).details) {
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

function pack(typeUrl: string, value: Uint8Array): Any {
  return { typeUrl, value: Buffer.from(value) }
}
