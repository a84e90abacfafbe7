import { readFileSync } from "node:fs"
import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  ScalarType,
} from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"

/** Every proto of Airside, with its comments: the set that the services answer reflection from. */
export const registry = createFileRegistry(
  fromBinary(
    FileDescriptorSetSchema,
    readFileSync(Bun.resolveSync("@airside/protos/descriptors.binpb", import.meta.dir)),
  ),
)

export const SERVICES: DescService[] = [...registry.files].flatMap((file) => file.services)

/** There is no such service, method or message. */
export class NotInCatalogue extends Error {}

/** A service by its full name, its last word, or its package: airside.flights.v1.FlightService, FlightService, flights. */
export function findService(name: string): DescService {
  const wanted = name.toLowerCase()
  const found = SERVICES.find(({ typeName, file }) =>
    [typeName, lastWord(typeName), domainOf(file.proto.package)].some((each) => each.toLowerCase() === wanted),
  )
  if (found) return found
  throw new NotInCatalogue(`there is no service ${name}; there are ${SERVICES.map((each) => each.typeName).join(", ")}`)
}

/** A method as FlightService/SearchPlaces, flights.SearchPlaces or with the service's full name. */
export function findMethod(name: string): DescMethod {
  const [, serviceName, methodName] = /^\/?(.+)[/.](\w+)$/.exec(name) ?? []
  if (!serviceName || !methodName) throw new NotInCatalogue(`${name} is no method; write SERVICE/METHOD`)
  const service = findService(serviceName)
  const method = service.methods.find((each) => each.name.toLowerCase() === methodName.toLowerCase())
  if (method) return method
  const names = service.methods.map((each) => each.name).join(", ")
  throw new NotInCatalogue(`${service.typeName} has no method ${methodName}; it has ${names}`)
}

/** Every service with its methods, a line each. */
export function listing(): string[] {
  return SERVICES.flatMap((service) => [service.typeName, ...service.methods.map((method) => `  ${method.name}`)])
}

/** A service or a method in words: comments, requests, answers, and every message that they hold. */
export function description(name: string): string[] {
  const methods = name.includes("/") ? [findMethod(name)] : findService(name).methods
  const described = new Set<string>()
  return methods.flatMap((method) => [
    ...comment(method.parent, method),
    `rpc ${method.parent.typeName}/${method.name}`,
    ...messageLines(method.input, described),
    ...messageLines(method.output, described),
    "",
  ])
}

function messageLines(message: DescMessage, described: Set<string>): string[] {
  if (described.has(message.typeName) || message.typeName.startsWith("google.protobuf.")) return []
  described.add(message.typeName)
  const held = message.fields.flatMap((field) => (field.message ? messageLines(field.message, described) : []))
  const fields = message.fields.map(
    (field) =>
      `    ${field.name}: ${typeOf(field)}${field.proto.proto3Optional ? " (optional)" : ""}${field.oneof ? ` (one of ${field.oneof.name})` : ""}`,
  )
  return [`  ${lastWord(message.typeName)}${fields.length === 0 ? " {}" : ""}`, ...fields, ...held]
}

function typeOf(field: DescField): string {
  if (field.fieldKind === "map") return `map of ${ScalarType[field.mapKey].toLowerCase()}`
  const one = field.message
    ? field.message.typeName.replace(/^google\.protobuf\./, "").replace(/^airside\..*\./, "")
    : field.enum
      ? field.enum.values.map((value) => value.name).join(" | ")
      : ScalarType[field.scalar!].toLowerCase()
  return field.fieldKind === "list" ? `list of ${one}` : one
}

/** What the proto says above a method (FileDescriptorProto: 6 is its services, 2 a service's methods). */
function comment(service: DescService, method: DescMethod): string[] {
  const path = [6, service.file.services.indexOf(service), 2, service.methods.indexOf(method)].join()
  const location = service.file.proto.sourceCodeInfo?.location.find((each) => each.path.join() === path)
  const text = location?.leadingComments.trimEnd() ?? ""
  return text === "" ? [] : text.split("\n").map((line) => `//${line}`)
}

const lastWord = (typeName: string) => typeName.slice(typeName.lastIndexOf(".") + 1)
const domainOf = (packageName: string) => packageName.split(".")[1] ?? packageName
