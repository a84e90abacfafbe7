import { afterAll, expect, test } from "bun:test"
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ROOT } from "../launcher/settings.ts"
import { median, shortNumber } from "./measurement.ts"
import { makePlaces } from "./network.ts"
import { type Report, table } from "./table.ts"

const LIMIT_MILLISECONDS = 90_000

/** The run's own, to see what it leaves. PostgreSQL under another account passes through it. */
const folder = mkdtempSync(join(tmpdir(), "airside-bench-test-"))
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bench = (...args: string[]) =>
  Bun.spawn([process.execPath, join(ROOT, "scripts/bench.ts"), ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdout: "pipe",
    stderr: "pipe",
  })

test(
  "holds are measured beside their limit, and nothing is left behind",
  async () => {
    const child = bench("--only", "hold", "--rounds", "1", "--seconds", "1", "--daily-flights", "1000", "--json")
    const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    expect([await child.exited, errors]).toEqual([0, expect.stringContaining("hold, round 1/1")])
    const report = JSON.parse(output) as Report
    const [holds] = report.rows
    expect(holds).toMatchObject({ unit: "holds/s", limit: { name: "(c) transactions" }, target: "at least 1000" })
    expect(holds!.figure).toBeGreaterThan(0)
    expect(holds!.ratio).toBeCloseTo(holds!.figure / holds!.limit!.figure)
    expect(holds!.met).toBe(holds!.figure >= 1000)
    expect(report.rounds.hold).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([])
    expect(table(report).split("\n")[2]).toStartWith("holds, distinct departures")
  },
  LIMIT_MILLISECONDS,
)

test(
  "an interrupted run ends what it has started, however far it is",
  async () => {
    const child = bench("--only", "hold", "--daily-flights", "1000")
    const errors = child.stderr.getReader()
    expect(new TextDecoder().decode((await errors.read()).value)).toContain("seeding")
    child.kill("SIGINT")
    expect(await child.exited).toBe(130)
    expect(readdirSync(folder)).toEqual([])
  },
  LIMIT_MILLISECONDS,
)

test("what cannot be measured is told before anything starts", async () => {
  for (const [args, problem] of [
    [["--only", "lunch"], /^no measurement is called lunch: there are hot-search,/],
    [["--rounds", "0"], /^--rounds must be a whole number from 1 to 100\nusage: /],
    [["hold"], /^hold is not understood\nusage: /],
  ] as const) {
    const child = bench(...args)
    expect(await child.exited).toBe(1)
    expect(await new Response(child.stderr).text()).toMatch(problem)
  }
})

test("made-up airports are the same each time, have codes of their own, and lie somewhere in a zone", () => {
  const places = makePlaces(800)
  expect(places).toHaveLength(333)
  expect(places).toEqual(makePlaces(800))
  expect(new Set(places.map(({ code }) => code)).size).toBe(333)
  for (const { code, latitude, longitude, timeZone } of places) {
    expect(code).toMatch(/^[A-Z]{3}$/)
    expect(Math.abs(latitude)).toBeLessThanOrEqual(75)
    expect(Math.abs(longitude)).toBeLessThanOrEqual(180)
    expect(() => new Intl.DateTimeFormat("en", { timeZone })).not.toThrow()
  }
})

test("the table shows medians, and digits that mean something", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7])
  expect([12_345.6, 345.6, 3.456, 0.01234].map(shortNumber)).toEqual(["12 346", "346", "3.46", "0.0123"])
})
