/** How each item of a run came out, in their order. */
export type Outcomes<Result> = readonly PromiseSettledResult<Result>[]

export interface TogetherOptions {
  /** So many runs at once. */
  width: number
  /** So many items in one run. */
  most: number
  /** True for an error that all would meet again: no use to run each alone. */
  isShared(error: unknown): boolean
}

/**
 * Group commit: whoever finds `width` runs under way waits and is part of the next one, with all others that wait. So
 * nobody waits when little is going on, and the more is going on the less each costs. When a run of several fails as a
 * whole, each is run alone, so that nobody fails of another one's fault.
 */
export function together<Item, Result>(
  run: (items: readonly Item[]) => Promise<Outcomes<Result>>,
  { width, most, isShared }: TogetherOptions,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = []
  let running = 0

  const settle = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const outcomes = await run(group.map(({ item }) => item))
      for (const [index, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[index]!
        if (outcome.status === "fulfilled") resolve(outcome.value)
        else reject(outcome.reason)
      }
    } catch (error) {
      if (group.length === 1 || isShared(error)) for (const { reject } of group) reject(error)
      else await Promise.all(group.map((each) => settle([each])))
    }
  }
  const runNext = () => {
    if (running === width || waiting.length === 0) return
    running++
    settle(waiting.splice(0, most)).finally(() => {
      running--
      runNext()
    })
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      runNext()
    })
}

interface Waiting<Item, Result> {
  item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}
