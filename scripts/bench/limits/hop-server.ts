/** `bun hop-server.ts METHOD FILE`: answers this RPC of FlightService with the message in the file. Prints its port. */

import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import { FlightServiceService } from "@airside/protos/airside/flights/v1/flights"
import { type MethodDefinition, Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js"

const [name = "", file = ""] = process.argv.slice(2)
const method = FlightServiceService[name as keyof typeof FlightServiceService] as MethodDefinition<unknown, unknown>
const answer = method.responseDeserialize(Buffer.from(await Bun.file(file).bytes()))
const server = new Server()
server.addService(
  { [name]: method },
  { [name]: (_: unknown, callback: sendUnaryData<unknown>) => callback(null, answer) },
)
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(port)
})
leaveWithSupervisor(async () => server.forceShutdown())
