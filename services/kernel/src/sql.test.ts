import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { failureOf } from "../test/probe.ts"
import { Failure } from "./errors.ts"
import {
  conflict,
  connectDatabase,
  type Database,
  databaseFailure,
  isLockTimeout,
  isUniqueViolation,
  semaphore,
} from "./sql.ts"
import { createTestDatabase, type TestDatabase, until } from "./testing.ts"

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await createTestDatabase()
  database = connectDatabase({ url: home.url })
  await database.sql`create table marks (id text primary key)`
  await database.sql`create table counters (id int primary key, value int not null)`
})
afterEach(async () => {
  await database.sql`truncate marks, counters`
})
afterAll(async () => {
  await database.close()
  await home.drop()
})

const marks = async () => (await database.sql<{ id: string }[]>`select id from marks order by id`).map((row) => row.id)

/** As an administrator's terminate, a restart or a failover would do. */
const killConnections = (name: string) =>
  database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`

test("postgres.js is the patched one", async () => {
  const root = join(import.meta.dir, "../../..")
  const patch = await Bun.file(join(root, "patches/postgres@3.4.9.patch")).text()
  const files = patch.split(/^\+\+\+ b\//m).slice(1)
  expect(files.map((each) => each.split("\n")[0])).toEqual(["src/connection.js", "src/index.js"])
  for (const each of files) {
    const [name, ...lines] = each.split("\n")
    const source = await Bun.file(join(root, "node_modules/postgres", name!)).text()
    const added = lines.filter((line) => /^\+[^+]/.test(line))
    expect(added.length).toBeGreaterThan(0)
    for (const line of added) expect(source).toContain(line.slice(1))
  }
})

test("a burst of single statements and transactions at once: every acknowledged row is there", async () => {
  const transactions = Array.from({ length: 240 }, (_, index) =>
    database.inTransaction(async (tx) => {
      await tx`insert into marks values (${`first-${index}`})`
      await tx`insert into marks values (${`second-${index}`})`
    }),
  )
  const singles = Array.from({ length: 500 }, (_, index) => database.sql`insert into marks values (${`one-${index}`})`)
  await Promise.all([...transactions, ...singles])
  expect(await marks()).toHaveLength(2 * 240 + 500)
})

test("connections killed under load for two seconds: nobody hangs, nothing acknowledged is lost", async () => {
  const victim = connectDatabase({ url: home.url, name: "victim", connections: 5 })
  const acknowledged: string[] = []
  const refused: unknown[] = []
  const endTime = Date.now() + 2000
  const write = async (id: string) => {
    try {
      if (id.startsWith("single")) await victim.sql`insert into marks values (${id})`
      else if (id.startsWith("decided")) {
        await victim.inTransaction(
          async (tx, withCommit) => {
            await tx`select 1`
            withCommit(tx`insert into marks values (${id})`)
            withCommit(tx`insert into marks values (${`${id}-second`})`)
          },
          { standsAlone: true },
        )
      } else {
        await victim.inTransaction(async (tx) => {
          await tx`insert into marks values (${id})`
          await tx`insert into marks values (${`${id}-second`})`
        })
      }
      acknowledged.push(id)
    } catch (error) {
      refused.push(error)
    }
  }
  const writers = ["single", "transaction", "decided"].flatMap((kind) =>
    Array.from({ length: 10 }, async (_, writer) => {
      for (let index = 0; Date.now() < endTime; index++) await write(`${kind}-${writer}-${index}`)
    }),
  )
  let killed = 0
  while (Date.now() < endTime) {
    killed += (await killConnections("victim")).length
    await Bun.sleep(40)
  }
  await until(async () => Promise.all(writers), 10, "every writer having an answer")
  await victim.close()
  const kept = new Set(await marks())
  expect(killed).toBeGreaterThan(20)
  expect(acknowledged.length).toBeGreaterThan(100)
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
  for (const id of kept) if (/^(transaction|decided)-\d+-\d+$/.test(id)) expect(kept.has(`${id}-second`)).toBe(true)
  expect(refused.filter((error) => databaseFailure(error) === undefined && !(error instanceof Failure))).toEqual([])
}, 20_000)

test("work that outlived its transaction's connection cannot touch the next transaction", async () => {
  const single = connectDatabase({ url: home.url, name: "outlived", connections: 1 })
  const goOn = Promise.withResolvers<void>()
  const outlivedEnd = Promise.withResolvers<unknown>()
  let attempt = 0
  const outcome = single.inTransaction(async (tx) => {
    attempt++
    if (attempt === 1) {
      await tx`insert into marks values ('first')`
      await killConnections("outlived")
      await goOn.promise
      try {
        await tx`insert into marks values ('from the dead')`
        outlivedEnd.resolve("done")
      } catch (error) {
        outlivedEnd.resolve(error)
      }
      return
    }
    await tx`insert into marks values ('second')`
    goOn.resolve()
    expect(await outlivedEnd.promise).toMatchObject({ code: "CONNECTION_CLOSED" })
    for (let turn = 0; turn < 5; turn++) await tx`select 1` // whatever the first try still sends arrives now
    throw new Error("roll back")
  })
  await expect(outcome).rejects.toThrow("roll back")
  expect(attempt).toBe(2)
  expect(await marks()).toEqual([])
  await single.close()
})

test("a part of the work that goes on when the work has ended sends nothing more", async () => {
  const { sql } = database
  await sql`create table if not exists late_parts (text text not null)`
  for (const end of ["well", "badly"]) {
    const hasEnded = Promise.withResolvers<void>()
    let late: Promise<unknown> | undefined
    await database
      .inTransaction(async (tx) => {
        const part = async () => {
          await tx`select 1`
          await hasEnded.promise
          // A turn of the event loop: until then the work itself is seen to have ended, and COMMIT or ROLLBACK is sent.
          await new Promise((resolve) => setImmediate(resolve))
          await tx`insert into late_parts values (${end})`
        }
        late = part().catch((error) => error.code)
        await tx`select 1`
        hasEnded.resolve()
        if (end === "badly") throw new Error("badly")
      })
      .catch(() => {})
    expect(await late).toBe("CONNECTION_CLOSED")
  }
  expect(await sql`select text from late_parts`).toHaveLength(0)
})

test("an unknown COMMIT is repeated only for work that says it may be", async () => {
  const victim = connectDatabase({ url: home.url, name: "commit", connections: 1 })
  // A deferred constraint makes COMMIT itself wait, so that the connection dies in the middle of it.
  await database.sql`create table slow (id int constraint slow_once unique deferrable initially deferred)`
  const attempts = { once: 0, repeatable: 0 }
  const commitThatDies = async (kind: keyof typeof attempts) => {
    const blocker = Promise.withResolvers<void>()
    const blocked = Promise.withResolvers<void>()
    const blocking = database.inTransaction(async (tx) => {
      await tx`insert into slow values (1)`
      blocked.resolve()
      await blocker.promise
      throw new Error("let go")
    })
    await blocked.promise
    const outcome = victim
      .inTransaction(
        async (tx) => {
          attempts[kind]++
          if (attempts[kind] === 1) await tx`insert into slow values (1)`
        },
        { repeatable: kind === "repeatable" },
      )
      .then(
        () => "committed",
        (error) => error.reason,
      )
    await until(async () => {
      const [row] = await database.sql`
        select 1 from pg_stat_activity where application_name = 'commit' and query = 'commit' and wait_event_type = 'Lock'`
      return row !== undefined
    })
    await killConnections("commit")
    const answer = await outcome
    blocker.resolve()
    await blocking.catch(() => {})
    return answer
  }
  expect(await commitThatDies("once")).toBe("DATABASE_UNAVAILABLE")
  expect(attempts.once).toBe(1)
  expect(await commitThatDies("repeatable")).toBe("committed")
  expect(attempts.repeatable).toBe(2)
  await victim.close()
})

test("what fails on its way with COMMIT undoes everything, and the first failure is told as it was explained", async () => {
  const outcome = database.inTransaction(async (tx, withCommit) => {
    await tx`insert into marks values ('before')`
    withCommit(tx`insert into marks values ('with')`)
    withCommit(tx`insert into marks values ('with')`, (error) =>
      isUniqueViolation(error) ? new Failure("FAILED_PRECONDITION", "TWICE", "Twice.") : error,
    )
    withCommit(tx`insert into marks values ('after')`, () => new Error("failed of what came before"))
    return "answer"
  })
  expect(await failureOf(outcome)).toMatchObject({ reason: "TWICE" })
  expect(await marks()).toEqual([])
})

test("reads that travel with BEGIN and writes that travel with COMMIT are one transaction", async () => {
  const read = await database.inTransaction(
    async (tx, withCommit) => {
      const ids = await Promise.all([tx`select pg_current_xact_id() as id`, tx`select pg_current_xact_id() as id`])
      withCommit(tx`insert into marks select pg_current_xact_id()`)
      withCommit(tx`insert into marks select pg_current_xact_id() || ' again'`)
      return ids.map(([row]) => row!.id)
    },
    { standsAlone: true },
  )
  expect(await marks()).toEqual([read[0], `${read[1]} again`])
})

test("what is a conflict on its way with COMMIT is tried again", async () => {
  let attempts = 0
  await database.inTransaction(async (tx, withCommit) => {
    attempts++
    withCommit(tx`insert into marks values (${String(attempts)})`)
    if (attempts === 1) withCommit(tx`select 1 / 0`, () => conflict("taken"))
  })
  expect(attempts).toBe(2)
  expect(await marks()).toEqual(["2"])
})

test("serialization failures are tried again", async () => {
  await database.sql`insert into counters values (1, 0)`
  const add = () =>
    database.inTransaction(async (tx) => {
      await tx`set transaction isolation level repeatable read`
      const [row] = await tx<{ value: number }[]>`select value from counters where id = 1`
      await tx`update counters set value = ${row!.value + 1} where id = 1`
    })
  await Promise.all([add(), add(), add()])
  expect(await database.sql<{ value: number }[]>`select value from counters`).toMatchObject([{ value: 3 }])
})

test("deadlocks are tried again", async () => {
  await database.sql`insert into counters values (1, 0), (2, 0)`
  const met = Promise.withResolvers<void>()
  let here = 0
  const add = (first: number, second: number) =>
    database.inTransaction(async (tx) => {
      await tx`update counters set value = value + 1 where id = ${first}`
      if (++here === 2) met.resolve()
      await met.promise
      await tx`update counters set value = value + 1 where id = ${second}`
    })
  await Promise.all([add(1, 2), add(2, 1)])
  expect(here).toBe(3)
  expect((await database.sql<{ value: number }[]>`select value from counters`).map((row) => row.value)).toEqual([2, 2])
})

test("a conflict that does not go away is told as one", async () => {
  let attempts = 0
  const outcome = database.inTransaction(async () => {
    attempts++
    throw Object.assign(new Error("could not serialize"), { code: "40001" })
  })
  expect(await failureOf(outcome)).toMatchObject({ code: "ABORTED", reason: "CONFLICT" })
  expect(attempts).toBe(5)
})

test("waiting for a lock ends with the role's lock_timeout", async () => {
  const impatient = connectDatabase({ url: `${home.url}?lock_timeout=100`, connections: 1 })
  await database.sql`insert into counters values (1, 0)`
  await database.inTransaction(async (tx) => {
    await tx`update counters set value = 1 where id = 1`
    const error = await impatient
      .inTransaction((other) => other`update counters set value = 2 where id = 1`)
      .catch((e) => e)
    expect(isLockTimeout(error)).toBe(true)
    expect(databaseFailure(error)).toMatchObject({ code: "ABORTED", reason: "CONFLICT" })
  })
  await impatient.close()
})

test("a server that cannot be reached is UNAVAILABLE", async () => {
  const nowhere = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/nothing", connections: 1 })
  const outcome = nowhere.inTransaction(async (tx) => tx`select 1`)
  expect(await failureOf(outcome)).toMatchObject({ code: "UNAVAILABLE", reason: "DATABASE_UNAVAILABLE" })
  const error = await nowhere.sql`select 1`.catch((each) => each)
  expect(databaseFailure(error)).toMatchObject({ reason: "DATABASE_UNAVAILABLE" })
  await nowhere.close()
})

test("NUL, the one character that PostgreSQL does not hold, is bad input", async () => {
  const error = await database.sql`insert into marks values (${"a\0b"})`.catch((each) => each)
  expect(databaseFailure(error)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" })
})

test("int8 is a bigint, civil dates and times are text, instants are Dates", async () => {
  const sent = {
    big: 2n ** 62n,
    day: "2027-03-28",
    wall: "2027-03-28 02:30:00",
    instant: new Date("2027-03-28T00:30:00Z"),
  }
  const [read] = await database.sql`
    select ${sent.big}::int8 as big, ${sent.day}::date as day, ${sent.wall}::timestamp as wall,
      ${sent.instant}::timestamptz as instant`
  expect(read).toEqual(sent)
})

test("a semaphore lets its width run at once and the others in order, failures included", async () => {
  const turn = semaphore(3)
  let running = 0
  let most = 0
  const order: number[] = []
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      turn(async () => {
        order.push(index)
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
        if (index % 4 === 0) throw new Error("failed")
      }),
    ),
  )
  expect(most).toBe(3)
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(outcomes.filter((outcome) => outcome.status === "rejected")).toHaveLength(5)
  await turn(async () => {}) // every place was given back
})
