import type { Log } from "./log.ts"

export interface Sweep {
  /** No further run; resolves when the one under way has ended. */
  stop(): Promise<void>
}

/** Runs a piece of upkeep again and again, a pause apart, never twice at once; a failure is logged and tried again. */
export function startSweep(name: string, pauseMilliseconds: number, run: () => Promise<void>, log: Log): Sweep {
  let stopped = false
  let endPause = () => {}
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMilliseconds)
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const loop = (async () => {
    while (!stopped) {
      await Promise.try(run).catch((err) => log.warn({ err, sweep: name }, "sweep failed"))
      if (!stopped) await pause()
    }
  })()
  return {
    stop() {
      stopped = true
      endPause()
      return loop
    },
  }
}
