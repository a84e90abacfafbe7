import { afterAll, beforeAll, expect, test } from "bun:test"
import type { MethodDefinition } from "@grpc/grpc-js"
import { failureOf, identities, startProbe } from "../test/probe.ts"
import { rpcCredentials } from "./credentials.ts"
import { Failure } from "./errors.ts"
import { connect, type RpcClient } from "./rpc-client.ts"
import { type RpcServer, service } from "./rpc-server.ts"
import { until } from "./testing.ts"

type Message = { text: string }

const json = {
  serialize: (value: Message) => Buffer.from(JSON.stringify(value)),
  deserialize: (bytes: Buffer): Message => JSON.parse(bytes.toString()),
}
/** A stream under a name that `allow` gives to ui and staff. */
const TickerService = {
  tick: {
    path: "/airside.flights.v1.FlightService/WatchDepartures",
    requestStream: false,
    responseStream: true,
    requestSerialize: json.serialize,
    requestDeserialize: json.deserialize,
    responseSerialize: json.serialize,
    responseDeserialize: json.deserialize,
  } as const satisfies MethodDefinition<Message, Message>,
}

let server: RpcServer & { address: string; webAddress: string }
const clients = new Map<string, RpcClient<typeof TickerService> & { close(): void }>()
let client: RpcClient<typeof TickerService> & { close(): void }
let token: string
/** How many streams the operation has begun and ended. */
const counts = { begun: 0, ended: 0, sent: 0 }

async function* tick({ call }: { call: { gone: AbortSignal } }, { text }: Message): AsyncGenerator<Message> {
  counts.begun++
  try {
    if (text === "refuse") throw new Failure("FAILED_PRECONDITION", "NO_TICKS", "Not today.")
    if (text === "flood") for (let n = 0; n < 200; n++) yield { text: `${++counts.sent} ${"x".repeat(100_000)}` }
    for (let n = 1; text === "three" ? n <= 3 : !call.gone.aborted; n++) {
      yield { text: String(n) }
      if (text !== "three") await Bun.sleep(5)
    }
  } finally {
    counts.ended++
  }
}

beforeAll(async () => {
  server = await startProbe({}, {}, { services: [service(TickerService, { tick })] })
  clients.set("gRPC", connectTicker(server.address))
  clients.set("gRPC-Web", connectTicker(server.webAddress))
  token = await identities.tokenOf({ kind: "service", name: "ui" })
})
afterAll(async () => {
  for (const each of clients.values()) each.close()
  await server.drain()
})

const connectTicker = (address: string) =>
  connect(TickerService, address, { credentials: rpcCredentials({}).client, deadlineSeconds: 1 })

function inBoth(name: string, run: (protocol: string) => Promise<unknown>) {
  for (const protocol of ["gRPC", "gRPC-Web"]) {
    test(`${name} (${protocol})`, async () => {
      client = clients.get(protocol)!
      await run(protocol)
    })
  }
}

const read = async (messages: AsyncIterable<Message>, most = Number.POSITIVE_INFINITY) => {
  const texts: string[] = []
  for await (const { text } of messages) {
    texts.push(text)
    if (texts.length >= most) break
  }
  return texts
}

inBoth("messages come in order, and the end is an end", async () => {
  expect(await read(client.tick({ text: "three" }, { token }))).toEqual(["1", "2", "3"])
})

inBoth("who stops listening stops the operation", async () => {
  expect(await read(client.tick({ text: "on" }, { token }), 4)).toEqual(["1", "2", "3", "4"])
  await until(async () => counts.ended === counts.begun)
})

inBoth("a stream outlives the deadline of other calls, and ends when its signal says so", async () => {
  const leaving = new AbortController()
  setTimeout(() => leaving.abort(), 1300)
  expect(await failureOf(read(client.tick({ text: "on" }, { token, signal: leaving.signal })))).toMatchObject({
    code: "CANCELLED",
  })
  await until(async () => counts.ended === counts.begun)
})

inBoth("a refusal arrives with its reason, and who may not listen hears nothing", async () => {
  const begun = counts.begun
  expect(await failureOf(read(client.tick({ text: "refuse" }, { token })))).toMatchObject({ reason: "NO_TICKS" })
  const guest = await identities.tokenOf({ kind: "guest", bookingId: crypto.randomUUID(), sessionId: "s" })
  expect(await failureOf(read(client.tick({ text: "on" }, { token: guest })))).toMatchObject({ reason: "NOT_ALLOWED" })
  expect(counts.begun).toBe(begun + 1)
})

inBoth("who takes slowly is sent no more than fits on the way", async () => {
  const messages = client.tick({ text: "flood" }, { token })[Symbol.asyncIterator]()
  await messages.next()
  const standsStill = async () => {
    const { sent } = counts
    await Bun.sleep(50)
    return counts.sent === sent
  }
  await until(standsStill, 5, "the flood standing still")
  expect(counts.sent).toBeLessThan(200)
  await messages.return?.()
  await until(async () => counts.ended === counts.begun)
})

inBoth(
  "a server that leaves ends its streams: the client hears UNAVAILABLE and may ask another one",
  async (protocol) => {
    const leaving = await startProbe({}, {}, { services: [service(TickerService, { tick })] })
    const other = connectTicker(protocol === "gRPC" ? leaving.address : leaving.webAddress)
    const outcome = failureOf(read(other.tick({ text: "on" }, { token })))
    await until(async () => counts.begun > counts.ended)
    await leaving.drain()
    expect(await outcome).toMatchObject({ code: "UNAVAILABLE" })
    other.close()
  },
)
