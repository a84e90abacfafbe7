/**
 * `bun run grpc SERVICE/METHOD ['{json}' | -] [--as WHO] [--password …] [--address …]`: calls one RPC and prints its
 * answer as JSON. WHO is demo, staff, USERNAME[:PASSWORD] or guest:ACCESS_TOKEN; the address is host:port, or follows
 * from the settings. `bun run grpc list` names everything, `bun run grpc describe SERVICE[/METHOD]` says what it takes.
 * Exit codes: 0 answered, 1 refused or not understood.
 */

import { parseArgs } from "node:util"
import { ConfigError, givenValue } from "@airside/kernel/config"
import { Failure } from "@airside/kernel/errors"
import { connect } from "@airside/kernel/rpc-client"
import { type DescMethod, fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf"
import { description, findMethod, listing, NotInCatalogue, registry } from "./grpc/catalogue.ts"
import { logIn, PasswordMissing } from "./grpc/log-in.ts"
import { readPeers } from "./grpc/peers.ts"

const USAGE = `usage: bun run grpc SERVICE/METHOD ['{json}' | -] [--as demo|staff|USERNAME[:PASSWORD]|guest:TOKEN] [--password PASSWORD] [--address HOST:PORT]
       bun run grpc list
       bun run grpc describe SERVICE[/METHOD]`
const DEADLINE_SECONDS = 15

/** Which process serves a package, or one service of it. */
const OWNERS: Record<string, "backend" | "payment" | "loyalty"> = {
  "airside.accounts.v1": "backend",
  "airside.flights.v1": "backend",
  "airside.bookings.v1": "backend",
  "airside.payments.v1": "payment",
  "airside.loyalty.v1": "loyalty",
  "airside.repairs.v1.BookingRepairService": "backend",
  "airside.repairs.v1.PaymentRepairService": "payment",
}

/** The command line is not as the usage says. */
class BadArguments extends Error {}

/** The request is no JSON, or not what the method takes. */
class BadRequest extends Error {}

try {
  for (const line of await run()) console.log(line)
  process.exit(0)
} catch (error) {
  for (const line of explain(error)) console.error(line)
  process.exit(1)
}

async function run(): Promise<string[]> {
  const { positionals, values } = readArguments()
  const [what = "", argument] = positionals
  if (what === "list") return listing()
  if (what === "describe" && argument) return description(argument)
  const method = findMethod(what)
  if (method.methodKind !== "unary") throw new BadArguments(`${what} is a stream; this command makes single calls`)
  const request = parseRequest(method, argument === "-" ? await Bun.stdin.text() : (argument ?? "{}"))
  return [JSON.stringify(await call(method, request, values), null, 2)]
}

function readArguments() {
  try {
    const parsed = parseArgs({
      args: process.argv.slice(2),
      options: { as: { type: "string" }, password: { type: "string" }, address: { type: "string" } },
      allowPositionals: true,
    })
    if (parsed.positionals.length < 1 || parsed.positionals.length > 2) throw new Error("name one method")
    return parsed
  } catch (error) {
    throw new BadArguments((error as Error).message)
  }
}

/** The request as bytes; a request_id that it wants and was not given is made up. */
function parseRequest(method: DescMethod, text: string): Uint8Array {
  const json = parseObject(text)
  const wantsId = method.input.fields.some((field) => field.name === "request_id")
  const complete = wantsId && !json.request_id && !json.requestId ? { request_id: crypto.randomUUID(), ...json } : json
  try {
    return toBinary(method.input, fromJson(method.input, complete, { registry }))
  } catch (error) {
    throw new BadRequest(
      `${(error as Error).message}\nsee: bun run grpc describe ${method.parent.typeName}/${method.name}`,
    )
  }
}

function parseObject(text: string): JsonObject {
  try {
    const json = JSON.parse(text)
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json
  } catch {
    // the same answer as to a number or a list
  }
  throw new BadRequest('the request must be a JSON object in single quotes, such as \'{"query": "del"}\'')
}

async function call(
  method: DescMethod,
  request: Uint8Array,
  { as, password, address }: { as?: string; password?: string; address?: string },
) {
  const { credentials, addressOf } = readPeers()
  const owner = OWNERS[method.parent.typeName] ?? OWNERS[method.parent.file.proto.package]
  const target = address ?? (owner && addressOf[owner])
  if (!target) throw new BadArguments(`${method.parent.typeName} is served by every process: say --address`)
  const token =
    as &&
    (await logIn(as, {
      address: owner === "backend" ? target : addressOf.backend,
      credentials,
      password: password ?? givenValue(process.env.AIRSIDE_PASSWORD),
    }))
  const client = connect({ call: definitionOf(method) }, target, { credentials, deadlineSeconds: DEADLINE_SECONDS })
  try {
    const answer = fromBinary(method.output, await client.call(request, { token }))
    return toJson(method.output, answer, { registry, useProtoFieldName: true, alwaysEmitImplicit: true })
  } finally {
    client.close()
  }
}

/** Bytes in, bytes out: JSON becomes a message and back on this side. */
function definitionOf(method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
    requestDeserialize: (bytes: Buffer): Uint8Array => bytes,
    responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
    responseDeserialize: (bytes: Buffer): Uint8Array => bytes,
  }
}

function explain(error: unknown): string[] {
  if (error instanceof BadArguments) return [error.message, USAGE]
  if ([BadRequest, NotInCatalogue, PasswordMissing, ConfigError].some((known) => error instanceof known)) {
    return [(error as Error).message]
  }
  if (!(error instanceof Failure)) throw error
  return [
    `${error.code} ${error.reason}: ${error.message}`.trim(),
    ...(error.reason === "UNAVAILABLE" ? ["  is Airside running there? bun run start starts it"] : []),
    ...error.fields.map(({ field, message }) => `  ${field}: ${message}`),
    ...Object.entries(error.metadata).map(([name, value]) => `  ${name} = ${value}`),
  ]
}
