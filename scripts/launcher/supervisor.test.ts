import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "@airside/kernel/testing"
import { readable, startChild } from "./child.ts"
import { type Supervisor, supervise, type Unit } from "./supervisor.ts"

let folder: string
const started: Supervisor[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "airside-supervisor-"))
})
afterEach(async () => {
  for (const supervisor of started.splice(0)) await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe("units", () => {
  test("start when their needs are ready and leave in the reverse order", async () => {
    const { supervisor, events } = world([unit("first"), unit("second", ["first"]), unit("third", ["second"])])
    await supervisor.start()
    await supervisor.stop()
    expect(events()).toEqual(["first up", "second up", "third up", "third left", "second left", "first left"])
  })

  test("one that dies is reported by name, exit code and last lines", async () => {
    const { supervisor } = world([unit("first"), unit("second", ["first"])])
    await supervisor.start()
    process.kill(pidOf("second"), "SIGUSR1")
    await expect(supervisor.failed).rejects.toThrow(/^second died \(exit code 7\)(.|\n)*out of fuel/)
  })

  test("one that dies before it is ready keeps the others from starting", async () => {
    const { supervisor, events } = world([unit("first", [], ["die"]), unit("second", ["first"])])
    await expect(supervisor.start()).rejects.toThrow(/^first died \(exit code 7\)/)
    expect(events()).toEqual([])
  })

  test("with restart, one that died comes back", async () => {
    const { supervisor, printed } = world([unit("first")], true)
    await supervisor.start()
    const before = pidOf("first")
    process.kill(before, "SIGKILL")
    await until(async () => printed.includes("first is ready again"), 10, "the restart")
    expect(pidOf("first")).not.toBe(before)
    expect(printed.join("\n")).toContain("first died (signal SIGKILL)")
  })

  test("one that does not drain is killed, and all of it takes at most 5 s", async () => {
    const { supervisor, events, printed } = world([unit("first"), unit("second", ["first"], ["deaf"])])
    await supervisor.start()
    const begun = Date.now()
    await supervisor.stop()
    expect(Date.now() - begun).toBeLessThan(5000)
    expect(events()).toEqual(["first up", "second up", "first left"])
    expect(printed).toContain("second did not leave in time and is killed")
  })

  test("a second stop kills at once", async () => {
    const { supervisor } = world([unit("first", [], ["deaf"])])
    await supervisor.start()
    const begun = Date.now()
    supervisor.stop()
    await supervisor.stop()
    expect(Date.now() - begun).toBeLessThan(1000)
  })
})

test("a line of JSON becomes one for people, other lines stay", () => {
  const line = JSON.stringify({
    level: 50,
    time: "2026-01-01",
    name: "ui",
    msg: "broken",
    port: 8000,
    err: { message: "no" },
  })
  expect(readable(line)).toBe("ERROR broken  port=8000  no")
  expect(readable("{ not JSON")).toBe("{ not JSON")
})

/** A real process: scripts/launcher/test-child.ts. */
function unit(name: string, needs: string[] = [], behaviour: string[] = []): Unit {
  const environment = { EVENTS: join(folder, "events"), PID_FILE: join(folder, `${name}.pid`), NAME: name }
  return {
    name,
    needs,
    start: () => {
      rmSync(environment.PID_FILE, { force: true })
      return startChild({ name, script: "scripts/launcher/test-child.ts", args: behaviour, environment }, () => {})
    },
    ready: () => until(async () => existsSync(environment.PID_FILE), 10, `${name} being ready`).then(() => {}),
  }
}

function world(units: Unit[], restart = false) {
  const printed: string[] = []
  const supervisor = supervise(units, { restart, print: (line) => printed.push(line) })
  started.push(supervisor)
  const path = join(folder, "events")
  const events = () => (existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [])
  return { supervisor, printed, events }
}

const pidOf = (name: string) => Number(readFileSync(join(folder, `${name}.pid`), "utf8"))
