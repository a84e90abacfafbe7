import { expect, test } from "bun:test"
import { createUnderWay } from "./under-way.ts"

test("who comes second waits for the first, also when it fails", async () => {
  const underWay = createUnderWay()
  for (const end of ["resolve", "reject"] as const) {
    const work = Promise.withResolvers<string>()
    const first = underWay.during("key", () => work.promise).catch(() => "failed")
    const second = underWay.waited("key")
    work[end]("done")
    expect(await second).toBe(true)
    expect(await first).toBe(end === "resolve" ? "done" : "failed")
    expect(await underWay.waited("key")).toBe(false)
  }
})

test("nobody waits for another key, or for ever", async () => {
  const underWay = createUnderWay()
  const work = Promise.withResolvers<void>()
  const first = underWay.during("key", () => work.promise)
  expect(await underWay.waited("another")).toBe(false)
  expect(await underWay.waited("key")).toBe(true)
  work.resolve()
  await first
})
