import { fromBinary } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import type { MethodDefinition } from "@grpc/grpc-js"
import { Failure } from "../src/errors.ts"
import type { Service } from "../src/rpc-server.ts"

const set = fromBinary(
  FileDescriptorSetSchema,
  await Bun.file(new URL(import.meta.resolve("@airside/protos/descriptors.binpb"))).bytes(),
)

/** Every type and service of the descriptor set, by full name. */
export const MESSAGES = set.file.flatMap((file) => file.messageType.map((type) => `${file.package}.${type.name}`))
export const SERVICES = set.file.flatMap((file) =>
  file.service.map((each) => ({
    name: `${file.package}.${each.name}`,
    methods: each.method.map((method) => ({ path: `/${file.package}.${each.name}/${method.name}`, name: method.name })),
  })),
)

const bytes = (value: Buffer) => value
export const bytesMethod = (path: string): MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
})

/** All services of Airside as one server: whoever gets as far as an operation is told REACHED. */
export const AIRSIDE_SERVICES: Service<object>[] = SERVICES.filter(({ name }) => name.startsWith("airside.")).map(
  ({ methods }) => ({
    definition: Object.fromEntries(methods.map(({ name, path }) => [name, bytesMethod(path)])),
    operations: Object.fromEntries(
      methods.map(({ name }) => [
        name,
        async () => {
          throw new Failure("UNIMPLEMENTED", "REACHED", "Nothing is done here.", {
            fields: [{ field: "passengers[0].family_name", message: "must not be empty" }],
            metadata: { method: name },
          })
        },
      ]),
    ),
  }),
)
