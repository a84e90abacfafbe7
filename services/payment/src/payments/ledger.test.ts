import { afterAll, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { connectDatabase, type Database, isUniqueViolation, type Transaction } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { type PostingKind, post } from "./ledger.ts"

let clone: TestDatabase
let database: Database
const paymentId = newId()
beforeAll(async () => {
  clone = await createTestDatabase()
  database = connectDatabase({ url: clone.urlOf("payment") })
  await database.sql`
    insert into payment_transactions
      (id, booking_id, booking_reference, description, email, currency, amount_minor_units, status, checkout_key)
    values (${paymentId}, ${newId()}, 'K7M2QX', 'Airside booking', '', 'USD', 100, 'open', 'k')`
})
afterAll(async () => {
  await database?.close()
  await clone?.drop()
})

const entry = (tx: Transaction, postingId: string, side: string, minorUnits: bigint, currency = "USD") => tx`
  insert into ledger_entries (payment_id, posting_id, kind, stripe_id, side, account, currency, amount_minor_units)
  values (${paymentId}, ${postingId}, 'payment', 'pi_1', ${side}, 'stripe_balance', ${currency}, ${minorUnits})`

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error) => error.code,
  )

const posting = (kind: PostingKind, minorUnits: bigint) =>
  ({ paymentId, postingId: newId(), kind, stripeId: "x_1", currency: "USD", minorUnits }) as const

test("debits equal credits, over every kind of posting", async () => {
  const moved: [PostingKind, bigint][] = [
    ["payment", 100n],
    ["refund", 30n],
    ["refund_failed", 10n],
    ["dispute_withdrawn", 50n],
    ["dispute_reinstated", 20n],
    ["dispute_lost", 25n],
  ]
  for (const [kind, minorUnits] of moved) await database.inTransaction((tx) => post(tx, posting(kind, minorUnits)))
  const accounts = await database.sql`
    select account, sum(case side when 'debit' then amount_minor_units else -amount_minor_units end)::bigint as balance
    from ledger_entries
    group by account
    order by account`
  expect([...accounts]).toEqual([
    { account: "customer_funds", balance: -55n },
    { account: "disputed_funds", balance: 5n },
    { account: "stripe_balance", balance: 50n },
  ])
})

test("the same posting twice is refused by its key", async () => {
  const same = posting("payment", 5n)
  await database.inTransaction((tx) => post(tx, same))
  const again = database.inTransaction((tx) => post(tx, same))
  expect(await again.catch(isUniqueViolation)).toBe(true)
})

test("a posting that does not balance cannot be committed", async () => {
  const alone = database.inTransaction((tx) => entry(tx, newId(), "debit", 5n))
  expect(await codeOf(alone)).toBe("23503")
  const uneven = database.inTransaction(async (tx) => {
    const postingId = newId()
    await entry(tx, postingId, "debit", 5n)
    await entry(tx, postingId, "credit", 4n)
  })
  expect(await codeOf(uneven)).toBe("23503")
  const mixed = database.inTransaction(async (tx) => {
    const postingId = newId()
    await entry(tx, postingId, "debit", 5n)
    await entry(tx, postingId, "credit", 5n, "EUR")
  })
  expect(await codeOf(mixed)).toBe("23503")
})

test("entries are neither changed nor deleted, by the service itself either", async () => {
  const { sql } = database
  const changes = [
    sql`update ledger_entries set amount_minor_units = 1`,
    sql`update ledger_entries set side = 'debit'`,
    sql`delete from ledger_entries`,
    sql`truncate ledger_entries`,
  ]
  for (const change of changes) expect(await codeOf(change)).toBe("42501")
})
