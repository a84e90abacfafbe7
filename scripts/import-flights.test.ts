import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { createTestDatabase, type TestDatabase } from "@airside/kernel/testing"

const PLACES = "city,airport,code,country\nDelhi,x,DEL,India\nMumbai,x,BOM,India\n"
const HEADER = "origin,destination,depart_time,depart_weekday,duration,flight_no,airline_code,airline,economy_fare"
const GOOD = "DEL,BOM,08:00:00,2,02:10:00,G8334,G8,Go First,4589"

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), "airside-import-"))
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await database.drop()
})

/** Runs an import script on a file with this text, on the administrator's connection. */
async function run(script: string, text: string, ...args: string[]) {
  const path = join(folder, "file.csv")
  writeFileSync(path, text)
  const child = Bun.spawn([process.execPath, join(import.meta.dir, script), path, ...args], {
    cwd: resolve(import.meta.dir, ".."),
    env: { PATH: process.env.PATH, DATABASE_URL: database.url, DATA_DIR: folder },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, output: output.replaceAll(path, "file.csv"), errors }
}

test("places first: without them flights are refused with exit code 1", async () => {
  const refused = await run("import-flights.ts", `${HEADER}\n${GOOD}\n`, "--rate", "0.012")
  expect(refused).toMatchObject({ code: 1, output: "" })
  expect(refused.errors).toContain("no places yet")
  expect(await run("import-places.ts", PLACES)).toMatchObject({
    code: 0,
    output: "2 rows read, 0 duplicates and 0 bad rows skipped\n2 places imported, 0 already there\n",
  })
})

test("a bad row is listed with its line, the rest goes in, exit code 2; a duplicate is no failure", async () => {
  const bad = `${HEADER}\n${GOOD}\n${GOOD}\n${GOOD.replace("DEL", "XXX")}\n`
  expect(await run("import-flights.ts", bad, "--rate", "0.012")).toEqual({
    code: 2,
    output: [
      "file.csv:3: skipped: the same flight and day as line 2",
      'file.csv:4: skipped: origin "XXX" is not a known place',
      "3 rows read, 1 duplicates and 1 bad rows skipped",
      "1 flights with 1 departures a week",
      "1 imported, 0 already there, 1 new carriers\n",
    ].join("\n"),
    errors: "",
  })
  const again = await run("import-flights.ts", `${HEADER}\n${GOOD}\n${GOOD}\n`, "--rate", "0.012", "--json")
  expect(again.code).toBe(0)
  expect(JSON.parse(again.output)).toMatchObject({ dry_run: false, rows: 2, imported: 0, already_there: 1 })
})

test.each([
  [["--rate", "0"], "--rate must be a number"],
  [["--rate"], "usage: bun run import:flights"],
  [["--fast"], "usage: bun run import:flights"],
  [["another.csv"], "name one file"],
  [[], "give the rate into USD"],
])("arguments %j end with exit code 1 and a word why", async (args, why) => {
  const { code, errors } = await run("import-flights.ts", `${HEADER}\n${GOOD}\n`, ...args)
  expect(code).toBe(1)
  expect(errors).toContain(why)
})
