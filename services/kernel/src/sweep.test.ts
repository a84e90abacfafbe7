import { expect, test } from "bun:test"
import pino from "pino"
import { startSweep } from "./sweep.ts"
import { until } from "./testing.ts"

const silent = pino({ level: "silent" })

test("a sweep never runs twice at once, goes on after failures, and stopping waits for the run under way", async () => {
  let running = 0
  let most = 0
  let runs = 0
  let finished = 0
  const gate = Promise.withResolvers<void>()
  const sweep = startSweep(
    "test",
    1,
    async () => {
      most = Math.max(most, ++running)
      runs++
      try {
        if (runs === 2) throw new Error("once")
        if (runs === 4) await gate.promise
        finished++
      } finally {
        running--
      }
    },
    silent,
  )
  await until(async () => runs === 4)
  let stopped = false
  const stopping = sweep.stop().then(() => {
    stopped = true
  })
  await Promise.resolve()
  expect(stopped).toBe(false)
  gate.resolve()
  await stopping
  expect({ most, runs, finished }).toEqual({ most: 1, runs: 4, finished: 3 })
})

test("stopping does not wait for the pause, and no timer stays", async () => {
  let runs = 0
  const sweep = startSweep("test", 3_600_000, async () => void runs++, silent)
  await until(async () => runs === 1)
  const start = performance.now()
  await sweep.stop()
  await sweep.stop()
  expect(performance.now() - start).toBeLessThan(500)
})

test("work that throws before its first await does not end the sweep", async () => {
  let runs = 0
  const sweep = startSweep(
    "test",
    1,
    () => {
      runs++
      throw new Error("synchronous")
    },
    silent,
  )
  await until(async () => runs > 2)
  await sweep.stop()
})
