import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test"
import {
  connectProbe,
  failureOf,
  identities,
  type ProbeRequest,
  type ProbeResponse,
  startProbe,
} from "../test/probe.ts"
import { Failure, invalidRequest } from "./errors.ts"
import { type KeepAnswer, once, onceAcrossSteps, onceByGuards } from "./idempotency.ts"
import { newId } from "./ids.ts"
import { onceTogether, type SharedWork } from "./once-together.ts"
import { connectDatabase, type Database, type Transaction } from "./sql.ts"
import { createTestDatabase, type TestDatabase, until } from "./testing.ts"

let home: TestDatabase
let database: Database
let probe: Awaited<ReturnType<typeof startProbe>>
let client: ReturnType<typeof connectProbe>
/** What the operation under test does; each test says. Its effects are notes, written when its kind writes. */
type Work = (tx: Transaction, request: ProbeRequest, note: Note) => Promise<ProbeResponse>
type Note = (text: string) => Promise<unknown>
let work: Work
let steps: (request: ProbeRequest) => Promise<ProbeResponse>
/** Carried out in place of steps, where there is one. */
let guarded: ((request: ProbeRequest, keep: KeepAnswer<ProbeResponse>) => Promise<Guarded>) | undefined
type Guarded = { response: ProbeResponse; isKept: boolean }
let isShared: boolean

beforeAll(async () => {
  home = await createTestDatabase()
  database = connectDatabase({ url: home.urlOf("loyalty") })
  await database.sql`create table effects (text text not null)`
  probe = await startProbe(
    { database },
    {
      act: (context, request) =>
        isShared
          ? onceTogether(context, request, request, TOGETHER)
          : once<ProbeResponse>(context, request, (tx) => work(tx, request, noteIn(tx))),
      look: (context, request) => {
        const take = guarded
        return take
          ? onceByGuards<ProbeResponse>(context, request, (keep) => take(request, keep))
          : onceAcrossSteps<ProbeResponse>(context, request, () => steps(request))
      },
    },
  )
  client = connectProbe(probe.address, { identity: () => ownToken })
})
beforeEach(() => {
  isShared = false
  guarded = undefined
  runs = []
})
afterEach(async () => {
  await database.sql`truncate effects`
})
afterAll(async () => {
  client.close()
  await probe.drain()
  await database.close()
  await home.drop()
})

const ownToken = identities.tokenOf({ kind: "person", userId: newId(), sessionId: "s", staff: false })
const effects = async () => (await database.sql`select text from effects`).length
const noteIn =
  (tx: Transaction): Note =>
  (text) =>
    tx`insert into effects values (${text})`
const record: Work = async (_, request, note) => {
  await note(request.text)
  return { text: `${request.text} ${newId()}` }
}
const recordStep = (request: ProbeRequest) => database.inTransaction((tx) => record(tx, request, noteIn(tx)))
/** Each request's notes, decided one after the other and written at once. */
const TOGETHER: SharedWork<ProbeRequest, ProbeResponse, string[]> = {
  async read(tx, requests) {
    runs.push(requests.length)
    await tx`select 1`
    return async (request) => {
      const notes: string[] = []
      const response = await work(tx, request, async (text) => notes.push(text))
      return { response, row: notes }
    }
  },
  write(tx, withCommit, rows) {
    withCommit(tx`insert into effects select * from unnest(${rows.flat()}::text[])`)
  },
}
/** How many requests each run had. */
let runs: number[]
const outOfSeats = () => new Failure("FAILED_PRECONDITION", "SOLD_OUT", "Nothing left.", { metadata: { left: "0" } })

const KINDS = [
  {
    kind: "once",
    call: (request: ProbeRequest) => client.act(request),
    perform: (run: Work) => {
      work = run
    },
  },
  {
    kind: "onceTogether",
    call: (request: ProbeRequest) => client.act(request),
    perform: (run: Work) => {
      isShared = true
      work = run
    },
  },
  {
    kind: "onceAcrossSteps",
    call: (request: ProbeRequest) => client.look(request),
    perform: (run: Work) => {
      steps = (request) => database.inTransaction((tx) => run(tx, request, noteIn(tx)))
    },
  },
  {
    kind: "onceByGuards",
    call: (request: ProbeRequest) => client.look(request),
    perform: (run: Work) => {
      guarded = (request, keep) =>
        database.inTransaction(async (tx, withCommit) => {
          await tx`lock table effects`
          const [done] = await tx`select 1 from effects where text = ${request.text}`
          if (done) return { response: { text: "done before" }, isKept: false }
          const response = await run(tx, request, noteIn(tx))
          keep(tx, withCommit, response)
          return { response, isKept: true }
        })
    },
  },
]

for (const { kind, call, perform } of KINDS) {
  test(`${kind}: the same request gets the same answer and has its effect once`, async () => {
    perform(record)
    const request = { requestId: newId(), text: "a" }
    const answer = await call(request)
    expect(await call(request)).toEqual(answer)
    expect(await call({ ...request, requestId: request.requestId.toLowerCase() })).toEqual(answer)
    expect(await effects()).toBe(1)
  })

  test(`${kind}: another request under a used id is refused and has no effect`, async () => {
    perform(record)
    const requestId = newId()
    await call({ requestId, text: "a" })
    expect(await failureOf(call({ requestId, text: "b" }))).toMatchObject({
      code: "ABORTED",
      reason: "REQUEST_ID_REUSED",
    })
    expect(await effects()).toBe(1)
  })

  test(`${kind}: twenty twins at once are carried out once and all get the answer`, async () => {
    perform(record)
    const request = { requestId: newId(), text: "twin" }
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(request)))
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
    expect(await effects()).toBe(1)
  })

  test(`${kind}: twins of work that reads before it writes leave nothing of their own`, async () => {
    perform(async (tx, request, note) => {
      await tx`select 1`
      await tx`select count(*) from effects`
      return record(tx, request, note)
    })
    const request = { requestId: newId(), text: "twin" }
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(request)))
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
    expect(await call(request)).toEqual(answers[0]!)
    expect(await effects()).toBe(1)
  })

  test(`${kind}: a refusal is an answer, and is kept when it would no longer be given`, async () => {
    perform(async () => {
      throw outOfSeats()
    })
    const request = { requestId: newId(), text: "a" }
    const refusal = { code: "FAILED_PRECONDITION", reason: "SOLD_OUT", metadata: { left: "0" } }
    expect(await failureOf(call(request))).toMatchObject(refusal)
    perform(record)
    expect(await failureOf(call(request))).toMatchObject(refusal)
    expect(await effects()).toBe(0)
  })

  test(`${kind}: bad input and what may go away by itself are no answers`, async () => {
    const request = { requestId: newId(), text: "a" }
    const passing = [
      invalidRequest([{ field: "text", message: "is bad" }]),
      new Failure("UNAVAILABLE", "LATER", "Later."),
      new Failure("RESOURCE_EXHAUSTED", "TOO_MANY", "Later."),
      new Error("unexpected"),
    ]
    for (const error of passing) {
      perform(async () => {
        throw error
      })
      expect(await failureOf(call(request))).toMatchObject({ code: error instanceof Failure ? error.code : "INTERNAL" })
    }
    perform(record)
    expect((await call(request)).text).toStartWith("a ")
    expect(await effects()).toBe(1)
  })

  test(`${kind}: a request_id that is no UUID is named`, async () => {
    perform(record)
    expect(await failureOf(call({ requestId: "1", text: "a" }))).toMatchObject({
      reason: "INVALID_REQUEST",
      fields: [{ field: "request_id" }],
    })
  })
}

test("once: the work and its answer are one transaction; a failure between them leaves neither", async () => {
  const request = { requestId: newId(), text: "a" }
  work = async (tx, each, note) => {
    await record(tx, each, note)
    return { text: 1n as unknown as string } // cannot be stored: encoding throws after the work
  }
  expect(await failureOf(client.act(request))).toMatchObject({ code: "INTERNAL" })
  expect(await effects()).toBe(0)
  work = record
  await client.act(request)
  expect(await effects()).toBe(1)
})

test("once: a connection that dies in the middle is tried again without a second effect", async () => {
  let attempts = 0
  work = async (tx, request, note) => {
    const answer = await record(tx, request, note)
    if (++attempts === 1)
      await database.sql`select pg_terminate_backend(${(await tx`select pg_backend_pid() as pid`)[0]!.pid})`
    return answer
  }
  await client.act({ requestId: newId(), text: "a" })
  expect(attempts).toBe(2)
  expect(await effects()).toBe(1)
})

test("onceByGuards: an answer that goes with no step is stored at the end; the first one stands", async () => {
  const [slow, fast] = [Promise.withResolvers<Guarded>(), Promise.withResolvers<Guarded>()]
  let runs = 0
  guarded = () => (++runs === 1 ? slow.promise : fast.promise)
  const request = { requestId: newId(), text: "a" }
  const answers = [client.look(request), client.look(request)]
  await until(async () => runs === 2)
  fast.resolve({ response: { text: "first" }, isKept: false })
  await Promise.race(answers)
  slow.resolve({ response: { text: "second" }, isKept: false })
  expect(await Promise.all(answers)).toEqual([{ text: "first" }, { text: "first" }])
})

test("onceByGuards: what a step was rolled back with is no answer", async () => {
  guarded = (request, keep) =>
    database.inTransaction(async (tx, withCommit) => {
      const response = await record(tx, request, noteIn(tx))
      keep(tx, withCommit, response)
      throw new Failure("UNAVAILABLE", "LATER", "Later.")
    })
  const request = { requestId: newId(), text: "a" }
  expect(await failureOf(client.look(request))).toMatchObject({ reason: "LATER" })
  expect(await effects()).toBe(0)
  guarded = async () => ({ response: { text: "now" }, isKept: false })
  expect(await client.look(request)).toEqual({ text: "now" })
})

test.each([true, false])("onceByGuards: a success stands over what a twin was refused; kept: %p", async (isKept) => {
  const [slow, refused] = [Promise.withResolvers<void>(), Promise.withResolvers<Guarded>()]
  let runs = 0
  guarded = async (request, keep) => {
    if (++runs === 2) return refused.promise
    await slow.promise
    return database.inTransaction(async (tx, withCommit) => {
      const response = await record(tx, request, noteIn(tx))
      if (isKept) keep(tx, withCommit, response)
      return { response, isKept }
    })
  }
  const request = { requestId: newId(), text: "a" }
  const first = client.look(request)
  await until(async () => runs === 1)
  const second = client.look(request)
  await until(async () => runs === 2)
  refused.reject(outOfSeats())
  expect(await failureOf(second)).toMatchObject({ reason: "SOLD_OUT" })
  slow.resolve()
  const answer = await first
  expect(await client.look(request)).toEqual(answer)
  expect(runs).toBe(2)
})

test("onceTogether: what is refused when it is written leaves neither effect nor answer", async () => {
  isShared = true
  work = async (_, request, note) => {
    await note(request.text)
    await note("\0") // PostgreSQL refuses it, after the answer's row and the first note were sent
    return { text: request.text }
  }
  const request = { requestId: newId(), text: "a" }
  expect(await failureOf(client.act(request))).toMatchObject({ reason: "INVALID_REQUEST" })
  expect(await effects()).toBe(0)
  work = record
  expect((await client.act(request)).text).toStartWith("a ")
  expect(await effects()).toBe(1)
})

test("onceTogether: what comes while two runs are under way is one run; who is refused is refused alone", async () => {
  isShared = true
  work = async (_, { text }, note) => {
    if (text === "refused") throw outOfSeats()
    await note(text === "bad" ? "\0" : text)
    return { text }
  }
  const texts = ["a", "b", "c", "refused", "d", "bad", "e", "f"]
  const all = await Promise.allSettled(texts.map((text) => client.act({ requestId: newId(), text })))
  expect(all.map((each) => (each.status === "fulfilled" ? each.value.text : each.reason.reason))).toEqual([
    ...["a", "b", "c", "SOLD_OUT", "d", "INVALID_REQUEST", "e", "f"],
  ])
  expect(Math.max(...runs)).toBeGreaterThan(2)
  expect(await effects()).toBe(6)
})

test("onceTogether: an answer stands, whatever would be decided now", async () => {
  isShared = true
  work = record
  const request = { requestId: newId(), text: "a" }
  const answer = await client.act(request)
  work = async () => {
    throw outOfSeats()
  }
  expect(await client.act(request)).toEqual(answer)
  expect(await effects()).toBe(1)
})

test("the same id of another caller or method is another request", async () => {
  work = record
  steps = recordStep
  const request = { requestId: newId(), text: "a" }
  const token = await identities.tokenOf({ kind: "guest", bookingId: newId(), sessionId: "s" })
  const answers = [await client.act(request), await client.look(request), await client.act(request, { token })]
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(3)
})

test("a claim whose holder died is taken over after its time, not before", async () => {
  const request = { requestId: newId(), text: "a" }
  const dead = Promise.withResolvers<ProbeResponse>()
  let begun = false
  steps = () => {
    begun = true
    return dead.promise
  }
  const first = client.look(request)
  await until(async () => begun)
  steps = recordStep
  const impatient = client.look(request)
  expect(await failureOf(impatient)).toMatchObject({ code: "ABORTED", reason: "REQUEST_IN_PROGRESS" })
  expect(await effects()).toBe(0)
  await database.sql`update answers set claim_expire_time = now() - interval '1 second' where request_id = ${request.requestId}`
  const second = await client.look(request)
  expect(await effects()).toBe(1)
  // The first holder was not dead after all: its end changes nothing, and it answers what is kept.
  dead.resolve({ text: "late" })
  expect(await first).toEqual(second)
  expect(await client.look(request)).toEqual(second)
}, 15_000)

test("a holder that fails after its claim was taken over does not release the other one's", async () => {
  const request = { requestId: newId(), text: "a" }
  const [first, second] = [Promise.withResolvers<ProbeResponse>(), Promise.withResolvers<ProbeResponse>()]
  let runs = 0
  steps = () => (++runs === 1 ? first.promise : second.promise)
  const firstCall = client.look(request).catch((error) => error)
  await until(async () => runs === 1)
  await database.sql`update answers set claim_expire_time = now() - interval '1 second' where request_id = ${request.requestId}`
  const secondCall = client.look(request)
  await until(async () => runs === 2)
  first.reject(new Failure("UNAVAILABLE", "LATER", "Later."))
  expect(await firstCall).toMatchObject({ code: "UNAVAILABLE" })
  second.resolve({ text: "done" })
  expect(await secondCall).toEqual({ text: "done" })
  expect(await client.look(request)).toEqual({ text: "done" })
  expect(runs).toBe(2)
})
