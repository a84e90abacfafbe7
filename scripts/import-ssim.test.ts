import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { connectDatabase } from "@airside/kernel/sql"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"
import { seedNetwork } from "../services/backend/seed/seed-network.ts"

const ROOT = resolve(import.meta.dir, "..")
const EXAMPLE = "services/backend/seed/example.ssim"

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), "airside-import-"))
  const administrator = connectDatabase({ url: database.url, connections: 1 })
  await seedNetwork(administrator, { dailyFlights: 300 })
  await administrator.close()
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await database.drop()
})

/** Runs the script on the administrator's connection. */
async function run(...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "import-ssim.ts"), ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, DATA_DIR: folder },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, output: output.replaceAll(folder, "."), errors }
}

/** The example with other bytes at a place of a line. */
async function changed(line: number, column: number, bytes: string): Promise<string> {
  const lines = (await Bun.file(join(ROOT, EXAMPLE)).text()).split("\n")
  const text = lines[line - 1]!
  lines[line - 1] = text.slice(0, column - 1) + bytes + text.slice(column - 1 + bytes.length)
  const path = join(folder, "file.ssim")
  writeFileSync(path, lines.join("\n"))
  return path
}

const LEFT_OUT = [
  "11:14: skipped: service type F is no flight for passengers",
  "12:149: skipped: code share, operated by Y9",
  "17: skipped: code share of ZZ 101",
]

test("the example: what is left out is listed with line and column, exit code 0; a dry run keeps nothing", async () => {
  const output = [
    ...LEFT_OUT.map((line) => `${EXAMPLE}:${line}`),
    "19 records read, 3 code shares, duplicates and legs without passengers and 0 bad records skipped",
    "9 legs are 23 flights with 1212 departures",
  ]
  expect(await run(EXAMPLE, "--dry-run", "--carriers", "ZZ=Zephyr Air, Y9=Yonder Airways")).toEqual({
    code: 0,
    output: `${[...output, "23 imported, 0 already there, 2 new carriers", "dry run: nothing was kept"].join("\n")}\n`,
    errors: "",
  })
  expect(await run(EXAMPLE)).toMatchObject({
    code: 0,
    output: `${[...output, "23 imported, 0 already there, 2 new carriers"].join("\n")}\n`,
  })
})

test("a bad leg is listed and the rest goes in, exit code 2; as JSON too", async () => {
  const path = await changed(3, 37, "QZX")
  const { code, output } = await run(path, "--dry-run", "--json")
  expect(code).toBe(2)
  expect(JSON.parse(output)).toMatchObject({
    ...{ dry_run: true, rows: 19, legs: 8, already_there: 22, new_carriers: 0, other_offsets: 0 },
    skipped: [{ line: 3, column: 37, reason: "airport QZX is not a known place", duplicate: false }, {}, {}, {}],
  })
})

test("a broken frame keeps everything out, exit code 1", async () => {
  expect(await run(await changed(9, 195, "000010"))).toEqual({
    code: 1,
    output: "",
    errors: "nothing was imported: line 9, column 195: record serial number 10 in place of 9\n",
  })
})

test.each([
  [[EXAMPLE, "--level", "0"], "--level must be a number up to 100"],
  [[EXAMPLE, "--rate", "x"], "--rate must be a number"],
  [[EXAMPLE, "--carriers", "Zephyr"], '--carriers must be such as "ZZ=Zephyr,YY=Yonder Air"'],
  [["no.ssim"], "no.ssim cannot be read"],
  [["scripts"], "scripts cannot be read"],
  [[], "usage: bun run import:ssim FILE"],
])("arguments %j end with exit code 1 and a word why", async (args, why) => {
  const { code, errors } = await run(...args)
  expect(code).toBe(1)
  expect(errors).toContain(why)
})
