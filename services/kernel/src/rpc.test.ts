import { afterEach, describe, expect, test } from "bun:test"
import { HealthService } from "@airside/protos/grpc/health/v1/health"
import { Client, Metadata } from "@grpc/grpc-js"
import { connectProbe, failureOf, type ProbeContext, type ProbeOperations, startProbe } from "../test/probe.ts"
import { rpcCredentials } from "./credentials.ts"
import { Failure } from "./errors.ts"
import { connect } from "./rpc-client.ts"
import { service } from "./rpc-server.ts"
import { until } from "./testing.ts"

const opened: (() => unknown)[] = []
afterEach(async () => {
  protocol = "gRPC"
  end.resolve({ text: "" })
  end = Promise.withResolvers()
  for (const close of opened.splice(0).reverse()) await close()
})

type Options = Parameters<typeof startProbe>[2] & { clientSeconds?: number }

const PROTOCOLS = ["gRPC", "gRPC-Web"] as const
/** What the running test calls by. */
let protocol: (typeof PROTOCOLS)[number] = "gRPC"

function inBoth(name: string, run: () => unknown) {
  for (const each of PROTOCOLS) {
    test(`${name} (${each})`, async () => {
      protocol = each
      await run()
    })
  }
}

const addressOf = (server: { address: string; webAddress: string }) =>
  protocol === "gRPC" ? server.address : server.webAddress

async function world(operations: Partial<ProbeOperations<object>>, { clientSeconds = 10, ...options }: Options = {}) {
  const server = await startProbe({}, operations, options)
  const client = connectProbe(addressOf(server), { deadlineSeconds: clientSeconds })
  opened.push(server.drain, client.close)
  return { server, client }
}

const REQUEST = { requestId: "", text: "x" }
/** An operation that ends with the test. */
let end = Promise.withResolvers<{ text: string }>()
const never = () => end.promise

test("a call that brings no deadline gets the server's", async () => {
  const { server } = await world({ act: never }, { deadlineSeconds: 0.2 })
  const raw = new Client(server.address, rpcCredentials({}).client)
  opened.push(() => raw.close())
  const start = performance.now()
  const code = await new Promise((resolve) =>
    raw.makeUnaryRequest(
      "/airside.bookings.v1.BookingService/HoldBooking",
      (value: Buffer) => value,
      (value) => value,
      Buffer.from("{}"),
      new Metadata(),
      (error) => resolve(error?.code),
    ),
  )
  expect(code).toBe(4)
  expect(performance.now() - start).toBeLessThan(2000)
})

inBoth("a client's shorter deadline holds", async () => {
  const { client } = await world({ act: never }, { clientSeconds: 0.2, deadlineSeconds: 5 })
  const start = performance.now()
  expect(await failureOf(client.act(REQUEST))).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  expect(await failureOf(client.act(REQUEST, { deadlineSeconds: 0.1 }))).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  expect(performance.now() - start).toBeLessThan(2000)
})

/** A front that serves its calls by asking a back; the back tells how it was left. */
async function chain(clientSeconds: number) {
  const reached = Promise.withResolvers<void>()
  const left = Promise.withResolvers<{ cancelled: boolean; deadline: unknown }>()
  const back = await world({
    act: ({ call }: ProbeContext) => {
      reached.resolve()
      const deadline = call.parent.getDeadline()
      call.parent.on("cancelled", () => left.resolve({ cancelled: true, deadline }))
      return never()
    },
  })
  const front = await world(
    { act: ({ call }: ProbeContext, request) => back.client.act(request, { for: call }) },
    { clientSeconds },
  )
  return { front: front.client, reached: reached.promise, left: left.promise }
}

inBoth("who cancels at the front cancels at the back", async () => {
  const { front, reached, left } = await chain(10)
  const leaving = new AbortController()
  const outcome = front.act(REQUEST, { signal: leaving.signal }).catch((error) => error)
  await reached
  leaving.abort()
  expect(await outcome).toMatchObject({ code: "CANCELLED" })
  expect(await left).toMatchObject({ cancelled: true })
})

inBoth("the front's deadline holds at the back, whose own is longer", async () => {
  const { front, left } = await chain(0.5)
  const start = Date.now()
  expect(await failureOf(front.act(REQUEST))).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  const { deadline } = await left
  expect(Number(deadline) - start).toBeLessThan(1500)
})

inBoth("a long-lived signal is not held on to, and one that was aborted before calls nobody", async () => {
  let calls = 0
  const { client } = await world({
    act: async () => {
      calls++
      return { text: "" }
    },
  })
  const controller = new AbortController()
  const listening = { added: 0, removed: 0 }
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening.added++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening.removed++
    remove(...args)
  }
  for (let index = 0; index < 5; index++) await client.act(REQUEST, { signal })
  expect(listening).toEqual({ added: 5, removed: 5 })
  controller.abort()
  expect(await failureOf(client.act(REQUEST, { signal }))).toMatchObject({ code: "CANCELLED" })
  expect(calls).toBe(5)
})

inBoth("an unexpected error is INTERNAL; its detail is in the log only, found by an id", async () => {
  const { client, server } = await world({
    act: async () => {
      throw new Error("password of the database: hunter2")
    },
  })
  const error = await client.act(REQUEST).catch((each) => each)
  expect(error).toMatchObject({ code: "INTERNAL", reason: "INTERNAL" })
  expect(JSON.stringify([error.message, error.metadata, error.fields])).not.toContain("hunter2")
  const line = server.lines.find((each) => each.includes("hunter2"))!
  expect(JSON.parse(line).id).toBe(error.metadata.id)
})

inBoth("a Failure arrives as it was thrown", async () => {
  const thrown = new Failure("FAILED_PRECONDITION", "SOLD_OUT", "Zürich → Малага 航班: «full», 100% sold\nsorry", {
    fields: [{ field: "passengers[0].family_name", message: "Łódź ist zu kurz: 🛫" }],
    metadata: { city: "São Paulo", empty: "" },
  })
  const { client } = await world({
    act: async () => {
      throw thrown
    },
  })
  const { code, reason, message, fields, metadata } = await client.act(REQUEST).catch((each) => each)
  expect({ code, reason, message, fields, metadata }).toEqual({
    code: thrown.code,
    reason: thrown.reason,
    message: thrown.message,
    fields: thrown.fields,
    metadata: thrown.metadata,
  })
})

inBoth("a Failure that quotes half a character, or is cut inside of one, still arrives", async () => {
  const { client } = await world({
    act: async (_context, { text }) => {
      throw new Failure("NOT_FOUND", "NOT_FOUND", text)
    },
  })
  for (const text of [`${"a".repeat(498)}🛫🛫`, "half \ud83d of one"]) {
    expect(await failureOf(client.act({ ...REQUEST, text }))).toMatchObject({ code: "NOT_FOUND" })
  }
})

inBoth("a Failure that quotes a large input still arrives, shortened", async () => {
  const fields = Array.from({ length: 500 }, (_, index) => ({
    field: `passengers[${index}]`,
    message: "ß".repeat(5000),
  }))
  const { client } = await world({
    act: async () => {
      throw new Failure("INVALID_ARGUMENT", "INVALID_REQUEST", "ß".repeat(100_000), { fields })
    },
  })
  const error = await client.act(REQUEST).catch((each) => each)
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" })
  expect(error.fields.length).toBeGreaterThan(0)
})

inBoth("a message that is too large is refused, and the next one is served", async () => {
  const { client } = await world({ act: async (_context, request) => ({ text: request.text }) })
  const large = client.act({ ...REQUEST, text: "x".repeat(5 * 1024 * 1024) })
  expect(await failureOf(large)).toMatchObject({ code: "RESOURCE_EXHAUSTED" })
  expect(await client.act(REQUEST)).toEqual({ text: "x" })
})

inBoth("a token that is none is refused, also where anybody may call", async () => {
  const { client } = await world({})
  for (const token of ["garbage", "a.b.c", "x".repeat(3000)]) {
    expect(await failureOf(client.act(REQUEST, { token }))).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "IDENTITY_INVALID",
    })
  }
})

inBoth("a drain lets running operations end and refuses new ones", async () => {
  const started = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { client, server } = await world({
    act: async () => {
      started.resolve()
      await goOn.promise
      return { text: "finished" }
    },
  })
  const running = client.act(REQUEST)
  await started.promise
  const drained = server.drain()
  expect(await failureOf(client.act(REQUEST))).toMatchObject({ code: "UNAVAILABLE" })
  goOn.resolve()
  expect(await running).toEqual({ text: "finished" })
  await drained
})

test("somebody who watches the health does not hold up a drain", async () => {
  const { server } = await world({})
  const raw = new Client(server.address, rpcCredentials({}).client)
  opened.push(() => raw.close())
  const { path, requestSerialize, responseDeserialize } = HealthService.watch
  const stream = raw.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: "" })
  stream.on("error", () => {})
  await new Promise((resolve) => stream.once("data", resolve))
  const start = performance.now()
  await server.drain()
  expect(performance.now() - start).toBeLessThan(1500)
})

inBoth("health says NOT_SERVING while a dependency fails, and SERVING when it is back", async () => {
  let broken = false
  const { server } = await world(
    {},
    {
      checkDependencies: async () => {
        if (broken) throw new Error("gone")
      },
    },
  )
  const health = connect(HealthService, addressOf(server), {
    credentials: rpcCredentials({}).client,
    deadlineSeconds: 2,
  })
  opened.push(health.close)
  const check = health.check as unknown as (request: { service: string }) => Promise<{ status: number }>
  const bothAre = (status: number) => async () =>
    (await check({ service: "" })).status === status &&
    (await check({ service: "airside.bookings.v1.BookingService" })).status === status
  await until(bothAre(1), 5, "SERVING")
  broken = true
  await until(bothAre(2), 5, "NOT_SERVING")
  broken = false
  await until(bothAre(1), 5, "SERVING again")
  expect(await failureOf(check({ service: "nothing.Here" }))).toMatchObject({ code: "NOT_FOUND" })
})

inBoth("a client finds its peer again after a restart", async () => {
  const first = await world({})
  await first.client.act(REQUEST)
  await first.server.drain()
  expect(await failureOf(first.client.act(REQUEST))).toMatchObject({ code: "UNAVAILABLE" })
  const { port, webPort } = first.server
  await world({}, { port, webPort })
  await until(() => first.client.act(REQUEST).catch(() => undefined), 5, "an answer after the restart")
})

test("an RPC without an operation is found at start", () => {
  const missing = { services: [service({ act: { path: "/a.B/C" } } as never, {} as never)] }
  expect(startProbe({}, {}, missing as never)).rejects.toThrow("no operation")
})

describe("several peers", () => {
  const naming = (text: string) => ({ act: async () => ({ text }) })

  test("take turns, and one that drains or dies fails no call", async () => {
    const [first, second] = [(await world(naming("first"))).server, (await world(naming("second"))).server]
    const client = connectProbe(`${first.address},${second.address}`)
    opened.push(client.close)
    const answers: string[] = []
    let calling = true
    const callers = Array.from({ length: 8 }, async () => {
      while (calling) answers.push((await client.act(REQUEST)).text)
    })
    await until(async () => answers.includes("first") && answers.includes("second"), 5, "answers of both")
    await first.drain()
    const later = answers.length + 50
    await until(async () => answers.length > later, 5, "answers of the one that is left")
    await world(naming("third"), { port: first.port })
    await until(async () => answers.includes("third"), 5, "answers of the one that came back")
    calling = false
    await Promise.all(callers)
  })

  test("a connection that has grown old is replaced, and no call is lost", async () => {
    const peers = new Set<string>()
    const { client } = await world(
      {
        act: async ({ call }) => {
          peers.add(call.parent.getPeer())
          return { text: "" }
        },
      },
      { connectionSeconds: 0.2 },
    )
    await until(async () => (await client.act(REQUEST)) && peers.size > 2, 5, "new connections")
  })
})

inBoth("what a peer answers itself is not asked again", async () => {
  let calls = 0
  const { client } = await world({
    act: async () => {
      calls++
      throw new Failure("UNAVAILABLE", "STRIPE_UNAVAILABLE", "Payments cannot be reached.")
    },
  })
  expect(await failureOf(client.act(REQUEST))).toMatchObject({ reason: "STRIPE_UNAVAILABLE" })
  expect(calls).toBe(1)
})
