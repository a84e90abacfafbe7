import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { connectDatabase, type Database } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { trimRecords } from "./trim-records.ts"

let clone: TestDatabase
let database: Database
beforeAll(async () => {
  clone = await createTestDatabase()
  database = connectDatabase({ url: clone.urlOf("payment"), connections: 2 })
})
afterAll(async () => {
  await database?.close()
  await clone?.drop()
})

test("answers and events are kept for 30 days, and no longer", async () => {
  const { sql } = database
  for (const days of [0, 29, 31, 400]) {
    await sql`
      insert into answers (subject, method, request_id, fingerprint, create_time)
      values ('person:ada', 'Pay', ${newId()}, '', now() - ${days} * interval '1 day')`
    await sql`
      insert into webhook_events (id, type, object_id, create_time)
      values (${`evt_${days}`}, 'charge.succeeded', 'ch_1', now() - ${days} * interval '1 day')`
  }
  await trimRecords({ database })
  await trimRecords({ database })
  expect(await sql`select 1 from answers`).toHaveLength(2)
  const events = await sql`select id from webhook_events order by id`
  expect(events.map(({ id }) => id)).toEqual(["evt_0", "evt_29"])
})
