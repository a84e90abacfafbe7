/**
 * The bodies of gRPC-Web: gRPC over HTTP/1.1. A message or the trailers are a frame each, of a flag, a length and bytes.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 */

import { Metadata, type ServiceError } from "@grpc/grpc-js"
import { DETAILS, Failure } from "./errors.ts"

export const CONTENT_TYPE = "application/grpc-web+proto"

const HEAD_BYTES = 5
const MESSAGE = 0
const TRAILERS = 0x80
const TRAILERS_OF_SUCCESS = Buffer.from("grpc-status:0\r\n")

export function messageFrame(message: Uint8Array): Buffer<ArrayBuffer> {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + message.length)
  writeFrame(frame, 0, MESSAGE, message)
  return frame
}

/** The body of an answer: the message, and that all went well. */
export function answerBody(message: Uint8Array): Buffer<ArrayBuffer> {
  const body = Buffer.allocUnsafe(HEAD_BYTES + message.length + HEAD_BYTES + TRAILERS_OF_SUCCESS.length)
  writeFrame(body, writeFrame(body, 0, MESSAGE, message), TRAILERS, TRAILERS_OF_SUCCESS)
  return body
}

/** How a call ended: well, or with what was wrong. */
export function trailersFrame(error?: Partial<ServiceError>): Buffer<ArrayBuffer> {
  let fields: Buffer = TRAILERS_OF_SUCCESS
  if (error) {
    const details = error.metadata?.get(DETAILS)[0]
    const lines = [`grpc-status:${error.code}`, `grpc-message:${encodeURIComponent(error.details ?? "")}`]
    if (details) lines.push(`${DETAILS}:${Buffer.from(details).toString("base64")}`)
    fields = Buffer.from(lines.map((line) => `${line}\r\n`).join(""))
  }
  const frame = Buffer.allocUnsafe(HEAD_BYTES + fields.length)
  writeFrame(frame, 0, TRAILERS, fields)
  return frame
}

/** Answers where the frame ends. */
function writeFrame(body: Buffer, start: number, flag: number, bytes: Uint8Array): number {
  body[start] = flag
  body.writeUInt32BE(bytes.length, start + 1)
  body.set(bytes, start + HEAD_BYTES)
  return start + HEAD_BYTES + bytes.length
}

export interface Frame {
  /** Undefined: these are the trailers. */
  message: Buffer | undefined
  /** What went wrong; of trailers only. */
  error: Pick<ServiceError, "code" | "details" | "metadata"> | undefined
  /** Where the next one begins. */
  end: number
}

/** The frame that begins at `start`; undefined when not all of it is there yet. Throws a Failure for what is none. */
export function readFrame(body: Buffer, start: number): Frame | undefined {
  if (body.length < start + HEAD_BYTES) return undefined
  const end = start + HEAD_BYTES + body.readUInt32BE(start + 1)
  if (body.length < end) return undefined
  const flag = body[start]!
  const bytes = body.subarray(start + HEAD_BYTES, end)
  if (flag === MESSAGE) return { message: bytes, error: undefined, end }
  if (flag === TRAILERS) return { message: undefined, error: readTrailers(bytes), end }
  throw new Failure("UNIMPLEMENTED", "UNIMPLEMENTED", "Compressed messages are not understood here.")
}

function readTrailers(bytes: Buffer): Frame["error"] {
  if (bytes.equals(TRAILERS_OF_SUCCESS)) return undefined
  const fields = new Map<string, string>()
  for (const line of bytes.toString("latin1").split("\r\n")) {
    const colon = line.indexOf(":")
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return errorIn(fields)
}

/** What trailers say went wrong; they are headers where there is no message. */
export function errorIn(fields: { get(name: string): string | null | undefined }): Frame["error"] {
  const code = Number(fields.get("grpc-status") ?? 2)
  if (code === 0) return undefined
  const metadata = new Metadata()
  const details = fields.get(DETAILS)
  if (details) metadata.set(DETAILS, Buffer.from(details, "base64"))
  return { code, details: decoded(fields.get("grpc-message") ?? ""), metadata }
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}
