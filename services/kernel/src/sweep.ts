import type { Log } from "./log.ts"

/** Runs a piece of upkeep again and again, a pause apart, never twice at once; a failure is logged and tried again. */
export function startSweep(
  name: string,
  pauseMilliseconds: number,
  run: () => Promise<void>,
  log: Log,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMilliseconds)
      stopping.signal.addEventListener("abort", () => {
        clearTimeout(timer)
        resolve()
      })
    })
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await run().catch((err) => log.warn({ err, sweep: name }, "sweep failed"))
      if (!stopping.signal.aborted) await pause()
    }
  })()
  return {
    stop() {
      stopping.abort()
      return loop
    },
  }
}
