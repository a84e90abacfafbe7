import { afterAll, describe, expect, test } from "bun:test"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connectDatabase, type Sql } from "@airside/kernel/sql"
import { until } from "@airside/kernel/testing"
import { startPostgres } from "./postgres.ts"

// Nobody but this account may look into it, as with a home folder.
const closed = mkdtempSync(join(tmpdir(), "airside-closed-"))
chmodSync(closed, 0o700)
const dataDir = join(closed, "data")
afterAll(() => rmSync(closed, { recursive: true, force: true }))

describe("a kept server", () => {
  test("starts below a folder that other accounts cannot read, and keeps its data over a restart", async () => {
    const first = await startPostgres({ dataDir, port: 0 })
    await query(first.url, (sql) => sql`create table kept as select 'yes' as answer`)
    await first.stop()

    const second = await startPostgres({ dataDir, port: 0 })
    const [row] = await query(second.url, (sql) => sql`select answer from kept`)
    const [settings] = await query(
      second.url,
      (sql) => sql`select current_setting('server_encoding') as encoding, current_setting('timezone') as zone,
        current_setting('listen_addresses') as addresses, lower('ÄÖ') as lower`,
    )
    await second.stop()
    expect(row).toEqual({ answer: "yes" })
    expect(settings).toEqual({ encoding: "UTF8", zone: "UTC", addresses: "127.0.0.1", lower: "äö" })
  })

  test("recovers when it was killed, and when its pid now belongs to another program", async () => {
    const first = await startPostgres({ dataDir, port: 0 })
    await query(first.url, (sql) => sql`insert into kept values ('after')`)
    first.kill()
    await first.ended
    const pidFile = join(dataDir, "postgres/postmaster.pid")
    writeFileSync(pidFile, `${process.pid}\n${dataDir}/postgres\n`)

    const second = await startPostgres({ dataDir, port: 0 })
    const rows = await query(second.url, (sql) => sql`select answer from kept`)
    await second.stop()
    expect(rows.length).toBe(2)
  })

  test("says so when the data folder was made with another password", async () => {
    const start = startPostgres({ dataDir, port: 0, password: "another" })
    await expect(start).rejects.toThrow("POSTGRES_PASSWORD")
    expect(existsSync(join(dataDir, "postgres/postmaster.pid"))).toBe(false)
  })

  test("an interrupted initdb leaves nothing that a later start trips over", async () => {
    const other = join(closed, "other")
    mkdirSync(join(other, "postgres.new/base"), { recursive: true })
    const server = await startPostgres({ dataDir: other, port: 0 })
    await server.stop()
    expect(existsSync(join(other, "postgres.new"))).toBe(false)
  })
})

test("a throw-away server and its folder are gone when whoever started it is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "airside-starter-"))
  chmodSync(folder, 0o1777)
  const starter = Bun.spawn([process.execPath, join(import.meta.dir, "postgres.ts"), "--dev"], {
    env: { ...process.env, TMPDIR: folder },
    stdout: "pipe",
    stderr: "inherit",
  })
  const url = new TextDecoder().decode((await starter.stdout.getReader().read()).value).trim()
  const [row] = await query(url, (sql) => sql`select 1 as answer`)
  expect(row).toEqual({ answer: 1 })
  expect(readdirSync(folder)).toHaveLength(1)

  starter.kill("SIGKILL")
  await until(async () => readdirSync(folder).length === 0, 8, "the folder's removal")
  await expect(query(url, (sql) => sql`select 1`)).rejects.toThrow()
  rmSync(folder, { recursive: true })
})

async function query<T>(url: string, run: (sql: Sql) => Promise<T>): Promise<T> {
  const { sql, close } = connectDatabase({ url, connections: 1 })
  try {
    return await run(sql)
  } finally {
    await close()
  }
}
