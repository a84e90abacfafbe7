import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { BadRequest, ErrorInfo } from "@airside/protos/google/rpc/error_details"
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService as V1,
} from "@airside/protos/grpc/reflection/v1/reflection"
import { ServerReflectionService as V1Alpha } from "@airside/protos/grpc/reflection/v1alpha/reflection"
import { fromBinary } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import { Client } from "@grpc/grpc-js"
import { AIRSIDE_SERVICES, MESSAGES, SERVICES } from "../test/airside-services.ts"
import { startProbe } from "../test/probe.ts"
import { rpcCredentials } from "./credentials.ts"

let server: Awaited<ReturnType<typeof startProbe>>
let client: Client
beforeAll(async () => {
  server = await startProbe({}, {}, { services: AIRSIDE_SERVICES })
  client = new Client(server.address, rpcCredentials({}).client)
})
afterAll(async () => {
  client.close()
  await server.drain()
})

type Question = NonNullable<ServerReflectionRequest["messageRequest"]>

/** Asks all in one stream and answers what came, in order. */
function ask(version: typeof V1 | typeof V1Alpha, questions: Question[]) {
  const { path, requestSerialize, responseDeserialize } = version.serverReflectionInfo
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
  const answers: NonNullable<ServerReflectionResponse["messageResponse"]>[] = []
  return new Promise<typeof answers>((resolve, reject) => {
    stream.on("data", (response: ServerReflectionResponse) => answers.push(response.messageResponse!))
    stream.on("end", () => resolve(answers))
    stream.on("error", reject)
    for (const messageRequest of questions) stream.write({ host: "", messageRequest })
    stream.end()
  })
}

for (const [version, definition] of [
  ["v1", V1],
  ["v1alpha", V1Alpha],
] as const) {
  test(`${version} lists the services`, async () => {
    const [answer] = await ask(definition, [{ $case: "listServices", value: "" }])
    const expected = SERVICES.map((each) => each.name).filter((name) => !name.startsWith("grpc.reflection."))
    expect(answer).toMatchObject({ $case: "listServicesResponse" })
    const listed = answer?.$case === "listServicesResponse" ? answer.value.service.map((each) => each.name) : []
    expect(listed.sort()).toEqual(expected.sort())
  })

  test(`${version} answers every service, method and message with a file set that is complete`, async () => {
    const symbols = [
      ...SERVICES.flatMap(({ name, methods }) => [name, ...methods.map((method) => `${name}.${method.name}`)]),
      ...MESSAGES,
    ]
    for (const name of [
      "google.protobuf.Timestamp",
      "google.rpc.ErrorInfo",
      "google.rpc.BadRequest",
      "google.rpc.Status",
    ]) {
      expect(symbols).toContain(name)
    }
    const answers = await ask(
      definition,
      symbols.map((value) => ({ $case: "fileContainingSymbol", value })),
    )
    expect(answers).toHaveLength(symbols.length)
    for (const answer of answers) {
      expect(answer.$case).toBe("fileDescriptorResponse")
      if (answer.$case !== "fileDescriptorResponse") continue
      const files = answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes))
      const names = new Set(files.map((file) => file.name))
      expect(files.flatMap((file) => file.dependency).filter((name) => !names.has(name))).toEqual([])
    }
  })

  test(`${version} says so when it does not know something`, async () => {
    const answers = await ask(definition, [
      { $case: "fileContainingSymbol", value: "airside.nothing.v1.Here" },
      { $case: "fileByFilename", value: "nothing.proto" },
      { $case: "fileByFilename", value: "google/protobuf/timestamp.proto" },
    ])
    expect(answers.map((answer) => answer.$case)).toEqual(["errorResponse", "errorResponse", "fileDescriptorResponse"])
    expect(answers[0]).toMatchObject({ value: { errorCode: 5 } })
  })
}

const buf = join(import.meta.dir, "../../../node_modules/.bin/buf")

async function bufCurl(...args: string[]) {
  const child = Bun.spawn([buf, "curl", "--http2-prior-knowledge", ...args], { stdout: "pipe", stderr: "pipe" })
  const [out, problems] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { exitCode: await child.exited, out, problems }
}

test("buf curl lists the methods and calls one by reflection alone", async () => {
  const base = `http://${server.address}`
  const list = await bufCurl("--protocol", "grpc", "--list-methods", base)
  expect(list.problems).toBe("")
  expect(list.out.split("\n")).toContain("airside.bookings.v1.BookingService/HoldBooking")
  const check = await bufCurl("--protocol", "grpc", "-d", '{"service": ""}', `${base}/grpc.health.v1.Health/Check`)
  expect(JSON.parse(check.out)).toEqual({ status: "SERVING" })
})

test("buf curl shows the message and the details of an error (as typed bytes: it has no words for them)", async () => {
  const url = `http://${server.address}/airside.flights.v1.FlightService/GetPlace`
  const { exitCode, problems } = await bufCurl("--protocol", "grpc", "-d", '{"code": "DEL"}', url)
  expect(exitCode).not.toBe(0)
  const { message, details } = JSON.parse(problems) as { message: string; details: { type: string; value: string }[] }
  expect(message).toBe("Nothing is done here.")
  expect(details.map((detail) => detail.type)).toEqual(["google.rpc.ErrorInfo", "google.rpc.BadRequest"])
  const [info, bad] = details.map((detail) => Buffer.from(detail.value, "base64"))
  expect(ErrorInfo.decode(info!)).toMatchObject({
    reason: "REACHED",
    domain: "airside",
    metadata: { method: "GetPlace" },
  })
  expect(BadRequest.decode(bad!).fieldViolations).toMatchObject([{ field: "passengers[0].family_name" }])
})
