/**
 * `bun transactions.ts URL SECONDS WORKERS spread|hot`: limit (c), pgbench's "simple update" (a guarded update, a select,
 * an insert, commit) through postgres.js, in a process of its own, with as many connections as a service has. Hot: every
 * transaction updates the same row. Prints a CallLoad.
 */

import { connectDatabase } from "@airside/kernel/sql"
import { loadCalls } from "../load-calls.ts"
import { ACCOUNTS } from "./accounts.ts"

const [url = "", seconds = "", workers = "", kind] = process.argv.slice(2)
const database = connectDatabase({ url, connections: 5, name: "airside-bench" })
const load = await loadCalls({ seconds: Number(seconds), workers: Number(workers) }, async () => {
  const id = kind === "hot" ? 1 : 1 + Math.floor(Math.random() * ACCOUNTS)
  await database.inTransaction(async (tx) => {
    await tx`update bench.accounts set balance = balance + 1 where id = ${id} and balance >= 0`
    await tx`select balance from bench.accounts where id = ${id}`
    await tx`insert into bench.history (account_id, delta) values (${id}, 1)`
  })
})
console.log(JSON.stringify(load))
await database.close()
