import { expect, test } from "bun:test"
import { join } from "node:path"
import { ROOT } from "../launcher/settings.ts"
import { INVARIANTS } from "./checker/check.ts"
import { createRandom } from "./random.ts"
import type { Report } from "./report.ts"

/** One round each: a service that dies after its call was answered, a database that dies, money that comes too late. */
const FAULTS = ["kill:payment:after-foreign-call", "postgres:immediate", "race:late-page+webhook:never"]
const LIMIT_MILLISECONDS = 90_000

const chaos = (...args: string[]) =>
  Bun.spawn([process.execPath, join(ROOT, "scripts/chaos.ts"), ...args], { stdout: "pipe", stderr: "pipe" })

test(
  "seats, money and points are right after every fault",
  async () => {
    const child = chaos("--json", "--seed", "3", "--rounds", String(FAULTS.length), "--faults", FAULTS.join(","))
    const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    expect(errors).not.toContain("BROKEN")
    expect(await child.exited).toBe(0)
    const report = JSON.parse(output) as Report
    expect(report.invariants).toEqual(Object.fromEntries(INVARIANTS.map(({ name }) => [name, 0])))
    expect(report.bookings.confirmed).toBeGreaterThan(0)
    expect(report.bookings.expired).toBeGreaterThan(0)
    expect(report.recoverySeconds.p99).toBeLessThan(20)
  },
  LIMIT_MILLISECONDS,
)

test("a fault or a guard that does not exist is told", async () => {
  for (const args of [
    ["--faults", "lunch"],
    ["--break", "lunch"],
  ]) {
    const child = chaos(...args)
    expect(await child.exited).toBe(1)
    expect(await new Response(child.stderr).text()).toMatch(/^no (fault|guard) is called lunch/)
  }
})

test("the same seed decides the same, another one something else", () => {
  const draw = (seed: number) => {
    const random = createRandom("test", seed)
    return [random.uuid(), random.below(1000), random.fork("customer", 1).uuid()]
  }
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})
