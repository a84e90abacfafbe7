import { expect, test } from "bun:test"
import { together } from "./together.ts"

const done = <Result>(values: readonly Result[]) =>
  values.map((value) => ({ status: "fulfilled", value }) as const satisfies PromiseSettledResult<Result>)
const never = () => false

/** Runs that end when they are told to; each answers its items doubled. */
function heldUp({ width = 1, most = 10 }) {
  const runs: { items: readonly number[]; end: () => void; fail: (error: Error) => void }[] = []
  const double = together<number, number>(
    (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      runs.push({ items, end: resolve, fail: reject })
      return promise.then(() => done(items.map((item) => item * 2)))
    },
    { width, most, isShared: (error) => (error as Error).message === "all" },
  )
  return { runs, double, itemsOf: () => runs.map(({ items }) => items) }
}

test("who finds nothing under way goes at once; who comes meanwhile goes together", async () => {
  const { runs, double, itemsOf } = heldUp({})
  const first = double(1)
  const others = [double(2), double(3)]
  expect(itemsOf()).toEqual([[1]])
  runs[0]!.end()
  expect(await first).toBe(2)
  await Bun.sleep(1)
  expect(itemsOf()).toEqual([[1], [2, 3]])
  runs[1]!.end()
  expect(await Promise.all(others)).toEqual([4, 6])
})

test("so many runs at once, so many in one", async () => {
  const { runs, double, itemsOf } = heldUp({ width: 2, most: 2 })
  const all = Promise.all([1, 2, 3, 4, 5].map(double))
  expect(itemsOf()).toEqual([[1], [2]])
  runs[1]!.end()
  await Bun.sleep(1)
  expect(itemsOf()).toEqual([[1], [2], [3, 4]])
  runs[0]!.end()
  runs[2]!.end()
  await Bun.sleep(1)
  runs[3]!.end()
  expect(await all).toEqual([2, 4, 6, 8, 10])
})

test("nobody fails of another one's fault: what fails together is run alone", async () => {
  const runs: (readonly number[])[] = []
  const halve = together<number, number>(
    async (items) => {
      runs.push(items)
      if (items.some((item) => item % 2 === 1)) throw new Error("odd")
      return done(items.map((item) => item / 2))
    },
    { width: 1, most: 10, isShared: never },
  )
  const outcomes = await Promise.allSettled([2, 4, 5, 6].map(halve))
  expect(outcomes.map((each) => (each.status === "fulfilled" ? each.value : each.reason.message))).toEqual([
    1,
    2,
    "odd",
    3,
  ])
  expect(runs).toEqual([[2], [4, 5, 6], [4], [5], [6]])
})

test("what all would meet again fails all, and the next ones are tried", async () => {
  const { runs, double, itemsOf } = heldUp({})
  const first = double(1)
  const outcomes = Promise.allSettled([double(2), double(3)])
  runs[0]!.end()
  await first
  await Bun.sleep(1)
  runs[1]!.fail(new Error("all"))
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"])
  await Bun.sleep(1)
  const next = double(4)
  expect(itemsOf()).toEqual([[1], [2, 3], [4]])
  runs[2]!.end()
  expect(await next).toBe(8)
})

test("one that is refused leaves the others of its run alone", async () => {
  const run = together<number, number>(
    async (items) =>
      items.map((item) =>
        item > 2 ? { status: "rejected", reason: new Error("too many") } : { status: "fulfilled", value: item },
      ),
    { width: 1, most: 10, isShared: never },
  )
  const outcomes = await Promise.allSettled([1, 2, 3].map(run))
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"])
})
