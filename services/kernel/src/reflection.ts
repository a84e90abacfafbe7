import type { ServerReflectionRequest, ServerReflectionResponse } from "@airside/protos/grpc/reflection/v1/reflection"
import { ServerReflectionService as ReflectionV1 } from "@airside/protos/grpc/reflection/v1/reflection"
import { ServerReflectionService as ReflectionV1Alpha } from "@airside/protos/grpc/reflection/v1alpha/reflection"
import { fromBinary, toBinary } from "@bufbuild/protobuf"
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { type Server, type ServerDuplexStream, status } from "@grpc/grpc-js"

/**
 * Server reflection, v1 and v1alpha, over the descriptor set that `buf build` wrote. It holds every file, well-known
 * types and google.rpc included, so that clients can print error details in words. (The published implementation
 * breaks on protos that import google/protobuf/timestamp.)
 */
export function addReflection(server: Server, serviceNames: string[]) {
  const answer = createAnswerer(serviceNames)
  const serverReflectionInfo = (stream: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) => {
    stream.on("data", (request: ServerReflectionRequest) => stream.write(answer(request)))
    stream.on("end", () => stream.end())
    stream.on("error", () => stream.end())
  }
  server.addService(ReflectionV1, { serverReflectionInfo })
  server.addService(ReflectionV1Alpha, { serverReflectionInfo })
}

type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>

function createAnswerer(serviceNames: string[]) {
  const { files, fileOfSymbol } = index
  const withDependencies = (name: string, seen = new Set<string>()): Buffer[] => {
    const file = files.get(name)
    if (!file || seen.has(name)) return []
    seen.add(name)
    return [file.bytes, ...file.dependencies.flatMap((dependency) => withDependencies(dependency, seen))]
  }
  const filesAnswer = (name: string | undefined, asked: string): Answer =>
    name && files.has(name)
      ? { $case: "fileDescriptorResponse", value: { fileDescriptorProto: withDependencies(name) } }
      : { $case: "errorResponse", value: { errorCode: status.NOT_FOUND, errorMessage: `${asked} is not known here` } }

  const answerTo = (request: ServerReflectionRequest): Answer => {
    const asked = request.messageRequest
    switch (asked?.$case) {
      case "listServices":
        return { $case: "listServicesResponse", value: { service: serviceNames.map((name) => ({ name })) } }
      case "fileByFilename":
        return filesAnswer(asked.value, asked.value)
      case "fileContainingSymbol":
        return filesAnswer(fileOfSymbol.get(asked.value), asked.value)
      case "allExtensionNumbersOfType":
        return { $case: "allExtensionNumbersResponse", value: { baseTypeName: asked.value, extensionNumber: [] } }
      default:
        return {
          $case: "errorResponse",
          value: { errorCode: status.UNIMPLEMENTED, errorMessage: "there are no extensions here" },
        }
    }
  }
  return (request: ServerReflectionRequest): ServerReflectionResponse => ({
    validHost: request.host,
    originalRequest: request,
    messageResponse: answerTo(request),
  })
}

const index = await readDescriptors()

async function readDescriptors() {
  const set = fromBinary(
    FileDescriptorSetSchema,
    await Bun.file(new URL(import.meta.resolve("@airside/protos/descriptors.binpb"))).bytes(),
  )
  const files = new Map<string, { bytes: Buffer; dependencies: string[] }>()
  const fileOfSymbol = new Map<string, string>()
  for (const file of set.file) {
    files.set(file.name, {
      bytes: Buffer.from(toBinary(FileDescriptorProtoSchema, file)),
      dependencies: file.dependency,
    })
    for (const symbol of symbolsOf(file)) fileOfSymbol.set(symbol, file.name)
  }
  return { files, fileOfSymbol }
}

function symbolsOf(file: FileDescriptorProto): string[] {
  const messages = (prefix: string, types: FileDescriptorProto["messageType"]): string[] =>
    types.flatMap((type) => {
      const name = `${prefix}.${type.name}`
      return [name, ...type.enumType.map((each) => `${name}.${each.name}`), ...messages(name, type.nestedType)]
    })
  return [
    ...messages(file.package, file.messageType),
    ...file.enumType.map((each) => `${file.package}.${each.name}`),
    ...file.service.flatMap((each) => {
      const name = `${file.package}.${each.name}`
      return [name, ...each.method.map((method) => `${name}.${method.name}`)]
    }),
  ]
}
