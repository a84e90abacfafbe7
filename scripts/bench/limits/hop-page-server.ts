/** `bun hop-page-server.ts PORT`: limit (b), Elysia with one gRPC hop to hop-server.ts at that port. Prints its own. */

import { leaveWithSupervisor } from "@airside/kernel/lifeline"
import {
  FlightServiceService,
  SearchFlightsRequest,
  type SearchFlightsResponse,
} from "@airside/protos/airside/flights/v1/flights"
import { Client, credentials } from "@grpc/grpc-js"
import { Elysia } from "elysia"

const client = new Client(`127.0.0.1:${process.argv[2]}`, credentials.createInsecure())
const { path, requestSerialize, responseDeserialize } = FlightServiceService.searchFlights
const request = SearchFlightsRequest.fromPartial({
  origin: "VIE",
  destination: "SYD",
  departDate: "2027-01-10",
  adults: 1,
})

const search = () =>
  new Promise<SearchFlightsResponse>((resolve, reject) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
      error ? reject(error) : resolve(answer!),
    ),
  )
const app = new Elysia().get("/flights", async () => new Response(String((await search()).slices[0]?.offers.length)))
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch, development: false })
console.log(server.port)
leaveWithSupervisor(() => server.stop(true))
